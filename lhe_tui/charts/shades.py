"""What lies under a chart's curves: interval bands, the room between two curves, lines across, the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from lhe_tui.charts.cells import Cells, Ink
from lhe_tui.charts.colours import ChartTheme
from lhe_tui.charts.data import Chart
from lhe_tui.charts.layout import Plot
from lhe_tui.charts.scale import is_number, thin_band

TINT: Final = 0.22
_GAP_TINT: Final = 0.34


def bands(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Lays interval bands and gaps under everything; the first series' band lies in front, gaps over bands."""
    shades = [
        (series.band, series.style, TINT)
        for series in reversed(chart.series)
        if series.band and not series.dimmed
    ]
    shades += [(gap.points, gap.style, _GAP_TINT) for gap in chart.gaps]
    tinted = bool(theme.background) and theme.colour
    for points, style, share in shades:
        tint = theme.faded(theme.of(style), share)
        for place, edges in enumerate(_edges(thin_band(points, plot.x, plot.width), plot)):
            if edges is not None:
                _fill(canvas, plot, place, edges, tint, tinted=tinted)


def horizontal_lines(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws the dashed lines across."""
    for value in chart.hlines:
        row = plot.row(value)
        if row is not None:
            for column in range(plot.left, plot.left + plot.width):
                canvas.set(column, row, "╌", Ink(theme.axis))


def cursor_line(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws the cursor's line."""
    column = None if chart.cursor is None else plot.column(chart.cursor)
    if column is not None:
        for row in range(plot.top, plot.top + plot.height):
            canvas.set(column, row, "│", Ink(theme.text))


def _edges(band: Sequence[tuple[float, float, float]], plot: Plot) -> list[tuple[float, float] | None]:
    """The band's lower and upper edge in dots from the bottom at each column; None where it does not reach."""
    edges: list[tuple[float, float] | None] = [None] * plot.width
    last: tuple[float, float, float] | None = None
    for x, low, high in band:
        dots = (plot.dot_column(x), plot.dot_row(low), plot.dot_row(high))
        if not all(is_number(dot) for dot in dots):
            last = None
            continue
        here = (dots[0] or 0.0, dots[1] or 0.0, dots[2] or 0.0)
        start = here if last is None else last
        for column in range(max(0, round(start[0]) // 2), min(plot.width - 1, round(here[0]) // 2) + 1):
            length = here[0] - start[0]
            share = min(1.0, max(0.0, (2 * column + 0.5 - start[0]) / length)) if length > 0 else 1.0
            edge = (start[1] + (here[1] - start[1]) * share, start[2] + (here[2] - start[2]) * share)
            old = edges[column]
            crowded = old is not None and length < 2
            edges[column] = (min(old[0], edge[0]), max(old[1], edge[1])) if crowded and old else edge
        last = here
    return edges


def _fill(
    canvas: Cells, plot: Plot, place: int, edges: tuple[float, float], tint: str, *, tinted: bool
) -> None:
    """One column of a band, its edges drawn to half a cell."""
    column, bottom = plot.left + place, plot.top + plot.height - 1
    # The dots in the middle of the lower and of the upper half of a cell are 4n + 1 and 4n + 3.
    first = max(0, math.ceil((edges[0] - 1.5) / 2))
    last = min(2 * plot.height - 1, math.floor((edges[1] - 0.5) / 2))
    if first > last:
        return
    whole, half = (Ink(background=tint), Ink(tint)) if tinted else (Ink(tint, dim=True),) * 2
    for up in range(first // 2, last // 2 + 1):
        lower, upper = first <= 2 * up, last >= 2 * up + 1
        sign = "░" if not tinted else " " if lower and upper else "▄" if lower else "▀"
        canvas.characters[bottom - up][column] = sign
        canvas.inks[bottom - up][column] = whole if lower and upper else half
