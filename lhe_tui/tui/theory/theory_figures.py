"""The theory screen's two charts as data: H_s over p on a log axis, and the p(x) that keeps H_0.5 doubling. Pure."""

from __future__ import annotations

import math

from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.task.stats.theory import doubling_accuracy, horizon_length, horizon_length_exact
from lhe_tui.tui.theory.theory_point import MOST_P, Point, axis_start, p_words
from lhe_tui.tui.theory.theory_words import Measured, horizon_steps

_POINTS = 240
_LONGEST_PERIODS = 17
"""2^17 steps: further than the p that can be chosen."""

Points = list[tuple[float, float | None]]


def horizon_chart(point: Point, measured: Measured | None = None) -> Chart:
    """H_s over p, the point marked, H_0.5 and H_0.8 for reference, and the measured p laid on the curve."""
    wanted = [point.p]
    if measured is not None:
        wanted.append(measured.accuracy.p if measured.accuracy.p > 0.5 else 0.5)
    start = axis_start(*wanted)
    here = horizon_length_exact(point.p, point.s)
    series = [Series([(point.p, here)], "", "task")]
    if measured is not None:
        series += _measured_series(measured, point.s, start)
    series.append(Series(_curve(point.s, start), f"H_{point.s:g}", "turn", stroke="thick"))
    series += [Series(_curve(s, start), f"H_{s}", "theory") for s in (0.5, 0.8) if s != point.s]
    top = horizon_length_exact(_last(start), min(point.s, 0.5))
    low = min(horizon_length_exact(max(start, 0.01), max(point.s, 0.8)), 1.0)
    return Chart(
        series,
        marks=[Mark(point.p, f"p = {p_words(point.p)}: H = {horizon_steps(point.p, point.s)}")],
        hlines=(here,),
        x_label="p",
        x_range=(start, 1.0),
        y_range=(max(0.1, low), max(10.0, top)),
        x_whole=False,
        y_log=True,
    )


def _measured_series(measured: Measured, s: float, start: float) -> list[Series]:
    """The stretch of the curve that the interval of p leaves, and p itself."""
    accuracy = measured.accuracy
    low, high = max(accuracy.low, start), min(accuracy.high, _last(start))
    found = []
    if start < accuracy.p <= _last(start):
        found.append(Series([(accuracy.p, horizon_length_exact(accuracy.p, s))], "measured p", "4"))
    if low < high:
        stretch: Points = [
            (p, horizon_length_exact(p, s)) for p in (low + (high - low) * i / 60 for i in range(61))
        ]
        found.append(Series(stretch, "" if found else "measured p", "4", stroke="thick"))
    return found


def _curve(s: float, start: float) -> Points:
    last = _last(start)
    # Evenly in log(1 - p): near 1 is where the curve climbs.
    near, far = math.log(1 - last), math.log(1 - max(start, 0.02))
    ps = (1 - math.exp(far + (near - far) * i / _POINTS) for i in range(_POINTS + 1))
    return [(p, horizon_length_exact(p, s)) for p in ps]


def _last(start: float) -> float:
    """The last p that is drawn: the curve has no end at 1."""
    return min(MOST_P, 1 - (1 - start) / 250)


def doubling_chart(point: Point, *, periods: int = 12) -> Chart:
    """p(x), and where on it the point stands: at x = log2 H_0.5."""
    here = horizon_length_exact(point.p, 0.5)
    x = math.log2(here) if here > 0 else 0.0
    last = min(_LONGEST_PERIODS, max(periods, math.ceil(x) + 1))
    curve: Points = [(last * i / 120, doubling_accuracy(last * i / 120)) for i in range(121)]
    series = [
        Series([(x, point.p)] if x >= 0 else [], "", "task"),
        Series(curve, "p(x) = 2^(−1/2^x)", "turn", stroke="thick"),
    ]
    marks = [Mark(x, f"H_0.5 = {horizon_length(point.p):,}")] if x >= 0 else []
    return Chart(
        series,
        marks=marks,
        x_label="periods x",
        x_range=(0.0, float(last)),
        y_range=(0.5, 1.0),
    )
