"""What a chart says at one x: the values under the mouse or a cursor key, in words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from lhe_tui.charts.data import Chart
from lhe_tui.charts.scale import is_number, tick_labels


def nearest_x(chart: Chart, x: float) -> float | None:
    """The x of a drawn point that is nearest to `x`; None where nothing is drawn."""
    known = [point[0] for series in chart.series for point in series.points if is_number(point[1])]
    return min(known, key=lambda candidate: abs(candidate - x), default=None)


def readout(chart: Chart, x: float) -> str:
    """`turn 41 · turn accuracy 93 % [88, 96] · task 40 %`: each labelled curve at `x`, with its band."""
    parts = [f"{chart.x_label} {_value(x)}".strip()]
    for series in chart.series:
        value = _at(series.points, x)
        if not series.label or value is None:
            continue
        words = f"{series.label} {_written(value, chart)}"
        edges = [entry for entry in series.band or () if entry[0] == x]
        if edges:
            words += f" [{_bare(edges[0][1], chart)}, {_bare(edges[0][2], chart)}]"
        parts.append(words)
    return " · ".join(parts)


def _at(points: Sequence[tuple[float, float | None]], x: float) -> float | None:
    place = bisect_left(points, x, key=lambda point: point[0])
    found = points[place] if place < len(points) else None
    return found[1] if found is not None and found[0] == x and is_number(found[1]) else None


def _value(value: float) -> str:
    return tick_labels([value])[0]


def _written(value: float, chart: Chart) -> str:
    return f"{_bare(value, chart)} %" if chart.y_percent else _bare(value, chart)


def _bare(value: float, chart: Chart) -> str:
    return f"{100 * value:.0f}" if chart.y_percent else _value(round(value, 3))
