"""Why a turn is not correct, in one short line: the diagnosis's likeliest slip, computed once per turn."""

from __future__ import annotations

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.text.visible import visible
from lhe_tui.tui.turn.run_words import OUTCOME_WORD, off_words, whole

SURE = 0.6
"""The weight from which a slip is named without a rival."""
_KEPT = 4096


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
        detail = diagnosis_of(state, sample, record.turn)[0].detail
        return visible(f"{OUTCOME_WORD[record.outcome]}: {detail}", limit=300)
    start = "no starting sum in view" if record.basis is None else f"started from {whole(record.basis)}"
    return f"{_slip_words(state, sample, record)} · {start}"


def _slip_words(state: RunState, sample: int, record: TurnRecord) -> str:
    off = off_words(record.number or 0, record.expected)
    suspects = diagnosis_of(state, sample, record.turn)
    if not suspects or suspects[0].slip == "unexplained":
        return f"off by {off}"
    first = suspects[0]
    if first.weight >= SURE or len(suspects) == 1:
        return f"{visible(first.words, limit=60)} ({off})"
    return f"{visible(first.words, limit=60)}? ({off})"
