"""From the fold to the diagnosis: each finished turn as the case that the diagnosis judges (DESIGN §2.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lhe_tui.engine.requests import history_before
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.controls import Controls
from lhe_tui.task.diagnosis.diagnose import Suspect, diagnose
from lhe_tui.task.diagnosis.slip_case import LOOKBACK, Case
from lhe_tui.task.history import SampleHistory


def case_of(state: RunState, sample: int, turn: int) -> Case:
    """The case of one finished turn. Costs O(turn)."""
    record = state.samples[sample - 1].turns[turn - 1]
    return case_after(state, sample, record, history_before(state, sample, turn), state.controls_at(turn))


def diagnosis_of(state: RunState, sample: int, turn: int) -> tuple[Suspect, ...]:
    """What probably went wrong in one finished turn; empty for a correct one."""
    record = state.samples[sample - 1].turns[turn - 1]
    return () if record.outcome == "correct" else diagnose(case_of(state, sample, turn))


def wrong_cases(state: RunState, sample: int) -> Iterator[tuple[TurnRecord, Case]]:
    """The turns of a sample that are not correct, in order, each with its case. Costs O(turns) in all."""
    whole = state.samples[sample - 1].history
    history = whole.before(1)
    for record in state.samples[sample - 1].turns:
        if record.outcome == "failed":
            return
        if record.outcome != "correct":
            yield record, case_after(state, sample, record, history, state.controls_at(record.turn))
        history.add_next_of(whole)


def slip_counts(state: RunState) -> Counter[str]:
    """How often each slip is the likeliest explanation, over all turns that are not correct."""
    likeliest: Counter[str] = Counter()
    for sample in range(1, len(state.samples) + 1):
        for _, case in wrong_cases(state, sample):
            suspects = diagnose(case)
            if suspects:
                likeliest[suspects[0].slip] += 1
    return likeliest


def case_after(
    state: RunState, sample: int, record: TurnRecord, history: SampleHistory, controls: Controls
) -> Case:
    """The case of a turn whose history up to it is at hand."""
    turn, task = record.turn, state.task
    shown = history.shown(controls.injection)
    visible = _last_shown_turns(history, controls, turn)
    keys = task.keys(sample, turn)
    truth_before = 0 if task.stateless else record.truth - history.turn_sum(turn)
    return Case(
        basis=record.basis,
        truth_before=truth_before,
        keys=keys,
        values=task.values(sample, turn),
        dictionary=task.dictionary,
        past_answers=tuple(shown.numbers[index] for index in visible),
        past_injected=tuple(shown.provenance[index] == "injected" for index in visible),
        past_keys=tuple(task.keys(sample, index + 1) for index in visible),
        answer=record.number,
        outcome=record.outcome,
        reply=record.content,
        mode=controls.mode,
        variant=task.spec.variant,
    )


def _last_shown_turns(history: SampleHistory, controls: Controls, turn: int) -> list[int]:
    """Indices of the last few past turns in view, oldest first."""
    if controls.pruning.policy == "drop-wrong":
        return history.shown(controls.injection).kept[-LOOKBACK - 1 :]
    first = history.view(controls).first
    return list(range(max(first - 1, turn - LOOKBACK - 2), turn - 1))
