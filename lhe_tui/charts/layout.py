"""What stands around and under a chart's curves: axes, legend, interval bands, control marks, dashed lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lhe_tui.charts.cells import Cells, Ink
from lhe_tui.charts.colours import ChartTheme
from lhe_tui.charts.data import Chart, Series
from lhe_tui.charts.scale import Scale, is_number, make_scale, thin_band, tick_labels, ticks
from lhe_tui.text.widths import cells, clip

MARKERS: Final = "●■▲◆○□△◇"
LEGEND_LINES: Final = {"thin": "──", "thick": "━━", "dotted": "┈┈", "dashed": "╌╌"}
_DIMMED: Final = 0.45
_TINT: Final = 0.22


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


def ink_of(series: Series, theme: ChartTheme) -> Ink:
    """The ink of a series; a dimmed one is mixed into the background."""
    colour = theme.of(series.style)
    if not series.dimmed:
        return Ink(colour)
    faded = theme.faded(colour, _DIMMED)
    return Ink(faded, dim=not theme.colour)


def markers_of(chart: Chart, theme: ChartTheme) -> list[str]:
    """The marker of each series, "" for none: where a line of its own does not tell it apart without its colour."""
    found, used = [], 0
    for series in chart.series:
        alike = series.style.startswith(("#", "ansi")) or series.style.isdecimal()
        needs = bool(series.label) and (alike or (not theme.colour and series.line in ("thin", "thick")))
        found.append(MARKERS[used % len(MARKERS)] if needs else "")
        used += needs
    return found


def lay_out(chart: Chart, width: int, height: int) -> Plot:
    """The plot's rectangle and scales: what is dispensable goes as the chart gets smaller."""
    xs = (point[0] for series in chart.series for point in series.points)
    x = make_scale(xs, chart.x_range)
    y = make_scale(_y_values(chart), chart.y_range, log=chart.y_log, margin=0.04)
    top = int(has_head(chart, height)) + int(has_mark_row(chart, height))
    bottom = int(height >= 5) + int(height >= 9)
    rows = max(1, height - top - bottom)
    values = ticks(y, max(2, min(6, (rows + 3) // 3)), through=chart.hlines)
    # On a log scale each tick has its own decimals: 0.1, 1, 10.
    groups = [[value] for value in values] if chart.y_log else [values]
    labels = [label for group in groups for label in tick_labels(group, percent=chart.y_percent)]
    left = min(max((cells(label) for label in labels), default=0) + 1, max(0, width - 6))
    plot = Plot(x, y, left, top, max(1, width - left), rows)
    seen: dict[int, str] = {}
    for value, label in zip(values, labels, strict=True):
        row = plot.row(value)
        if row is not None:
            seen.setdefault(row, label)
    return Plot(x, y, left, top, plot.width, rows, tuple(seen.items()))


def has_head(chart: Chart, height: int) -> bool:
    """Whether there is a line on top for title and legend."""
    named = chart.legend and any(series.label for series in chart.series)
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


def frame(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws the two axes with their ticks and the x label."""
    axis, text = Ink(theme.axis), Ink(theme.text)
    labels = dict(plot.y_ticks)
    for row in range(plot.top, plot.top + plot.height):
        label = labels.get(row)
        if plot.left >= 1:
            canvas.put(plot.left - 1, row, "│" if label is None else "┤", axis)
        if label is not None:
            canvas.put(plot.left - 1 - cells(label), row, label, text)
    row = plot.top + plot.height
    if row < canvas.height - 1:
        canvas.put(plot.left - 1, row, "└" + "─" * plot.width, axis)
    if row < canvas.height:
        for column in _x_labels(canvas, plot, chart, text):
            if row < canvas.height - 1:
                canvas.put(column, row, "┬", axis)


def _x_labels(canvas: Cells, plot: Plot, chart: Chart, ink: Ink) -> list[int]:
    """Writes the x values on the last line, as many as have room; gives the columns of those written."""
    name = clip(chart.x_label, canvas.width // 3)
    left, right = plot.left - 1, canvas.width
    if name and cells(name) <= plot.left:
        canvas.put(0, canvas.height - 1, name, ink)
        left = max(left, cells(name) + 1)
    elif name:
        right -= cells(name) + 1
        canvas.put(right + 1, canvas.height - 1, name, ink)
    if not chart.x_range and not any(series.points for series in chart.series):
        return []
    ends = [plot.x.low, plot.x.high] if chart.x_whole and chart.x_range else []
    values = ticks(plot.x, max(2, plot.width // 9), whole=chart.x_whole)
    written: list[tuple[int, int]] = []
    columns = []
    # The ends come first: the last turn is what a person looks for, round values fill the room between.
    for value in [*ends, *values]:
        column = plot.column(value)
        label = tick_labels([value])[0] if chart.x_whole else tick_labels(values)[values.index(value)]
        if column is None:
            continue
        start = min(max(column - cells(label) // 2, left), right - cells(label))
        if all(start > end + 1 or start + cells(label) < begin - 1 for begin, end in written) and start >= 0:
            canvas.put(start, canvas.height - 1, label, ink)
            written.append((start, start + cells(label)))
            columns.append(column)
    return columns


def legend_line(canvas: Cells, chart: Chart, theme: ChartTheme) -> None:
    """Writes title and legend on the first line; entries that have no room are counted."""
    entries = list(_legend_entries(chart, theme)) if chart.legend else []
    total = sum(cells(sign) + cells(word) + 3 for sign, word, _ in entries)
    column = 0
    for head, ink in ((chart.title, Ink(theme.text, bold=True)), (chart.y_label, Ink(theme.axis))):
        room = canvas.width - column - total
        if head and (room >= min(cells(head), 12) or not entries):
            shown = clip(head, room if entries else canvas.width - column)
            canvas.put(column, 0, shown, ink)
            column += cells(shown) + 2
    for place, (sign, word, ink) in enumerate(entries):
        left = len(entries) - place
        room = canvas.width - column - cells(sign) - 1 - (4 if left > 1 else 0)
        if room < min(cells(word), 4):
            canvas.put(column, 0, f"+{left}", Ink(theme.axis))
            return
        shown = clip(word, room)
        canvas.put(column, 0, sign, ink)
        canvas.put(column + cells(sign) + 1, 0, shown, Ink(theme.text, dim=ink.dim))
        column += cells(sign) + cells(shown) + 3


def _legend_entries(chart: Chart, theme: ChartTheme) -> Iterator[tuple[str, str, Ink]]:
    band_named = False
    for series, marker in zip(chart.series, markers_of(chart, theme), strict=True):
        if not series.label:
            continue
        line = LEGEND_LINES[series.line]
        yield (
            f"{line[0]}{marker}{line[0]}" if marker else line,
            clip(series.label, 200),
            ink_of(series, theme),
        )
        if series.band and not series.dimmed and not band_named:
            band_named = True
            tint = theme.faded(theme.of(series.style), _TINT)
            tinted = bool(theme.background) and theme.colour
            yield ("██" if tinted else "░░", clip(series.band_label, 40), Ink(tint, dim=not tinted))


def mark_labels(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws each mark as a dotted line down the plot, its label on top to the side where there is room."""
    ink, labelled = Ink(theme.mark), has_mark_row(chart, canvas.height)
    columns: dict[int, list[str]] = {}
    for mark in chart.marks:
        column = plot.column(mark.x)
        if column is not None:
            columns.setdefault(column, []).extend([mark.label] if mark.label else [])
    taken = plot.left
    for column, following in pairwise([*sorted(columns), plot.left + plot.width]):
        for row in range(plot.top - labelled, plot.top + plot.height):
            canvas.set(column, row, "┆", ink)
        label = " · ".join(columns[column])
        if not label or not labelled:
            continue
        right_room, left_room = following - column - 1, column - taken
        to_left = right_room < min(cells(label), 8) and left_room > right_room
        shown = clip(label, left_room if to_left else right_room)
        if cells(shown) >= min(3, cells(label)):
            canvas.put(column - cells(shown) if to_left else column + 1, plot.top - 1, shown, ink)
        taken = column + 1 if to_left else column + 2 + cells(shown)


def horizontal_lines(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws the dashed lines across."""
    ink = Ink(theme.axis)
    for value in chart.hlines:
        row = plot.row(value)
        for column in range(plot.left, plot.left + plot.width) if row is not None else ():
            if row is not None:
                canvas.set(column, row, "╌", ink)


def bands(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Lays the interval bands under everything; the first series' band lies in front."""
    for series in reversed(chart.series):
        if not series.band or series.dimmed:
            continue
        tint = theme.faded(theme.of(series.style), _TINT)
        for place, edges in enumerate(_edges(thin_band(series.band, plot.x, plot.width), plot)):
            if edges is not None:
                _fill(canvas, plot, place, edges, tint, tinted=bool(theme.background) and theme.colour)


def _edges(band: Sequence[tuple[float, float, float]], plot: Plot) -> list[tuple[float, float] | None]:
    """The band's lower and upper edge in dots from the bottom at each column; None where it does not reach."""
    found: list[tuple[float, float] | None] = [None] * plot.width
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
            old = found[column]
            crowded = old is not None and length < 2
            found[column] = (min(old[0], edge[0]), max(old[1], edge[1])) if crowded and old else edge
        last = here
    return found


def _fill(
    canvas: Cells, plot: Plot, place: int, edges: tuple[float, float], tint: str, *, tinted: bool
) -> None:
    """One column of a band, its edges told to half a cell."""
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
