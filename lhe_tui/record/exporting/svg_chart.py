"""Charts as SVG: data in, text out. Text stays text, colours follow light and dark, nothing is fetched or run.

Stand-alone pictures carry their own style; pictures within a page take the page's (`chart_style`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Final

from lhe_tui.charts.colours import ROLES
from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.charts.scale import Run, Scale, decimate, make_scale, runs, thin_band, tick_labels, ticks
from lhe_tui.record.exporting.svg_style import chart_style
from lhe_tui.text.visible import html_text, visible

__all__ = ["Figure", "chart_style", "svg_document", "svg_figure", "text_width"]

FONT: Final = 12.0
_LETTER: Final = 6.7
"""Width of a letter at that size, on average."""
_MARK_ROWS: Final = 4
"""Rows of labels over the plot; marks beyond keep their line and lose their label."""
_LONGEST_LABEL: Final = 60
_BARE_TICKS: Final = 60.0
"""Room that one label of the x axis asks for."""


@dataclass(frozen=True)
class Figure:
    """A chart to be drawn: its title and description in words, its size, and a name that is unique on its page."""

    chart: Chart
    title: str
    description: str = ""
    name: str = "chart"
    width: float = 760.0
    height: float = 340.0


@dataclass
class _Plot:
    """The rectangle of the curves, and the scales that lead there."""

    x: Scale
    y: Scale
    left: float
    top: float
    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def across(self, value: float) -> float | None:
        """The place of an x value."""
        share = self.x.fraction(value)
        return None if share is None else self.left + share * self.width

    def down(self, value: float) -> float | None:
        """The place of a y value, kept near the plot however wild it is."""
        share = self.y.fraction(value)
        return None if share is None else self.top + (1 - min(9.0, max(-9.0, share))) * self.height


def svg_document(figures: Sequence[Figure]) -> str:
    """A file of its own: the figures one under the other, each under its title, on paper that is light or dark."""
    head = 34.0
    width = max((figure.width for figure in figures), default=100.0)
    total = sum(figure.height + head for figure in figures) + 8
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(total)}" '
        f'width="{_n(width)}" height="{_n(total)}" role="group">\n<style>{chart_style(paper=True)}</style>\n'
        f'<rect class="paper" width="{_n(width)}" height="{_n(total)}"/>'
    ]
    top = 0.0
    for figure in figures:
        title = html_text(_cut(figure.title, int((width - 24) / (_LETTER * 1.2))))
        parts.append(f'<text class="title" x="12" y="{_n(top + 23)}">{title}</text>')
        parts.append(f'<g transform="translate(0 {_n(top + head)})">{svg_figure(figure)}</g>')
        top += figure.height + head
    return "\n".join([*parts, "</svg>"]) + "\n"


def svg_figure(figure: Figure) -> str:
    """One `<svg>` element, to stand in a page or in a picture; its ids begin with the figure's name."""
    chart, name = figure.chart, figure.name
    plot, mark_labels, legend = _lay_out(figure)
    parts = [
        f'<svg class="chart" viewBox="0 0 {_n(figure.width)} {_n(figure.height)}" '
        f'width="{_n(figure.width)}" height="{_n(figure.height)}" '
        f'role="img" aria-labelledby="{name}-title {name}-desc">',
        f'<title id="{name}-title">{html_text(figure.title, limit=300)}</title>',
        f'<desc id="{name}-desc">{html_text(figure.description, limit=2000)}</desc>',
        f'<clipPath id="{name}-clip"><rect x="{_n(plot.left - 1)}" y="{_n(plot.top - 2)}" '
        f'width="{_n(plot.width + 2)}" height="{_n(plot.height + 4)}"/></clipPath>',
        *_y_axis(plot, chart),
        *_x_axis(plot, chart, figure),
        *_dashed_lines(plot, chart),
        f'<g clip-path="url(#{name}-clip)">',
        *(part for series in reversed(chart.series) for part in _band(plot, series)),
        *(part for series in reversed(chart.series) for part in _curve(plot, series)),
        "</g>",
        *_mark_lines(plot, chart, mark_labels),
        *legend,
    ]
    if not any(runs(list(series.points)) for series in chart.series):
        middle = plot.left + plot.width / 2, plot.top + plot.height / 2
        parts.append(
            f'<text class="note" x="{_n(middle[0])}" y="{_n(middle[1])}">{html_text(chart.empty)}</text>'
        )
    return "\n".join([*parts, "</svg>"])


def text_width(text: str) -> float:
    """About how wide a visible text is at the charts' size."""
    return sum(_LETTER * (1.8 if ord(letter) > 0x2E7F else 1.0) for letter in text)


# ---- lay-out


@dataclass(frozen=True)
class _Label:
    """A mark's label: its row (0 the lowest), where it starts or ends, and which."""

    mark: Mark
    text: str
    row: int
    x: float
    to_left: bool


