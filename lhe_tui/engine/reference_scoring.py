"""Turns of a run scored by the published harness's rules: what they need is gathered here from the fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lhe_tui.engine.events import RunStarted, TurnFinished
from lhe_tui.task.answers import Reading
from lhe_tui.task.controls import Controls
from lhe_tui.task.history import SampleHistory, shown_answer
from lhe_tui.task.reference_rules import ReferenceCase, read_reference, score_reference
from lhe_tui.task.scoring import Score

if TYPE_CHECKING:
    from lhe_tui.engine.state import SampleState


def score_by_reference(
    header: RunStarted, sample: SampleState, event: TurnFinished, controls: Controls
) -> tuple[Reading, Score]:
    """The reading and the score of a turn; the sample's carried sum moves on."""
    reading = read_reference(event.reply, controls.mode == "thinking")
    case = _case(header, sample, event, controls, reading.number)
    evaluator = header.reference.evaluator if header.reference is not None else "live"
    score, sample.carried = score_reference(reading, event.finish, case, evaluator)
    return reading, score


def _case(
    header: RunStarted, sample: SampleState, event: TurnFinished, controls: Controls, number: int | None
) -> ReferenceCase:
    history, turn, told = sample.history, event.turn, header.reference
    before: int | None = None
    if told is not None:
        measured = told.measured_at(event.sample, turn)
        if turn > 1 and told.filled_at(turn):
            before = told.measured_at(event.sample, turn - 1)
    else:
        measured, before = _own_filling(header, history, event, controls, number)
    truth = history.truth(turn)
    return ReferenceCase(
        turn == 1, sample.carried, before, truth if measured is None else measured, history.turn_sum(turn)
    )


def _own_filling(
    header: RunStarted, history: SampleHistory, event: TurnFinished, controls: Controls, number: int | None
) -> tuple[int | None, int | None]:
    """(measured, measured before): our injection over the true sums is what the harness calls a filled history."""
    injection, turn = controls.injection, event.turn
    if injection.base != "truth" or turn < (injection.since or 1):
        return None, None
    truth, seed = history.truth(turn), header.injection_seed
    measured, _ = shown_answer(injection, number, truth, truth, seed, header.sample_id(event.sample), turn)
    before = history.shown(injection).numbers[-1] if turn > (injection.since or 1) else None
    return measured, before
