"""Comparing two runs over the same plans: exact McNemar and paired differences by sample.

Turns of one sample share a history and so are not independent: whatever pools turns is clustered by sample.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from lhe_tui.task.stats.t_distribution import t_quantile

MAX_EXACT_WORK = 2_000_000_000
"""Bytes that the exact clustered test may move; above it the normal approximation serves as well."""


class PairedTurn(NamedTuple):
    """The same turn of the same sample in two runs: whether each was correct."""

    sample: int
    turn: int
    first: bool
    second: bool


class McNemar(NamedTuple):
    """Turns won by only one of two runs, and the two-sided p-value; `exact` is False where it was approximated."""

    first_only: int
    second_only: int
    p_value: float
    exact: bool = True


class PairedDifference(NamedTuple):
    """Accuracy of the second run minus the first's, with a 95 % interval clustered by sample (-1..1)."""

    difference: float
    low: float | None
    high: float | None
    standard_error: float
    turns: int
    samples: int


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """The exact two-sided McNemar test of independent pairs, from the discordant counts."""
    n, fewer = first_only + second_only, min(first_only, second_only)
    # The binomial tail is summed downwards from its largest term, in ratios, so that a huge n stays exact and cheap.
    log_term = math.lgamma(n + 1) - math.lgamma(fewer + 1) - math.lgamma(n - fewer + 1) - n * math.log(2)
    ratio, tail = 1.0, 1.0
    for k in range(fewer, 0, -1):
        ratio *= k / (n - k + 1)
        tail += ratio
        if ratio < 1e-17 * tail:
            break
    return McNemar(first_only, second_only, min(1.0, 2 * tail * math.exp(log_term)))


def mcnemar_by_turn(turns: Iterable[PairedTurn]) -> dict[int, McNemar]:
    """The exact test at each turn by itself, in the order of turns; many tests: see `holm`."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pair in turns:
        counts[pair.turn][0] += pair.first and not pair.second
        counts[pair.turn][1] += pair.second and not pair.first
    return {turn: mcnemar(*counts[turn]) for turn in sorted(counts)}


def pooled_mcnemar(turns: Iterable[PairedTurn]) -> McNemar:
    """The exact McNemar test over all turns, where a whole sample at a time may have gone to either run.

    With one turn per sample it is the plain exact test. Under the null the two runs are exchangeable within a sample,
    so each sample's surplus is as likely with the other sign: the test is exact also where its turns hang together.
    """
    surplus: dict[int, int] = defaultdict(int)
    first_only = second_only = 0
    for pair in turns:
        if pair.first != pair.second:
            surplus[pair.sample] += 1 if pair.second else -1
            first_only += pair.first
            second_only += pair.second
    steps = [abs(value) for value in surplus.values() if value]
    observed = abs(sum(surplus.values()))
    width = len(steps) // 8 + 1
    if (sum(steps) + 1) * width * len(steps) > MAX_EXACT_WORK:
        return McNemar(first_only, second_only, _normal_p(observed, steps), exact=False)
    return McNemar(first_only, second_only, _sign_flip_p(observed, steps, width))


def _sign_flip_p(observed: int, steps: list[int], width: int) -> float:
    """P(|sum of ±steps| >= observed), counted exactly in one big integer of `width`-byte cells."""
    total, ways = sum(steps), 1
    for step in steps:
        ways += ways << (8 * width * step)
    # Cell i counts the sign patterns with i in favour: their sum is 2 i - total.
    cells = ways.to_bytes((total + 1) * width, "little")
    favourable = (total + observed + 1) // 2
    above = sum(
        int.from_bytes(cells[i * width : (i + 1) * width], "little") for i in range(favourable, total + 1)
    )
    # Whole numbers divided last: the quotient is right however large they are.
    return min(1.0, 2 * above / (1 << len(steps)))


def _normal_p(observed: int, steps: list[int]) -> float:
    spread = math.sqrt(sum(step * step for step in steps))
    return math.erfc(max(0.0, observed - 0.5) / spread / math.sqrt(2))


def paired_difference(turns: Iterable[PairedTurn]) -> PairedDifference | None:
    """How much more often the second run is right on the same turns; None without turns.

    The interval takes Student's t over samples, and needs two of them. One imagined discordant turn for either side
    (Bonett and Price) keeps it from closing where the runs never differ.
    """
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pair in turns:
        cell = sums[pair.sample]
        cell[0] += pair.second - pair.first
        cell[1] += 1
    n = sum(count for _, count in sums.values())
    if not n:
        return None
    difference = sum(total for total, _ in sums.values()) / n
    centre = difference * n / (n + 2)
    residuals = [total - centre * count for total, count in sums.values()] + [1 - centre, -1 - centre]
    groups = len(sums)
    if groups < 2:
        return PairedDifference(difference, None, None, math.inf, n, groups)
    error = math.sqrt(groups / (groups - 1) * sum(r * r for r in residuals)) / (n + 2)
    half = t_quantile(0.975, groups - 1) * error
    return PairedDifference(difference, max(-1.0, centre - half), min(1.0, centre + half), error, n, groups)