def _lay_out(figure: Figure) -> tuple[_Plot, list[_Label], list[str]]:
    chart = figure.chart
    xs = (point[0] for series in chart.series for point in series.points)
    ys = [point[1] for series in chart.series for point in series.points]
    edges = [edge for series in chart.series for _, *both in series.band or () for edge in both]
    x = make_scale(xs, chart.x_range)
    y = make_scale([*ys, *edges, *chart.hlines], chart.y_range, log=chart.y_log, margin=0.04)
    labels = _y_labels(y, chart, figure.height)
    left = max((text_width(label) for _, label in labels), default=0.0) + 18
    width = max(20.0, figure.width - left - 16)
    legend, legend_rows = _legend(chart, figure.width)
    plot = _Plot(x, y, left, 0.0, width, 0.0)
    mark_labels = _placed_labels(plot, chart.marks)
    rows = max((label.row + 1 for label in mark_labels), default=0)
    plot.top = 8 + legend_rows * 20 + rows * 16
    plot.height = max(20.0, figure.height - plot.top - (42 if chart.x_label else 24))
    return plot, mark_labels, legend


def _y_labels(scale: Scale, chart: Chart, height: float) -> list[tuple[float, str]]:
    values = ticks(scale, max(2, min(6, int(height / 42))), through=chart.hlines)
    groups = [[value] for value in values] if chart.y_log else [values]
    words = [label for group in groups for label in tick_labels(group, percent=chart.y_percent)]
    return list(zip(values, words, strict=True))


def _placed_labels(plot: _Plot, marks: Sequence[Mark]) -> list[_Label]:
    """The labels that find room, each in the lowest row where it touches no other.

    From the last to the first: an earlier label lies above the lines of the later ones that it reaches over.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_MARK_ROWS)]
    placed = []
    for mark in reversed(marks):
        x = plot.across(mark.x)
        if x is None or not mark.label or not plot.left - 1 <= x <= plot.left + plot.width + 1:
            continue
        text = _cut(visible(mark.label, limit=200), _LONGEST_LABEL)
        wide = text_width(text) * 0.95
        to_left = x + wide > plot.left + plot.width and x - wide > 0
        begin, end = (x - wide - 8, x) if to_left else (x, x + wide + 8)
        for row, others in enumerate(taken):
            if all(end < low or begin > high for low, high in others):
                others.append((begin, end))
                placed.append(_Label(mark, text, row, x, to_left))
                break
    return placed


def _legend(chart: Chart, width: float) -> tuple[list[str], int]:
    """The legend's parts and how many rows they take."""
    if not chart.legend or not any(series.label for series in chart.series):
        return [], 0
    parts: list[str] = []
    x, row = 12.0, 0
    band_named = False
    for series in chart.series:
        if not series.label:
            continue
        entries = [(series.label, False)]
        if series.band and not band_named:
            band_named = True
            entries.append((series.band_label, True))
        for words, band in entries:
            text = _cut(visible(words, limit=200), _LONGEST_LABEL)
            wide = 34 + text_width(text) + 14
            if x > 12 and x + wide > width:
                x, row = 12.0, row + 1
            y = 14.0 + row * 20
            swatch = (
                f'<rect class="band {_style_class(series)}" x="{_n(x)}" y="{_n(y - 9)}" width="26" height="10"/>'
                if band
                else f'<path class="{_curve_class(series)}"{_own_colour(series)} d="M{_n(x)} {_n(y - 4)}h26"/>'
            )
            parts.append(f'{swatch}<text x="{_n(x + 32)}" y="{_n(y)}">{html_text(text)}</text>')
            x += wide
    return parts, row + 1


# ---- what is drawn


def _y_axis(plot: _Plot, chart: Chart) -> list[str]:
    parts = []
    for value, label in _y_labels(plot.y, chart, plot.height + 60):
        y = plot.down(value)
        if y is None:
            continue
        parts.append(f'<path class="grid" d="M{_n(plot.left)} {_n(y)}h{_n(plot.width)}"/>')
        parts.append(
            f'<text class="tick y" x="{_n(plot.left - 7)}" y="{_n(y + 4)}">{html_text(label)}</text>'
        )
    return parts


