"""Accuracy against errors in view as data: bins with their intervals, and the fitted curve. Pure: no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, NamedTuple

from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.task.stats.proportions import Interval, clustered_interval
from lhe_tui.task.stats.self_conditioning import Observation, SelfConditioning

BINS: Final = 6
"""Equal parts of the axis, from no error in view to the most that were."""
_CURVE_POINTS: Final = 80
_HALF: Final = 0.5
"""Where all is above this, the axis of accuracy begins here."""


class Bin(NamedTuple):
    """Turns with about the same share of wrong transitions in view: the mean share (0..1), and how many were right.

    `interval` is taken by sample: turns of one sample hang together.
    """

    share: float
    correct: int
    n: int
    interval: Interval | None


def share_bins(observations: Iterable[Observation], count: int = BINS) -> list[Bin]:
    """The turns that had a history in view in `count` bins of equal width; empty bins are left out."""
    seen = [item for item in observations if item.shown_turns > 0]
    top = max((item.wrong_share for item in seen), default=0.0)
    binned: list[list[Observation]] = [[] for _ in range(count)]
    for item in seen:
        binned[min(count - 1, int(item.wrong_share / top * count)) if top else 0].append(item)
    return [_bin(items) for items in binned if items]


def _bin(items: list[Observation]) -> Bin:
    counts: dict[int, list[int]] = {}
    for item in items:
        known = counts.setdefault(item.sample, [0, 0])
        known[0] += item.correct
        known[1] += 1
    share = sum(item.wrong_share for item in items) / len(items)
    interval = clustered_interval([(right, n) for right, n in counts.values()])
    return Bin(share, sum(right for right, _ in counts.values()), len(items), interval)


def self_conditioning_chart(bins: Sequence[Bin], estimate: SelfConditioning) -> Chart:
    """Turn accuracy of each bin with its interval and count, and the fit at the mean length of history."""
    points: list[tuple[float, float | None]] = []
    bars: list[tuple[float, float | None]] = []
    for share, correct, n, interval in bins:
        x = 100 * share
        points += [(x, correct / n), (x, None)]
        bars += [] if interval is None else [(x, interval.low), (x, interval.high), (x, None)]
    series = [Series(points, "turn accuracy, 95 %", "1")] if bins else []
    top = max((item.share for item in bins), default=0.0)
    lowest = min((y for _, y in bars if y is not None), default=0.0)
    places = [top * i / _CURVE_POINTS for i in range(_CURVE_POINTS + 1)]
    fitted = [(100 * place, estimate.accuracy_at(place)) for place in places] if estimate.identified else []
    series += [Series(fitted, "fit, history's length held equal", "theory")] if fitted else []
    return Chart(
        [*series, Series(bars, "", "1", stroke="thin")],
        marks=[Mark(100 * item.share, f"n={_short(item.n)}") for item in bins],
        x_label="% wrong in view",
        x_range=(0.0, _axis_end(100 * top)),
        y_range=(0.0 if lowest < _HALF else _HALF, 1.0),
        y_percent=True,
        empty="begins with turn 2: turn 1 has no history in view",
    )


def _axis_end(percent: float) -> float:
    """The next ten, or below ten the next whole number."""
    step = 10 if percent > 10 else 1
    return float(min(100, step * max(1, ceil(percent / step - 1e-9))))


def _short(count: int) -> str:
    return f"{count}" if count < 10_000 else f"{count / 1000:.0f}k"
