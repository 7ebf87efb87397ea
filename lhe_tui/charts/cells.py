"""A chart's cells before they become text: characters with ink, and their three ways out (plain, ANSI, Textual)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from lhe_tui.charts.colours import rgb
from lhe_tui.text.widths import cells

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
        return f"{base + 8};2;" + ";".join(str(part) for part in rgb(colour))
    name = colour.removeprefix("ansi_")
    bright = name.startswith("bright_")
    return str(base + 60 * bright + ANSI_COLOURS.index(name.removeprefix("bright_")))
