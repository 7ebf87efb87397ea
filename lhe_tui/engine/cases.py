"""From the fold to the diagnosis: each finished turn as the case that the diagnosis judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lhe_tui.engine.requests import history_before
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.diagnosis.diagnose import Suspect, diagnose
from lhe_tui.task.diagnosis.slip_case import LOOKBACK, Case
from lhe_tui.task.history import SampleHistory


def case_of(state: RunState, sample: int, turn: int, history: SampleHistory | None = None) -> Case:
    """The case of one finished turn.

    `history` is a copy of the sample's, up to this turn or beyond; without it, a policy that judges past turns costs
    O(turn), everything else O(1).
    """
    record, controls, task = state.samples[sample - 1].turns[turn - 1], state.controls_at(turn), state.task
    if history is None:
        own = not controls.pruning.selects
        history = state.samples[sample - 1].history if own else history_before(state, sample, turn)
    visible = history.kept(controls, turn)[-LOOKBACK - 1 :]
    shown = [history.shown_answer(index, controls.injection) for index in visible]
    # Whole numbers are judged as such; any other answer only by what it equals.
    as_they_are: dict[str, Any] = {
        "basis": record.basis,
        "values": task.values(sample, turn),
        "dictionary": task.dictionary,
        "past_answers": tuple(number for number, _ in shown),
        "answer": record.number,
    }
    return Case(
        **as_they_are,
        truth_before=history.truth(0 if task.stateless else turn - 1),
        keys=task.keys(sample, turn),
        past_injected=tuple(provenance == "injected" for _, provenance in shown),
        past_keys=tuple(task.keys(sample, index + 1) for index in visible),
        outcome=record.outcome,
        reply=record.content,
        mode=controls.mode,
        variant=task.spec.variant,
    )


def diagnosis_of(state: RunState, sample: int, turn: int) -> tuple[Suspect, ...]:
    """What probably went wrong in one finished turn; empty for a correct one, and for an edited one."""
    record = state.samples[sample - 1].turns[turn - 1]
    return diagnose(case_of(state, sample, turn)) if record.mistaken or record.outcome == "failed" else ()


def wrong_cases(state: RunState, sample: int) -> Iterator[tuple[TurnRecord, Case]]:
    """The turns of a sample that are not correct, in order, each with its case. Costs O(turns) in all."""
    turns = state.samples[sample - 1].turns
    history = history_before(state, sample, len(turns) + 1)
    for record in list(turns):
        if record.outcome == "failed" or record.turn > len(history):
            return
        if record.mistaken:
            yield record, case_of(state, sample, record.turn, history)


def slip_counts(state: RunState) -> Counter[str]:
    """How often each slip is the likeliest explanation, over all turns that are not correct."""
    likeliest: Counter[str] = Counter()
    for sample in range(1, len(state.samples) + 1):
        for _, case in wrong_cases(state, sample):
            suspects = diagnose(case)
            if suspects:
                likeliest[suspects[0].slip] += 1
    return likeliest
