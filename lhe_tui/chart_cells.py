"""A chart's cells before they become text: characters with ink, and their three ways out (plain, ANSI, Textual)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from lhe_tui.text_safety import cells

if TYPE_CHECKING:
    from textual.content import Content
    from textual.style import Style

ANSI_COLOURS: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


class Ink(NamedTuple):
    """How a cell is coloured: `#rrggbb`, `ansi_cyan`, `ansi_bright_black`, or "" for the terminal's own."""

    colour: str = ""
    background: str = ""
    bold: bool = False
    dim: bool = False


PLAIN: Final = Ink()


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
        pairs = zip(_rgb(colour), _rgb(self.background), strict=True)
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


class Cells:
    """A grid of characters with ink, filled from (column, row), row 0 on top."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.characters = [[" "] * width for _ in range(height)]
        self.inks = [[PLAIN] * width for _ in range(height)]

    def put(self, column: int, row: int, text: str, ink: Ink = PLAIN) -> None:
        """Writes visible text; what falls outside the grid is left out, a wide character takes its two cells."""
        if not 0 <= row < self.height:
            return
        for character in text:
            size = cells(character)
            if size == 0:
                if 0 < column <= self.width:
                    self.characters[row][column - 1] += character
                continue
            if column >= 0 and column + size <= self.width:
                self.characters[row][column : column + size] = [character] + [""] * (size - 1)
                self.inks[row][column : column + size] = [ink] * size
            column += size

    def set(self, column: int, row: int, character: str, ink: Ink) -> None:
        """Puts one narrow character into a cell of the grid; a band under it stays as its ground."""
        inks = self.inks[row]
        under = inks[column]
        if under is not PLAIN:
            ground = under.background or (under.colour if self.characters[row][column] in "▀▄" else "")
            if ground:
                ink = ink._replace(background=ground)
        self.characters[row][column] = character
        inks[column] = ink

    def is_free(self, column: int, row: int) -> bool:
        """Whether nothing but a band or blank stands in the cell."""
        return self.characters[row][column] in " ░▀▄"

    def rows(self) -> Iterator[list[tuple[str, Ink]]]:
        """Each row as runs of one ink, without the blank tail."""
        for characters, inks in zip(self.characters, self.inks, strict=True):
            end = self.width
            while end and characters[end - 1] == " " and not inks[end - 1].background:
                end -= 1
            found: list[tuple[str, Ink]] = []
            start = 0
            for column in range(1, end + 1):
                if column == end or inks[column] != inks[start]:
                    found.append(("".join(characters[start:column]), inks[start]))
                    start = column
            yield found if end else []

    def plain(self) -> str:
        """The characters alone."""
        return "\n".join("".join(text for text, _ in row) for row in self.rows())

    def ansi(self) -> str:
        """The characters with colour codes; every line ends as it began, with none in force."""
        return "\n".join("".join(_painted(text, ink) for text, ink in row) for row in self.rows())

    def content(self) -> Content:
        """The same for a Textual widget."""
        from textual.content import Content, Span

        pieces: list[str] = []
        spans: list[Span] = []
        at = 0
        for number, row in enumerate(self.rows()):
            if number:
                pieces.append("\n")
                at += 1
            for text, ink in row:
                if ink != PLAIN:
                    spans.append(Span(at, at + len(text), _textual_style(ink)))
                pieces.append(text)
                at += len(text)
        return Content("".join(pieces), spans=spans)


@lru_cache(maxsize=256)
def _textual_style(ink: Ink) -> Style:
    from textual.color import Color
    from textual.style import Style

    return Style(
        foreground=Color.parse(ink.colour) if ink.colour else None,
        background=Color.parse(ink.background) if ink.background else None,
        bold=ink.bold or None,
        dim=ink.dim or None,
    )


def _painted(text: str, ink: Ink) -> str:
    return text if ink == PLAIN else f"\x1b[{_codes(ink)}m{text}\x1b[0m"


@lru_cache(maxsize=256)
def _codes(ink: Ink) -> str:
    codes = ["1"] * ink.bold + ["2"] * ink.dim
    codes += [_colour_code(ink.colour, 30)] if ink.colour else []
    codes += [_colour_code(ink.background, 40)] if ink.background else []
    return ";".join(codes)


def _colour_code(colour: str, base: int) -> str:
    if colour.startswith("#"):
        return f"{base + 8};2;" + ";".join(str(part) for part in _rgb(colour))
    name = colour.removeprefix("ansi_")
    bright = name.startswith("bright_")
    return str(base + 60 * bright + ANSI_COLOURS.index(name.removeprefix("bright_")))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