def _x_axis(plot: _Plot, chart: Chart, figure: Figure) -> list[str]:
    bottom = plot.top + plot.height
    parts = [f'<path class="axis" d="M{_n(plot.left)} {_n(bottom)}h{_n(plot.width)}"/>']
    ends = [plot.x.low, plot.x.high] if chart.x_whole and chart.x_range else []
    values = ticks(plot.x, max(2, int(plot.width / _BARE_TICKS)), whole=chart.x_whole)
    written: list[tuple[float, float]] = []
    # The ends come first: the last turn is what a person looks for, round values fill the room between.
    for value in [*ends, *values]:
        x = plot.across(value)
        label = tick_labels([value])[0] if chart.x_whole else tick_labels(values)[values.index(value)]
        half = text_width(label) / 2 + 7
        if x is None or any(x + half > low and x - half < high for low, high in written):
            continue
        written.append((x - half, x + half))
        parts.append(f'<path class="axis" d="M{_n(x)} {_n(bottom)}v4"/>')
        parts.append(f'<text class="tick x" x="{_n(x)}" y="{_n(bottom + 17)}">{html_text(label)}</text>')
    if chart.x_label:
        where = f'x="{_n(plot.left + plot.width / 2)}" y="{_n(figure.height - 6)}"'
        parts.append(f'<text class="tick x" {where}>{html_text(chart.x_label, limit=100)}</text>')
    return parts


def _dashed_lines(plot: _Plot, chart: Chart) -> list[str]:
    places = [y for value in chart.hlines if (y := plot.down(value)) is not None]
    return [f'<path class="level" d="M{_n(plot.left)} {_n(y)}h{_n(plot.width)}"/>' for y in places]


def _band(plot: _Plot, series: Series) -> list[str]:
    """The interval around a curve, cut where turns are missing."""
    found = thin_band(series.band or (), plot.x, int(plot.width))
    numbered = enumerate(found)
    parts = []
    step = _step([x for x, _, _ in found])
    for _, group in groupby(numbered, key=lambda item: round(item[1][0] / step) - item[0]):
        piece = [entry for _, entry in group]
        top = [(plot.across(x), plot.down(high)) for x, _, high in piece]
        bottom = [(plot.across(x), plot.down(low)) for x, low, _ in reversed(piece)]
        corners = [(x, y) for x, y in [*top, *bottom] if x is not None and y is not None]
        if len(piece) == 1 and corners:
            # A lone turn would have no width.
            corners = [(x + side, y) for side in (-2, 2) for x, y in (corners if side < 0 else corners[::-1])]
        parts.append(
            f'<path class="band {_style_class(series)}"{_own_colour(series)} d="{_path(corners)}Z"/>'
        )
    return parts


def _step(xs: Sequence[float]) -> float:
    """The usual distance between neighbours."""
    gaps = [after - before for before, after in pairwise(xs) if after > before]
    return min(gaps, default=1.0)


def _curve(plot: _Plot, series: Series) -> list[str]:
    look, own = _curve_class(series), _own_colour(series)
    parts = []
    for run in runs(_within(series, plot.x)):
        places = _places(plot, decimate(run, plot.x, int(plot.width)))
        if len(places) == 1:
            x, y = places[0]
            parts.append(f'<circle class="{look} dot"{own} cx="{_n(x)}" cy="{_n(y)}" r="2.5"/>')
        elif places:
            parts.append(f'<path class="{look}"{own} d="{_path(places)}"/>')
    return parts


def _within(series: Series, scale: Scale) -> list[tuple[float, float | None]]:
    return [point for point in series.points if scale.low <= point[0] <= scale.high]


def _places(plot: _Plot, run: Run) -> Run:
    places = [(plot.across(x), plot.down(y)) for x, y in run]
    return [(x, y) for x, y in places if x is not None and y is not None]


def _mark_lines(plot: _Plot, chart: Chart, labels: Sequence[_Label]) -> list[str]:
    rows = {label.mark.x: label.row for label in labels}
    parts = []
    for mark in chart.marks:
        x = plot.across(mark.x)
        if x is None or not plot.left - 1 <= x <= plot.left + plot.width + 1:
            continue
        top = plot.top - (16 * (rows[mark.x] + 1) if mark.x in rows else 0)
        words = html_text(f"{mark.x:g}: {mark.label}", limit=300)
        parts.append(
            f'<path class="mark" d="M{_n(x)} {_n(top)}V{_n(plot.top + plot.height)}"><title>{words}</title></path>'
        )
    for label in labels:
        side = ' class="mark end"' if label.to_left else ' class="mark"'
        x, y = label.x + (-4 if label.to_left else 4), plot.top - 16 * label.row - 5
        parts.append(f'<text{side} x="{_n(x)}" y="{_n(y)}">{html_text(label.text)}</text>')
    return parts


# ---- small things


def _style_class(series: Series) -> str:
    if series.style in ROLES:
        return f"s-{series.style}"
    return f"s-{(int(series.style) - 1) % 6 + 1}" if series.style.isdecimal() else "s-own"


def _curve_class(series: Series) -> str:
    return f"curve {series.line} {_style_class(series)}" + (" dimmed" if series.dimmed else "")


def _own_colour(series: Series) -> str:
    return f' style="color:{series.style}"' if series.style.startswith("#") else ""


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in places) if places else "M0 0"


def _n(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"
