"""The cells of an experiment, a line each, with progress and what is measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhe_tui.experiments.figures import TableRow
from lhe_tui.text.widths import cells, pad
from lhe_tui.tui.widgets.inks import InkedWidget, Piece

_BAR = 10
_LEAST_LABEL = 12


@dataclass(frozen=True, slots=True)
class CellLine:
    """A table row with what the table does not know: how much is done, and how the cell stands."""

    row: TableRow
    share: float
    status: str
    """`done`, `asking`, `waiting` or `fault`."""


_SIGNS = {"done": "✓", "asking": "▶", "waiting": "○", "fault": "!"}


class CellList(ScrollView, InkedWidget, can_focus=False, inherit_bindings=False):
    """The screen moves the cursor; a second click opens."""

    @dataclass
    class Opened(Message):
        """A line was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[CellLine] = ()
        self.measure = ""
        self.cursor = 0

    def show(self, lines: Sequence[CellLine], measure: str) -> None:
        """Show the cells; `measure` heads their column."""
        if lines != self.lines or measure != self.measure:
            self.lines, self.measure = lines, measure
            self.virtual_size = Size(0, len(lines) + 1)
            self.cursor = max(0, min(self.cursor, len(lines) - 1))
            self.refresh()

    def move(self, by: int) -> None:
        """The cursor so many lines down."""
        self.cursor = max(0, min(len(self.lines) - 1, self.cursor + by))
        self.scroll_to_region(Region(0, self.cursor, 1, 2), animate=False, force=True)
        self.refresh()

    def _widths(self) -> list[int]:
        """Of the columns after the bar; 0 leaves one out."""
        heads = ("turns", self.measure, "difference", "N for 10 pts", "H_0.5")
        table = [
            (r.done, r.measure, r.against, r.needed, r.horizon) for r in (line.row for line in self.lines)
        ]
        widths = []
        for number, head in enumerate(heads):
            values = [row[number] for row in table]
            told = any(value not in ("", "—") for value in values)
            widths.append(max(cells(value) for value in (head, *values)) + 2 if told else 0)
        room = self.size.width - _LEAST_LABEL - _BAR - 5
        # What fits least goes last: turns first of all, then what is needed, then the horizon.
        for place in (0, 3, 2, 4):
            if sum(widths) > room:
                widths[place] = 0
        return widths

    def render_line(self, y: int) -> Strip:
        """The heading stays, the cells scroll under it."""
        width = self.size.width
        widths = self._widths()
        label = max(_LEAST_LABEL, width - sum(widths) - _BAR - 5)
        if y == 0:
            heads = ("turns", self.measure, "difference", "N for 10 pts", "H_0.5")
            text = "".join(pad(head, size) for head, size in zip(heads, widths, strict=True))
            return self.inked([(f"   {pad('cell', label)} {pad('', _BAR)} {text}", "dim")], width)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        line, row = self.lines[index], self.lines[index].row
        values = (row.done, row.measure, row.against, row.needed, row.horizon)
        text = "".join(pad(value, size) for value, size in zip(values, widths, strict=True))
        here = index == self.cursor
        done = min(_BAR, int(line.share * _BAR + (0.5 if line.share < 0.95 else 0)))
        pieces: list[Piece] = [
            ("▸" if here else " ", "change"),
            (_SIGNS[line.status] + " ", "wrong" if line.status == "fault" else "plain"),
            (pad(row.label, label) + " ", "strong" if here else "plain"),
            ("━" * done, "calm" if line.share >= 1 else "live"),
            ("─" * (_BAR - done) + " ", "rule"),
            (text, "plain"),
        ]
        return self.inked(pieces, width, base=self.ink("cursor" if here else "plain"))

    def on_resize(self) -> None:
        """As wide as the pane."""
        self.virtual_size = Size(0, len(self.lines) + 1)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y and 0 <= index < len(self.lines):
            self.move(index - self.cursor)
            if event.chain == 2:
                self.post_message(self.Opened())
