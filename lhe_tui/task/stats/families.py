"""Many comparisons at once: a trend in place of the best against the worst, and p-values that know their family."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import product
from operator import mul
from random import Random
from typing import NamedTuple

from lhe_tui.task.stats.t_distribution import t_cdf, t_quantile

_FLIPS = 1_000
_SEED = 20250911
FEWEST_FOR_05 = 6
"""Samples from which a sign-flip test can reach p < .05 at all: with 5 the smallest is 2 of 32."""


class Trend(NamedTuple):
    """How much an accuracy changes (-1..1) from the least x to the largest, along a straight line, by sample."""

    change: float
    low: float
    high: float
    p_value: float
    samples: int


class Point(NamedTuple):
    """`right` of `n` turns of one sample at x; points of one sample (a plan in several cells) share its number."""

    sample: int
    x: float
    right: int
    n: int


def trend(points: Iterable[Point]) -> Trend | None:
    """The straight line of accuracy on x by least squares, clustered by sample, with Student's t over samples.

    None where x does not vary or there are fewer than three samples.
    """
    seen = [point for point in points if point.n]
    n = sum(point.n for point in seen)
    samples = len({point.sample for point in seen})
    if samples < 3 or len({point.x for point in seen}) < 2:
        return None
    mean_x = sum(point.x * point.n for point in seen) / n
    mean = sum(point.right for point in seen) / n
    square = sum(point.n * (point.x - mean_x) ** 2 for point in seen)
    slope = sum((point.x - mean_x) * (point.right - mean * point.n) for point in seen) / square
    scores: dict[int, float] = {}
    for point in seen:
        residual = point.right - point.n * (mean + slope * (point.x - mean_x))
        scores[point.sample] = scores.get(point.sample, 0.0) + (point.x - mean_x) * residual
    error = math.sqrt(samples / (samples - 1) * sum(score**2 for score in scores.values())) / square
    span = max(point.x for point in seen) - min(point.x for point in seen)
    half = t_quantile(0.975, samples - 1) * error
    p_value = 2 * (1 - t_cdf(abs(slope) / error, samples - 1)) if error else 1.0 if not slope else 0.0
    return Trend(slope * span, (slope - half) * span, (slope + half) * span, min(1.0, p_value), samples)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for being many (Holm), in the order given."""
    adjusted, running, n = [0.0] * len(p_values), 0.0, len(p_values)
    for rank, at in enumerate(sorted(range(n), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (n - rank) * p_values[at]))
        adjusted[at] = running
    return adjusted


def max_t(rows: Sequence[Sequence[float]]) -> list[float]:
    """Adjusted p-values of a family of paired differences: one row a sample, one column a comparison.

    Under the null a sample's row is as likely with the other sign, as a whole: the largest |t| of the family over sign
    patterns (all of them, or 1,000 drawn ones) is what each comparison's own |t| is held against (Westfall and Young's
    single step). Comparisons that hang together cost less than under Holm.
    """
    columns = list(zip(*rows, strict=True))
    sizes = [math.sqrt(sum(value * value for value in column)) for column in columns]
    live = [(column, size) for column, size in zip(columns, sizes, strict=True) if size]
    observed = [abs(sum(c)) / size if size else 0.0 for c, size in zip(columns, sizes, strict=True)]
    reached, patterns = [0] * len(columns), 0
    for signs in _sign_patterns(len(rows)):
        top = max((abs(sum(map(mul, signs, column))) / size for column, size in live), default=0.0)
        patterns += 1
        for at, value in enumerate(observed):
            reached[at] += top >= value - 1e-12
    # The pattern that was seen is one of those drawn.
    drawn = patterns < 2 ** len(rows)
    return [(count + drawn) / (patterns + drawn) for count in reached]


def _sign_patterns(n: int) -> Iterable[Sequence[int]]:
    if 2**n <= _FLIPS:
        return product((-1, 1), repeat=n)
    rng = Random(_SEED)
    return (rng.choices((-1, 1), k=n) for _ in range(_FLIPS))
