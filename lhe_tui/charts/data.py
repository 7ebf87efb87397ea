"""What a chart shows, as plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Stroke = Literal["thin", "thick", "bold", "dotted", "dashed"]
"""`bold` is drawn in quarter blocks, to be read from the last row of a room; the others in braille dots."""

STROKES: Final[dict[str, Stroke]] = {
    "turn": "thin",
    "task": "thick",
    "theory": "dotted",
    "truth": "thick",
    "model": "thin",
    "reference": "dashed",
}
"""The line of each role."""
_COLOUR: Final = re.compile(
    r"#[0-9a-fA-F]{6}|ansi_(bright_)?(black|red|green|yellow|blue|magenta|cyan|white)|[1-9]\d*"
)


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. `points` come in the order of x; a y of None or NaN is a gap.

    `style` is a role ("turn", "task", "theory", "truth", "model", "reference"), a place in the theme's palette ("1",
    "2", …) or a colour (`#rrggbb`, `ansi_red`). `band` holds (x, low, high) of an interval, named `band_label` in the
    legend. A series without a `label` is not in the legend.
    """

    points: Sequence[tuple[float, float | None]]
    label: str = ""
    style: str = "turn"
    stroke: Stroke | None = None
    band: Sequence[tuple[float, float, float]] | None = None
    band_label: str = "95 %"
    dimmed: bool = False

    def __post_init__(self) -> None:
        """Refuses a style that no theme knows."""
        if self.style not in STROKES and not _COLOUR.fullmatch(self.style):
            raise ValueError(f"series style {self.style!r} is neither a role, a palette number nor a colour")

    @property
    def line(self) -> Stroke:
        """How the curve is drawn."""
        return self.stroke or STROKES.get(self.style, "thin")


@dataclass(frozen=True, slots=True)
class Gap:
    """The room between two curves, filled: (x, low, high) in the order of x. `style` is one that a series may have."""

    points: Sequence[tuple[float, float, float]]
    style: str = "reference"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the x axis, such as a change of controls: a numbered vertical line, labelled where there is room.

    Marks are numbered ①, ②, … in the order in which they stand in the chart.
    """

    x: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure. Series stand in the order of their weight: the first lies in front and leads the legend.

    Ranges not given are taken from the data. `y_percent` writes y values of 0..1 as percentages, `y_log` lays the y
    axis out in powers of ten, `hlines` are dashed lines across at these y values. `left` is the least number of cells
    left of the plot, so that what stands above or below can share its columns. `end_labels` names each curve at its
    end. `cursor` is an x at which a line stands.
    """

    series: Sequence[Series] = ()
    title: str = ""
    marks: Sequence[Mark] = ()
    gaps: Sequence[Gap] = ()
    hlines: Sequence[float] = ()
    x_label: str = ""
    y_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_whole: bool = True
    y_percent: bool = False
    y_log: bool = False
    legend: bool = True
    left: int = 0
    end_labels: bool = False
    cursor: float | None = None
    empty: str = "no turns yet"
