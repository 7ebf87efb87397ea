"""Bootstrap by sample of the horizon length H_s, alone and as a paired difference."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from lhe_tui.task.stats.survival import SampleOutcome
from lhe_tui.task.stats.t_distribution import t_quantile

RESAMPLES = 2_000


class BootstrapHorizon(NamedTuple):
    """H_s as a turn (from 1) with a 95 % interval; None means beyond the turns seen."""

    turn: int | None
    low: int | None
    high: int | None
    samples: int


class HorizonDifference(NamedTuple):
    """H_s of the second minus that of the first, in turns, with a 95 % interval over paired samples.

    A horizon beyond the turns seen counts as the last turn + 1. `censored` is the share of resamples in which that
    happened: where it is not 0, an end of the interval may be a bound and not a value.
    `standard_error` is that of the difference, in turns.
    """

    difference: int
    low: int
    high: int
    standard_error: float
    censored: float
    samples: int


def horizon_of(sample_outcomes: Sequence[SampleOutcome], s: float) -> int | None:
    """The first turn at which task accuracy is below s; a sample counts up to its last scored turn."""
    scored = sorted(fate.turns_scored for fate in sample_outcomes)
    if not scored:
        return None
    fallen = sorted(
        (fate.first_wrong, fate.turns_scored) for fate in sample_outcomes if fate.first_wrong is not None
    )
    if scored[0] == scored[-1]:
        return _uncensored([first for first, _ in fallen], len(scored), s)
    return _censored(fallen, scored, s)


def _uncensored(fallen: list[int], n: int, s: float) -> int | None:
    """Every sample was scored to the end: H_s is an order statistic of the first wrong turns."""
    # The smallest count of fallen samples that leaves fewer than s standing.
    needed = max(1, n - math.ceil(s * n) + 1)
    while needed > 1 and (n - needed + 1) / n < s:
        needed -= 1
    while needed <= n and (n - needed) / n >= s:
        needed += 1
    return fallen[needed - 1] if needed <= len(fallen) else None


def _censored(fallen: list[tuple[int, int]], scored: list[int], s: float) -> int | None:
    # Accuracy falls when a sample errs and also when one that stands leaves the count: look just after each.
    firsts = [first for first, _ in fallen]
    gone = sorted(last for _, last in fallen)
    turns = sorted({*firsts, *(last + 1 for last in scored)})
    for turn in turns:
        counted = len(scored) - bisect_right(scored, turn - 1)
        if not counted:
            return None
        down = bisect_right(firsts, turn) - bisect_right(gone, turn - 1)
        if (counted - down) / counted < s:
            return turn
    return None


def bootstrap_horizon(
    sample_outcomes: Sequence[SampleOutcome], s: float, rng: Random, resamples: int = RESAMPLES
) -> BootstrapHorizon:
    """H_s with its percentile interval over resampled samples; whole turns make it conservative when H_s is small."""
    beyond = max((fate.turns_scored for fate in sample_outcomes), default=0) + 1
    draws = sorted(
        horizon_of(rng.choices(sample_outcomes, k=len(sample_outcomes)), s) or beyond
        for _ in range(resamples if sample_outcomes else 0)
    )
    if not draws:
        return BootstrapHorizon(None, None, None, 0)
    low, high = percentile_ends(draws, len(sample_outcomes))
    return BootstrapHorizon(
        horizon_of(sample_outcomes, s),
        low if low < beyond else None,
        high if high < beyond else None,
        len(sample_outcomes),
    )


def paired_horizon_difference(
    pairs: Sequence[tuple[SampleOutcome, SampleOutcome]], s: float, rng: Random, resamples: int = RESAMPLES
) -> HorizonDifference | None:
    """Compare H_s of two runs over the same plans, resampling both together; None without samples."""
    if not pairs:
        return None
    beyond = max(fate.turns_scored for pair in pairs for fate in pair) + 1
    draws, censored = [], 0
    for _ in range(resamples):
        drawn = rng.choices(pairs, k=len(pairs))
        first, second = _both(drawn, s)
        censored += first is None or second is None
        draws.append((second or beyond) - (first or beyond))
    first, second = _both(pairs, s)
    draws.sort()
    low, high = percentile_ends(draws, len(pairs))
    mean = sum(draws) / resamples
    error = math.sqrt(sum((draw - mean) ** 2 for draw in draws) / max(1, resamples - 1))
    difference = (second or beyond) - (first or beyond)
    return HorizonDifference(difference, low, high, error, censored / resamples, len(pairs))


def _both(pairs: Sequence[tuple[SampleOutcome, SampleOutcome]], s: float) -> tuple[int | None, int | None]:
    return horizon_of([first for first, _ in pairs], s), horizon_of([second for _, second in pairs], s)


def percentile_ends(draws: Sequence[int], samples: int) -> tuple[int, int]:
    """The ends of the 95 % interval among sorted draws, taken outwards.

    The plain 2.5 % points are too close from few samples; these are widened as Student's t is (Hesterberg's
    "expanded percentile" interval).
    """
    wide = t_quantile(0.975, max(1, samples - 1)) * math.sqrt(samples / max(1, samples - 1))
    edge = math.floor(math.erfc(wide / math.sqrt(2)) / 2 * len(draws))
    return draws[edge], draws[len(draws) - 1 - edge]
