"""Why a turn is not correct, in one short line: the diagnosis's likeliest slip, computed once per turn."""

from __future__ import annotations

from lhe_tui.engine.cases import case_of
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.diagnosis.diagnose import diagnose
from lhe_tui.task.diagnosis.slip_case import LOOKBACK, Case
from lhe_tui.task.history import shown_answer
from lhe_tui.text.visible import visible
from lhe_tui.tui.turn.run_words import OUTCOME_WORD, signed, whole

SURE = 0.6
"""The weight from which a slip is named without a rival."""
_KEPT = 4096


def turn_case(state: RunState, sample: int, record: TurnRecord) -> Case:
    """A turn as the diagnosis sees it: `case_of` without its O(turn), where what was in view is the last few turns."""
    turns = state.samples[sample - 1].turns
    task, turn = state.task, record.turn
    controls = state.controls_at(turn)
    if controls.pruning.policy == "drop-wrong":
        return case_of(state, sample, turn)
    past = turns[max(record.view.first - 1, turn - LOOKBACK - 2, 0) : turn - 1]
    shown = [
        shown_answer(
            controls.injection,
            earlier.number,
            earlier.truth,
            earlier.expected,
            state.header.injection_seed,
            state.header.sample_id(sample),
            earlier.turn,
        )
        for earlier in past
    ]
    return Case(
        basis=record.basis,
        truth_before=record.truth - sum(task.values(sample, turn)),
        keys=task.keys(sample, turn),
        values=task.values(sample, turn),
        dictionary=task.dictionary,
        past_answers=tuple(number for number, _ in shown),
        past_injected=tuple(provenance == "injected" for _, provenance in shown),
        past_keys=tuple(task.keys(sample, earlier.turn) for earlier in past),
        answer=record.number,
        outcome=record.outcome,
        reply=record.content,
        mode=controls.mode,
        variant=task.spec.variant,
    )


class TurnReasons:
    """The reasons of one run, each computed when it is first looked at."""

    def __init__(self) -> None:
        self._known: dict[TurnRecord, str] = {}

    def of(self, state: RunState, sample: int, record: TurnRecord) -> str:
        """One line: the likeliest slip and where the turn started from; visible text."""
        reason = self._known.get(record)
        if reason is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            reason = self._known[record] = _reason(state, sample, record)
        return reason


def _reason(state: RunState, sample: int, record: TurnRecord) -> str:
    if record.outcome == "failed":
        return visible(record.event.error, limit=300) or "no reply after all retries"
    if record.outcome != "wrong" or record.number is None:
        detail = diagnose(turn_case(state, sample, record))[0].detail
        return visible(f"{OUTCOME_WORD[record.outcome]}: {detail}", limit=300)
    basis = "no basis in view" if record.basis is None else f"basis {whole(record.basis)}"
    return f"{_slip_words(state, sample, record)} · {basis}"


def _slip_words(state: RunState, sample: int, record: TurnRecord) -> str:
    off = signed((record.number or 0) - record.expected)
    suspects = diagnose(turn_case(state, sample, record))
    if not suspects or suspects[0].slip == "unexplained":
        return f"off by {off}"
    first = suspects[0]
    if first.weight >= SURE or len(suspects) == 1:
        return f"{visible(first.words, limit=60)} ({off})"
    return f"{visible(first.words, limit=60)}? ({off})"
