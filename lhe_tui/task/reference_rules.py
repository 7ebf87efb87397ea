"""The published harness's own rules, so that an imported run shows the numbers that its file holds.

It has two evaluators. `live` scores while a run goes on and fills eval_step_results.json; `saved` scores at the end and
fills experiment_results.json. They agree but for what follows a reply without a number: `live` carries the last sum
forward, `saved` holds the next turn wrong, and does not know of filled histories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lhe_tui.task.answers import Outcome, Reading, Span, unscored_outcome
from lhe_tui.task.scoring import Score

Evaluator = Literal["live", "saved"]
NO_NUMBER = -99_999
"""What a reply without a number counts as under a filled history."""

_FIRST_TAG = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
_CLOSED_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class ReferenceRun:
    """What a run of the published harness showed its model, and measured the answers by."""

    evaluator: Evaluator = "live"
    measured: tuple[tuple[int | None, ...], ...] = ()
    """For each sample and turn the sum that its answer was measured against; None, or missing: the true one."""
    filled: tuple[bool, ...] = ()
    """For each turn whether the history was filled with the measured sums in place of the model's own answers."""

    def measured_at(self, sample: int, turn: int) -> int | None:
        """The sum that a turn was measured against where it is told."""
        row = self.measured[sample - 1] if sample <= len(self.measured) else ()
        return row[turn - 1] if turn <= len(row) else None

    def filled_at(self, turn: int) -> bool:
        """Whether the answer of a turn stood in the history as the measured sum."""
        return turn <= len(self.filled) and self.filled[turn - 1]

    def given(self, sample: int) -> tuple[int | None, ...]:
        """For each turn the answer that the history showed in place of the model's own; None: its own."""
        row = self.measured[sample - 1] if sample <= len(self.measured) else ()
        return tuple(number if self.filled_at(turn) else None for turn, number in enumerate(row, 1))


class ReferenceCase(NamedTuple):
    """What a turn is judged by: the sum carried so far, and the measured sums of the turn before and of this one."""

    first: bool
    carried: int | None
    """None: a reply without a number broke the chain (`saved`)."""
    before: int | None
    """The measured sum of the turn before where the history was filled, else None."""
    measured: int
    turn_sum: int


def read_reference(reply: str, thinking: bool) -> Reading:
    """What the harness reads in a reply: the first tag, and in it whatever Python takes for an integer."""
    if thinking:
        reply = _CLOSED_THINKING.sub("", reply)
    tag = _FIRST_TAG.search(reply)
    if tag is None:
        return Reading(None, None)
    try:
        return Reading(Span(*tag.span(1)), int(tag[1].strip()))
    except ValueError:
        return Reading(Span(*tag.span(1)), None)


def score_reference(
    reading: Reading, finish: str, case: ReferenceCase, evaluator: Evaluator
) -> tuple[Score, int | None]:
    """(score, the sum carried on) by the harness's rules. A failed turn stays a failed one: it is asked again."""
    number = reading.number if isinstance(reading.number, int) else None
    absolute = number == case.measured
    unscored = unscored_outcome(reading, finish)
    if unscored == "failed":
        return Score("failed", case.measured, False), case.carried
    if evaluator == "saved":
        expected = None if case.carried is None else case.carried + case.turn_sum
        correct = number is not None and number == expected
        carried = number
    elif case.first:
        expected, correct = case.measured, absolute
        carried = number or 0
    else:
        filled = case.before is not None
        carried = number if number is not None else NO_NUMBER if filled else case.carried
        base = case.before if case.before is not None else case.carried
        expected = None if base is None else base + case.turn_sum
        correct = carried is not None and carried == expected
    outcome: Outcome = "correct" if correct else unscored or "wrong"
    return Score(outcome, case.measured if expected is None else expected, absolute), carried
