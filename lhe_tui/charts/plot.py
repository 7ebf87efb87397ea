"""Charts: data in, coloured text out, for Textual screens and plain terminals. The only importer of plotext.

plotext's kernel turns curves into braille dots or quarter blocks, one curve at a time, so that a curve in front hides
what lies behind it and no dot takes another curve's colour. Axes, legend, bands and marks are ours (`axes`, `shades`):
plotext has no bands, breaks long legends and picks ticks like 16.5.

One call draws one chart and leaves nothing behind; calls from several threads take turns.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lhe_tui.charts.axes import end_labels, frame, legend_line, mark_labels
from lhe_tui.charts.cells import Cells, Ink
from lhe_tui.charts.colours import DARK, LIGHT, MONO, TERMINAL, ChartTheme, theme_for
from lhe_tui.charts.data import Chart, Gap, Mark, Series
from lhe_tui.charts.layout import Plot, has_head, ink_of, lay_out, markers_of
from lhe_tui.charts.scale import Run, decimate, runs, smooth, sparkline
from lhe_tui.charts.shades import bands, cursor_line, horizontal_lines
from lhe_tui.text.widths import cells, clip

if TYPE_CHECKING:
    from textual.content import Content

__all__ = [
    "DARK",
    "LIGHT",
    "MONO",
    "TERMINAL",
    "Chart",
    "ChartTheme",
    "Gap",
    "Mark",
    "Series",
    "draw",
    "draw_cached",
    "draw_content",
    "smooth",
    "sparkline",
    "theme_for",
]

_CACHE_SIZE: Final = 64
_MARKER_EVERY: Final = 12
_plotext_lock: Final = Lock()
_cache: Final[OrderedDict[Hashable, Content]] = OrderedDict()


class Polyline(NamedTuple):
    """Dots to join (or to leave apart), in cells from the lower left corner."""

    points: Run
    joined: bool


def draw(chart: Chart, width: int, height: int, *, colour: bool = True, theme: ChartTheme = TERMINAL) -> str:
    """The chart as `height` lines of at most `width` cells for a plain terminal; no escape code without `colour`."""
    if colour and theme.colour:
        return _paint(chart, width, height, theme).ansi()
    return _paint(chart, width, height, MONO).plain()


def draw_content(chart: Chart, width: int, height: int, theme: ChartTheme = DARK) -> Content:
    """The chart as `height` lines of at most `width` cells for a Textual widget."""
    return _paint(chart, width, height, theme).content()


def draw_cached(
    version: Hashable, build: Callable[[], Chart], width: int, height: int, theme: ChartTheme = DARK
) -> Content:
    """`draw_content` of what `build` gives, drawn once per version, size and theme.

    `version` names the chart and the state of its data: ("accuracy", run, turn). The last 64 pictures are kept.
    """
    key = (version, width, height, theme)
    picture = _cache.pop(key, None)
    if picture is None:
        picture = draw_content(build(), width, height, theme)
    _cache[key] = picture
    if len(_cache) > _CACHE_SIZE:
        _cache.popitem(last=False)
    return picture


def _paint(chart: Chart, width: int, height: int, theme: ChartTheme) -> Cells:
    canvas = Cells(max(0, width), max(0, height))
    if width < 1 or height < 1:
        return canvas
    plot = lay_out(chart, width, height)
    bands(canvas, plot, chart, theme)
    horizontal_lines(canvas, plot, chart, theme)
    mark_labels(canvas, plot, chart, theme)
    cursor_line(canvas, plot, chart, theme)
    pieces = [
        [decimate(run, plot.x, plot.width) for run in runs(_within(series, plot))] for series in chart.series
    ]
    # The first series lies in front.
    for series, runs_of_series in reversed(list(zip(chart.series, pieces, strict=True))):
        rows = _raster(
            _polylines(series, runs_of_series, plot), plot, "hd" if series.line == "bold" else "braille"
        )
        _ink_curve(canvas, plot, rows, ink_of(series, theme))
    _put_markers(canvas, plot, chart, theme, pieces)
    frame(canvas, plot, chart, theme)
    end_labels(canvas, plot, chart, theme, pieces)
    if has_head(chart, height):
        legend_line(canvas, chart, theme)
    if not any(pieces):
        _say_empty(canvas, plot, chart, theme)
    return canvas


def _within(series: Series, plot: Plot) -> list[tuple[float, float | None]]:
    """The points on the x scale, with a gap where y has no place on a log scale."""
    low, high = plot.x.low, plot.x.high
    if not plot.y.log:
        return [point for point in series.points if low <= point[0] <= high]
    return [
        (x, y if y is not None and plot.y.fraction(y) is not None else None)
        for x, y in series.points
        if low <= x <= high
    ]


def _polylines(series: Series, runs_of_series: list[Run], plot: Plot) -> list[Polyline]:
    lines: list[Polyline] = []
    for run in runs_of_series:
        dots = [_dot(x, y, plot) for x, y in run]
        if len(run) == 1:
            lines.append(Polyline(_cells_of(dots), joined=False))
        elif series.line in ("thick", "bold"):
            step = 1.0 if series.line == "thick" else 2.0
            top = [(column, max(row, step)) for column, row in dots]
            lines.append(Polyline(_cells_of(top), joined=True))
            lines.append(Polyline(_cells_of([(column, row - step) for column, row in top]), joined=True))
        elif series.line == "thin":
            lines.append(Polyline(_cells_of(dots), joined=True))
        else:
            lines.append(Polyline(_cells_of(_broken(dots, series.line)), joined=False))
    return lines


def _dot(x: float, y: float, plot: Plot) -> tuple[float, float]:
    """A point in dots; y stays near the plot, or a wild value would make the kernel draw a line of billions of dots."""
    rows = 4 * plot.height
    return plot.dot_column(x) or 0.0, min(2.0 * rows, max(-1.0 * rows, plot.dot_row(y) or 0.0))


def _cells_of(dots: Run) -> Run:
    return [((column + 0.5) / 2, (row + 0.5) / 4) for column, row in dots]


def _broken(dots: Run, line: str) -> Run:
    """The dots of a dotted (one of three columns) or dashed (four of seven) line through the given ones."""
    kept: Run = []
    for (x0, y0), (x1, y1) in pairwise(dots):
        for column in range(round(x0), round(x1) + 1):
            if column % 3 == 0 if line == "dotted" else column % 7 < 4:
                share = min(1.0, max(0.0, (column - x0) / (x1 - x0))) if x1 > x0 else 0.0
                kept.append((float(column), y0 + (y1 - y0) * share))
    return kept


def _raster(lines: list[Polyline], plot: Plot, marker: str) -> list[str]:
    """What plotext's kernel makes of one curve: the plot's rows as characters, blank where there is no line."""
    if not lines:
        return []
    import plotext  # 0.15 s, paid by the first chart

    with _plotext_lock:
        plotext.terminal.limit(False, False)
        figure: Any = plotext.figure
        figure.clear()
        figure.plot_size(plot.width, plot.height)
        figure.axes(False)
        figure.canvas("default")
        figure.legend(False)
        for axis, length in (("x", plot.width), ("y", plot.height)):
            ruler = figure.ruler(axis)
            ruler.lim(0, length)
            ruler.alignment("edge")
            ruler.frequency(0)
        pen = plotext.marker(marker)
        for line in lines:
            xs, ys = [x for x, _ in line.points], [y for _, y in line.points]
            figure.draw(figure.signal(xs, ys, marker=pen).lines(line.joined))
        text = str(figure.build().string(True))
        figure.clear()
    return text.split("\n")


def _ink_curve(canvas: Cells, plot: Plot, rows: list[str], ink: Ink) -> None:
    for down, row in enumerate(rows[: plot.height]):
        for column, character in enumerate(row[: plot.width], plot.left):
            if character not in " ⠀":
                canvas.set(column, plot.top + down, character, ink)


def _put_markers(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme, pieces: list[list[Run]]) -> None:
    signs = markers_of(chart, theme)
    for number in reversed(range(len(chart.series))):
        ink = ink_of(chart.series[number], theme)
        following = plot.left + 3 * number
        for run in pieces[number]:
            for x, y in run:
                column, row = plot.column(x), plot.row(y)
                if column is None or row is None:
                    continue
                if signs[number] and (column >= following or len(run) <= 2):
                    canvas.set(column, row, signs[number], ink)
                    following = column + _MARKER_EVERY
                elif len(run) == 1:
                    canvas.set(column, row, "•", ink)


def _say_empty(canvas: Cells, plot: Plot, chart: Chart, theme: ChartTheme) -> None:
    shown = clip(chart.empty, plot.width)
    row = plot.top + (plot.height - 1) // 2
    canvas.put(plot.left + (plot.width - cells(shown)) // 2, row, shown, Ink(theme.text))
