"""Intervals for proportions and the horizon length H_s, with its two kinds of uncertainty (DESIGN §2.4)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

Z_95 = 1.959963984540054


class Interval(NamedTuple):
    """A closed interval; for a proportion both ends lie in 0..1."""

    low: float
    high: float


class Horizon(NamedTuple):
    """H_s as a turn (from 1), and the range that the Wilson bounds allow; None means never below s."""

    turn: int | None
    low: int | None
    high: int | None


class BootstrapHorizon(NamedTuple):
    """H_s as a turn (from 1) with a 95 % bootstrap interval by sample; None means beyond the turns seen."""

    turn: int | None
    low: int | None
    high: int | None
    resamples: int


class FirstWrong(NamedTuple):
    """One sample's fate: its first wrong turn (from 1) or None, and the last turn that was scored."""

    turn: int | None
    turns_scored: int


@lru_cache(maxsize=65_536)
def wilson(successes: int, n: int, z: float = Z_95) -> Interval | None:
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
