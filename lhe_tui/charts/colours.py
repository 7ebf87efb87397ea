"""The colours of charts, on screens and in exported pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """The colours of a chart. With `colour` off, series are told apart by line, marker and word alone.

    `background` is the colour that dimmed lines and bands are mixed with; "" where it is not known (the terminal's own
    colours), and there a band is drawn as a light shade.
    """

    turn: str
    task: str
    theory: str
    truth: str
    model: str
    reference: str
    palette: tuple[str, ...]
    axis: str
    text: str
    mark: str
    background: str = ""
    colour: bool = True

    def of(self, style: str) -> str:
        """The colour of a role ("turn", …), of a place in the palette ("1" …), or the colour itself."""
        if not self.colour:
            return ""
        if style.isdecimal():
            return self.palette[(int(style) - 1) % len(self.palette)]
        return str(getattr(self, style)) if style in ROLES else style

    def faded(self, colour: str, share: float) -> str:
        """The colour mixed into the background, `share` of it left; the axis colour where that is not known."""
        if not (self.background.startswith("#") and colour.startswith("#")):
            return self.axis
        pairs = zip(rgb(colour), rgb(self.background), strict=True)
        return "#" + "".join(f"{round(over * share + under * (1 - share)):02x}" for over, under in pairs)


ROLES: Final = frozenset({"turn", "task", "theory", "truth", "model", "reference"})

DARK: Final = ChartTheme(
    turn="#4cc9f0",
    task="#ffb454",
    theory="#b79cff",
    truth="#7bd88f",
    model="#4cc9f0",
    reference="#8b93a7",
    palette=("#4cc9f0", "#ffb454", "#7bd88f", "#ff7a90", "#b79cff", "#e6db74"),
    axis="#5c6478",
    text="#a9b1c4",
    mark="#ff7a90",
    background="#121212",
)
LIGHT: Final = ChartTheme(
    turn="#0077b6",
    task="#b35900",
    theory="#6a3fc4",
    truth="#1a7f37",
    model="#0077b6",
    reference="#6b7280",
    palette=("#0077b6", "#b35900", "#1a7f37", "#c2185b", "#6a3fc4", "#7a6a00"),
    axis="#9aa1ae",
    text="#4b5362",
    mark="#c2185b",
    background="#f5f5f5",
)
TERMINAL: Final = ChartTheme(
    turn="ansi_cyan",
    task="ansi_yellow",
    theory="ansi_magenta",
    truth="ansi_green",
    model="ansi_cyan",
    reference="ansi_bright_black",
    palette=("ansi_cyan", "ansi_yellow", "ansi_green", "ansi_red", "ansi_magenta", "ansi_blue"),
    axis="ansi_bright_black",
    text="",
    mark="ansi_red",
)
"""The terminal's own sixteen colours."""
MONO: Final = ChartTheme("", "", "", "", "", "", ("",), "", "", "", colour=False)
"""No colour at all."""


def theme_for(*, dark: bool = True, ansi: bool = False, colour: bool = True) -> ChartTheme:
    """The theme for a screen: `colour` off under NO_COLOR, `ansi` where the terminal's own colours are asked for."""
    if not colour:
        return MONO
    return TERMINAL if ansi else DARK if dark else LIGHT


def rgb(colour: str) -> tuple[int, int, int]:
    """The three parts of `#rrggbb`, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
