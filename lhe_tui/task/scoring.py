"""The one scoring function: what a reply is worth, given what the model was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lhe_tui.task.answers import FORMAT_FAILURES, Outcome, Reading, Value, unscored_outcome
from lhe_tui.task.stats.proportions import Horizon, Interval, horizon, wilson

Rules = Literal["strict", "reference"]


class Score(NamedTuple):
    """One turn's score. `expected` is what would have been turn-correct."""

    outcome: Outcome
    expected: Value
    absolute: bool


def score_strict(reading: Reading, finish: str, expected: Value, truth: Value) -> Score:
    """Score by this product's rules: against what is expected after the shown history, and against the truth."""
    unscored = unscored_outcome(reading, finish)
    if unscored is not None:
        return Score(unscored, expected, False)
    return Score("correct" if reading.number == expected else "wrong", expected, reading.number == truth)


@dataclass(slots=True)
class TurnTally:
    """Counts over the samples that finished one turn; `n` leaves out samples that have failed."""

    n: int = 0
    correct: int = 0
    absolute: int = 0
    task: int = 0
    format_failures: int = 0
    failed: int = 0

    def count(self, outcome: Outcome, absolute: bool, task: bool) -> None:
        """Add one sample's turn."""
        if outcome == "failed":
            self.failed += 1
            return
        self.n += 1
        self.correct += outcome == "correct"
        self.absolute += absolute
        self.task += task
        self.format_failures += outcome in FORMAT_FAILURES


Curve = Literal["turn", "absolute", "task"]
_COUNTED = {"turn": "correct", "absolute": "absolute", "task": "task"}


def counts(tallies: Sequence[TurnTally], curve: Curve) -> list[tuple[int, int]]:
    """(successes, n) for each turn of a curve."""
    name = _COUNTED[curve]
    return [(getattr(tally, name), tally.n) for tally in tallies]


def accuracies(tallies: Sequence[TurnTally], curve: Curve) -> list[float | None]:
    """A curve's accuracy for each turn; None where no sample is left to count."""
    return [successes / n if n else None for successes, n in counts(tallies, curve)]


def intervals(tallies: Sequence[TurnTally], curve: Curve) -> list[Interval | None]:
    """A curve's Wilson 95 % interval for each turn."""
    return [wilson(successes, n) for successes, n in counts(tallies, curve)]


def horizon_length(tallies: Sequence[TurnTally], s: float) -> Horizon:
    """H_s in turns, with its range; none where the first turn was not asked but given."""
    if tallies and not tallies[0].n:
        return Horizon(None, None, None)
    return horizon(counts(tallies, "task"), s)
