"""Where a chart's parts stand: the plot's rectangle, its scales and ticks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from lhe_tui.charts.cells import Ink
from lhe_tui.charts.colours import ChartTheme
from lhe_tui.charts.data import Chart, Series
from lhe_tui.charts.scale import Scale, make_scale, tick_labels, ticks
from lhe_tui.text.widths import cells

MARKERS: Final = "●■▲◆○□△◇"
_DIMMED: Final = 0.45
_WIDEST_END_LABEL: Final = 24


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle of cells in which curves are drawn, and the scales that lead there."""

    x: Scale
    y: Scale
    left: int
    top: int
    width: int
    height: int
    y_ticks: tuple[tuple[int, str], ...] = ()

    def dot_column(self, x: float) -> float | None:
        """The place of x in dots from the left, two per cell; outside 0..2·width-1 where x is off the scale."""
        place = self.x.fraction(x)
        return None if place is None else place * (2 * self.width - 1)

    def dot_row(self, y: float) -> float | None:
        """The place of y in dots from the bottom, four per cell."""
        place = self.y.fraction(y)
        return None if place is None else place * (4 * self.height - 1)

    def column(self, x: float) -> int | None:
        """The cell column of x within the whole chart; None off the scale."""
        dot = self.dot_column(x)
        if dot is None or not -0.5 <= dot < 2 * self.width - 0.5:
            return None
        return self.left + min(self.width - 1, math.floor(dot + 0.51) // 2)

    def row(self, y: float) -> int | None:
        """The cell row of y within the whole chart; None off the scale."""
        dot = self.dot_row(y)
        if dot is None or not -0.5 <= dot < 4 * self.height - 0.5:
            return None
        # The kernel counts from the top: a place half-way between two dots goes to the lower one.
        return self.top + self.height - 1 - max(0, math.ceil(dot - 0.51)) // 4

    def value_at(self, column: int) -> float | None:
        """The x in the middle of a cell column of the whole chart; None left or right of the plot."""
        place = (column - self.left + 0.5) / self.width
        return self.x.value(place) if 0 <= place <= 1 else None


def ink_of(series: Series, theme: ChartTheme) -> Ink:
    """The ink of a series; a dimmed one is mixed into the background."""
    colour = theme.of(series.style)
    if not series.dimmed:
        return Ink(colour, bold=series.line == "bold")
    faded = theme.faded(colour, _DIMMED)
    return Ink(faded, dim=not theme.colour)


def markers_of(chart: Chart, theme: ChartTheme) -> list[str]:
    """The marker of each series, "" for none: where a line of its own does not tell it apart without its colour."""
    markers, used = [], 0
    for series in chart.series:
        alike = series.style.startswith(("#", "ansi")) or series.style.isdecimal()
        needs = bool(series.label) and (
            alike or (not theme.colour and series.line in ("thin", "thick", "bold"))
        )
        markers.append(MARKERS[used % len(MARKERS)] if needs else "")
        used += needs
    return markers


def lay_out(chart: Chart, width: int, height: int) -> Plot:
    """The plot's rectangle and scales for a chart of `width` × `height` cells."""
    xs = (point[0] for series in chart.series for point in series.points)
    x = make_scale(xs, chart.x_range)
    y = make_scale(_y_values(chart), chart.y_range, log=chart.y_log, margin=0.04)
    top = int(has_head(chart, height)) + int(has_mark_row(chart, height))
    bottom = int(height >= 5) + int(height >= 9)
    rows = max(1, height - top - bottom)
    if chart.y_percent and (y.low, y.high) == (0.0, 1.0):
        values, spare = _even_shares(rows)
        top, rows = top + spare, rows - spare
    else:
        values = ticks(y, max(2, min(6, (rows + 3) // 3)), through=chart.hlines)
    # On a log scale each tick has its own decimals: 0.1, 1, 10.
    groups = [[value] for value in values] if chart.y_log else [values]
    labels = [label for group in groups for label in tick_labels(group, percent=chart.y_percent)]
    left = max(chart.left, max((cells(label) for label in labels), default=0) + 1)
    left = min(left, max(0, width - 6))
    right = _right_margin(chart, x, width - left)
    plot = Plot(x, y, left, top, max(1, width - left - right), rows)
    tick_rows: dict[int, str] = {}
    for value, label in zip(values, labels, strict=True):
        row = plot.row(value)
        if row is not None:
            tick_rows.setdefault(row, label)
    return replace(plot, y_ticks=tuple(tick_rows.items()))


def _even_shares(rows: int) -> tuple[list[float], int]:
    """Ticks of a 0..1 axis that stand equally far apart, and the rows left empty above the plot for that."""
    for parts in (4, 2):
        spare = (rows - 1) % parts
        if spare <= 1 and (rows - 1) // parts >= 2:
            return [part / parts for part in range(parts + 1)], spare
    spare = (rows - 1) % 2 if rows >= 4 else 0
    return ([0.0, 0.5, 1.0] if rows >= 3 else [0.0, 1.0]), spare


def _right_margin(chart: Chart, x: Scale, room: int) -> int:
    """Cells right of the plot: for the names at the curves' ends, or for half of the last number on the axis."""
    if room < 24:
        return 0
    if chart.end_labels:
        longest = max((cells(series.label) for series in chart.series), default=0)
        return min(longest + 1, _WIDEST_END_LABEL, room // 3)
    last = tick_labels([math.floor(x.high)])[0] if chart.x_whole and chart.x_range else ""
    return cells(last) // 2


def has_head(chart: Chart, height: int) -> bool:
    """Whether there is a line on top for title and legend."""
    named = chart.legend and not chart.end_labels and any(series.label for series in chart.series)
    return height >= 4 and bool(named or chart.title or chart.y_label)


def has_mark_row(chart: Chart, height: int) -> bool:
    """Whether the marks' labels have a line of their own."""
    return height >= 6 and any(mark.label for mark in chart.marks)


def _y_values(chart: Chart) -> Iterator[float | None]:
    for series in chart.series:
        yield from (point[1] for point in series.points)
        for _, low, high in series.band or ():
            yield low
            yield high
    yield from chart.hlines
