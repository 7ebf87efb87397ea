"""Turns of a run scored by the published harness's rules: what they need is gathered here from the fold."""

from __future__ import annotations

from typing import Any

from lhe_tui.engine.events import RunStarted, TurnFinished
from lhe_tui.task.answers import Reading, Value
from lhe_tui.task.controls import Controls
from lhe_tui.task.history import SampleHistory, shown_answer
from lhe_tui.task.reference_rules import ReferenceCase, read_reference, score_reference
from lhe_tui.task.scoring import Score


def score_by_reference(
    header: RunStarted, history: SampleHistory, carried: int | None, event: TurnFinished, controls: Controls
) -> tuple[Reading, Score, int | None]:
    """The reading and the score of a turn, and the sum that is carried on from there; `carried` is that from before."""
    reading = read_reference(event.reply, controls.mode == "thinking")
    measured, before = _measured(header, history, event, controls, reading.number)
    case = ReferenceCase(event.turn == 1, carried, before, measured, history.gain(event.turn))
    evaluator = header.reference.evaluator if header.reference is not None else "live"
    return reading, *score_reference(reading, event.finish, case, evaluator)


def _measured(
    header: RunStarted, history: SampleHistory, event: TurnFinished, controls: Controls, number: Value | None
) -> tuple[int, int | None]:
    """(what the answer is measured against, what the one before was): the truth, or a filled history's own sums."""
    turn, told = event.turn, header.reference
    before: int | None = None
    if told is not None:
        measured = told.measured_at(event.sample, turn)
        if turn > 1 and told.filled_at(turn):
            before = told.measured_at(event.sample, turn - 1)
    else:
        measured, before = _own_filling(header, history, event, controls, number)
    return history.truth(turn) if measured is None else measured, before


def _own_filling(
    header: RunStarted, history: SampleHistory, event: TurnFinished, controls: Controls, number: Value | None
) -> tuple[int | None, int | None]:
    """(measured, measured before): our injection over the true sums is what the harness calls a filled history."""
    injection, turn = controls.injection, event.turn
    if injection.base != "truth" or turn < (injection.since or 1):
        return None, None
    truth, seed = history.truth(turn), header.injection_seed
    shown: Any = shown_answer(
        header.task.variant, injection, number, truth, truth, seed, header.sample_id(event.sample), turn
    )
    before: Any = history.shown(injection).numbers[-1] if turn > (injection.since or 1) else None
    return shown[0], before
