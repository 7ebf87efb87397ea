"""Recovery: is a sample right again after an error in view, and for how long does the error go on to hurt?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lhe_tui.task.stats.proportions import Interval, clustered_interval

WITHIN = (1, 5)
"""The turns after an error within which it is asked whether the sample is right again."""
LAGS = 5


class Step(NamedTuple):
    """One turn: whether the last shown answer was a new error, and whether this turn's answer was right."""

    fresh_error: bool
    right: bool


class Chance(NamedTuple):
    """A rate (0..1) with its 95 % interval by sample, over so many cases."""

    rate: float
    low: float
    high: float
    n: int


class Recovery(NamedTuple):
    """`within`: the chance to be right at least once in the m turns after a new error in view (m to chance).

    `by_lag`: accuracy 1, 2, … turns after the newest error in view; `sound`: accuracy with none that near.
    """

    within: dict[int, Chance]
    by_lag: tuple[Chance | None, ...]
    sound: Chance | None


def recovery(samples: Sequence[Sequence[Step]]) -> Recovery | None:
    """Recovery over all samples; None where no error was in view. Errors too near the end to follow are left out."""
    if not any(step.fresh_error for steps in samples for step in steps):
        return None
    within = {m: _chance([_again(steps, m) for steps in samples]) for m in WITHIN}
    lags = [_by_lag(steps) for steps in samples]
    by_lag = tuple(_chance([sample[lag] for sample in lags]) for lag in range(LAGS))
    return Recovery(
        {m: chance for m, chance in within.items() if chance is not None},
        by_lag,
        _chance([sample[LAGS] for sample in lags]),
    )


def _again(steps: Sequence[Step], m: int) -> tuple[int, int]:
    """(right again, errors) among the new errors that m turns follow."""
    starts = [at for at, step in enumerate(steps) if step.fresh_error and at + m <= len(steps)]
    return sum(any(step.right for step in steps[at : at + m]) for at in starts), len(starts)


def _by_lag(steps: Sequence[Step]) -> list[tuple[int, int]]:
    """(right, turns) by how many turns ago the newest error came into view; the last entry: longer ago, or none."""
    found = [[0, 0] for _ in range(LAGS + 1)]
    lag = LAGS
    for step in steps:
        lag = 0 if step.fresh_error else min(LAGS, lag + 1)
        found[lag][0] += step.right
        found[lag][1] += 1
    return [(right, n) for right, n in found]


def _chance(counts: Sequence[tuple[int, int]]) -> Chance | None:
    n = sum(size for _, size in counts)
    if not n:
        return None
    low, high = clustered_interval(counts) or Interval(0.0, 1.0)
    return Chance(sum(right for right, _ in counts) / n, low, high, n)
