"""Intervals for proportions and the horizon length H_s, with its two kinds of uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from lhe_tui.task.stats.t_distribution import t_quantile

Z_95 = 1.959963984540054
_LEAST_DESIGN_EFFECT = 0.5


class Interval(NamedTuple):
    """A closed interval; for a proportion both ends lie in 0..1."""

    low: float
    high: float


class Horizon(NamedTuple):
    """H_s as a turn (from 1), and the range that the Wilson bounds allow; None means never below s."""

    turn: int | None
    low: int | None
    high: int | None


@lru_cache(maxsize=65_536)
def wilson(successes: float, n: float, z: float = Z_95) -> Interval | None:
    """Wilson score interval of a proportion from counts; None where nothing was counted."""
    if n == 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0..{n}, got {successes}")
    rate = successes / n
    spread = z * z / n
    centre = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    # The exact bounds at 0/n and n/n are 0 and 1; rounding must not move them inside.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(low, high)


def clustered_interval(counts: Sequence[tuple[int, int]]) -> Interval | None:
    """95 % interval of a rate pooled over turns, from each sample's (right, n); None from fewer than two samples.

    Turns of one sample hang together: Wilson's interval at the number of turns that would, each by itself, give the
    variance seen between samples, with Student's t over samples. One turn a sample is plain Wilson.
    """
    counts = [(right, size) for right, size in counts if size]
    groups, n = len(counts), sum(size for _, size in counts)
    right = sum(correct for correct, _ in counts)
    if groups == n:
        return wilson(right, n)
    if groups < 2:
        return None
    rate = right / n
    between = groups / (groups - 1) * sum((correct - rate * size) ** 2 for correct, size in counts)
    # Few errors show hardly any spread between samples, by chance: not more than twice the turns are believed.
    effect = max(_LEAST_DESIGN_EFFECT, between / (n * rate * (1 - rate))) if 0 < right < n else 1.0
    return wilson(right / effect, n / effect, t_quantile(0.975, groups - 1))


class PooledShare(NamedTuple):
    """A share pooled over the turns of several samples, its interval taken by sample."""

    correct: int
    n: int
    interval: Interval | None

    @classmethod
    def of(cls, counts: Sequence[tuple[int, int]]) -> PooledShare:
        """From each sample's (right, n)."""
        return cls(sum(right for right, _ in counts), sum(n for _, n in counts), clustered_interval(counts))


def horizon(task_correct: Sequence[tuple[int, int]], s: float) -> Horizon:
    """H_s from (successes, n) of each turn's task accuracy; turns where nothing was counted say nothing."""
    turn = low = high = None
    for number, (successes, n) in enumerate(task_correct, 1):
        interval = wilson(successes, n)
        if interval is None:
            continue
        if low is None and interval.low < s:
            low = number
        if turn is None and successes / n < s:
            turn = number
        if interval.high < s:
            high = number
            break
    return Horizon(turn, low, high)
