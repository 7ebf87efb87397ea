"""What is written around a chart's curves: axes with ticks, legend, numbered marks, names at the curves' ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from lhe_tui.charts.cells import Cells, Ink
from lhe_tui.charts.colours import ChartTheme
from lhe_tui.charts.data import Chart
from lhe_tui.charts.layout import Plot, has_mark_row, ink_of, markers_of
from lhe_tui.charts.scale import Run, tick_labels, ticks
from lhe_tui.charts.shades import TINT
from lhe_tui.text.widths import cells, clip

LEGEND_LINES: Final = {"thin": "──", "thick": "━━", "bold": "▄▄", "dotted": "┈┈", "dashed": "╌╌"}
_NUMBERS: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def mark_sign(number: int) -> str:
    """The sign of the mark of that number, from 1."""
    return _NUMBERS[number - 1] if 0 < number <= len(_NUMBERS) else f"({number})"


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
    has_line = row < canvas.height - 1
    if has_line:
        canvas.put(plot.left - 1, row, "└" + "─" * plot.width, axis)
    if row < canvas.height:
        for column in _x_labels(canvas, plot, chart, text):
            if has_line:
                canvas.put(column, row, "┬", axis)


def _x_labels(canvas: Cells, plot: Plot, chart: Chart, ink: Ink) -> list[int]:
    """Writes the x values on the last line, each under its tick; returns the columns of those written."""
    bottom = canvas.height - 1
    name = clip(chart.x_label, canvas.width // 3)
    taken: list[tuple[int, int]] = []
    if name and cells(name) < plot.left:
        canvas.put(0, bottom, name, ink)
        taken.append((0, cells(name)))
    elif name:
        start = canvas.width - cells(name)
        canvas.put(start, bottom, name, ink)
        taken.append((start, canvas.width))
    if not chart.x_range and not any(series.points for series in chart.series):
        return []
    columns = []
    for value, label in _x_ticks(plot, chart):
        column = plot.column(value)
        if column is None:
            continue
        width = cells(label)
        start = min(max(column - width // 2, 0), canvas.width - width)
        # A number that cannot stand under its tick is left out rather than moved.
        is_under = start <= column < start + width
        # An axis that begins at 1 has its first number one cell after the name; others keep two cells apart.
        if is_under and all(
            start > end + (end != cells(name)) or start + width < begin for begin, end in taken
        ):
            canvas.put(start, bottom, label, ink)
            taken.append((start, start + width))
            columns.append(column)
    return columns


def _x_ticks(plot: Plot, chart: Chart) -> Iterator[tuple[float, str]]:
    """Values on the x axis with their labels; the ends first, since the last turn is what a person looks for."""
    values = ticks(plot.x, max(2, plot.width // 9), whole=chart.x_whole)
    if not chart.x_whole:
        yield from zip(values, tick_labels(values), strict=True)
        return
    ends = [float(math.ceil(plot.x.low)), float(math.floor(plot.x.high))] if chart.x_range else []
    for value in [*ends, *values]:
        yield value, tick_labels([value])[0]


def legend_line(canvas: Cells, chart: Chart, theme: ChartTheme) -> None:
    """Writes title and legend on the first line; entries that have no room are counted."""
    entries = list(_legend_entries(chart, theme)) if chart.legend and not chart.end_labels else []
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
        sign = f"{line[0]}{marker}{line[0]}" if marker else line
        yield sign, clip(series.label, 200), ink_of(series, theme)
        if series.band and not series.dimmed and not band_named:
            band_named = True
            tint = theme.faded(theme.of(series.style), TINT)
            tinted = bool(theme.background) and theme.colour
            yield ("██" if tinted else "░░", clip(series.band_label, 40), Ink(tint, dim=not tinted))


def mark_labels(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    """Draws each mark as a numbered line down the plot, its label beside the number where there is room."""
    ink, labelled = Ink(theme.mark), has_mark_row(chart, canvas.height)
    columns: dict[int, list[str]] = {}
    for number, mark in enumerate(chart.marks, 1):
        column = plot.column(mark.x)
        if column is not None:
            label = f"{mark_sign(number)} {mark.label}" if mark.label else mark_sign(number)
            columns.setdefault(column, []).append(label)
    taken = plot.left
    for column, following in pairwise([*sorted(columns), canvas.width]):
        for row in range(plot.top, plot.top + plot.height):
            canvas.set(column, row, "┆", ink)
        if not labelled:
            continue
        label = " · ".join(columns[column])
        room = following - column - (following < canvas.width)
        if room < min(cells(label), 8) and column - taken > room:
            # No room to its right: the words stand to the left, the number over its line.
            words = clip(label[2:], column - taken - 1)
            canvas.put(column, plot.top - 1, label[:1], ink)
            canvas.put(column - cells(words) - 1, plot.top - 1, words, ink)
            taken = column + 2
        else:
            shown = clip(label, room) if room >= 6 or cells(label) <= room else label[:1]
            canvas.put(column, plot.top - 1, shown, ink)
            taken = column + cells(shown) + 1


def end_labels(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme, pieces: list[list[Run]]) -> None:
    """Names each curve right of its last point; names that would meet are moved apart."""
    left = plot.left + plot.width + 1
    room = canvas.width - left
    if not chart.end_labels or room < 2:
        return
    taken: set[int] = set()
    for series, runs_of_series in zip(chart.series, pieces, strict=True):
        if not (series.label and runs_of_series):
            continue
        end = plot.row(runs_of_series[-1][-1][1])
        free = [row for row in range(plot.top, plot.top + plot.height) if row not in taken]
        if end is None or not free:
            continue
        row = min(free, key=lambda candidate: abs(candidate - end))
        taken.add(row)
        ink = ink_of(series, theme)
        canvas.put(left, row, clip(series.label, room), ink._replace(bold=not series.dimmed))
