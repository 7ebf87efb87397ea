"""Turns of several sessions side by side, with a cursor on one session's turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhe_tui.engine.state import TurnRecord
from lhe_tui.text.widths import pad
from lhe_tui.tui.compare.aligned_rows import AlignedRow
from lhe_tui.tui.turn.run_words import OUTCOME_SIGN, OUTCOME_WORD, outcome_ink, whole
from lhe_tui.tui.widgets.inks import Ink, InkedWidget, Piece

_TURN_WIDTH = 8
_LEAST_CELL, _MOST_CELL = 10, 20
_LEAST_KEYS = 8


class AlignedTurns(ScrollView, InkedWidget, can_focus=False, inherit_bindings=False):
    """Rows are turns, columns sessions. The screen moves the cursor."""

    @dataclass
    class Opened(Message):
        """A cell was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[AlignedRow] = ()
        self.letters: Sequence[str] = ()
        self.keys_of: Callable[[int], str] = lambda turn: ""
        self.row = 0
        self.column = 0

    def show(
        self, rows: Sequence[AlignedRow], letters: Sequence[str], keys_of: Callable[[int], str], turn: int
    ) -> None:
        """Show a sample's rows, the cursor on a turn; `keys_of` gives the turn's keys."""
        self.rows, self.letters, self.keys_of = rows, letters, keys_of
        self.virtual_size = Size(0, len(rows) + 1)
        self.column = min(self.column, max(0, len(letters) - 1))
        self.go_to(turn)

    @property
    def turn(self) -> int:
        """The turn under the cursor; 0 where there is none."""
        return self.rows[self.row].turn if self.row < len(self.rows) else 0

    @property
    def record(self) -> TurnRecord | None:
        """The record under the cursor."""
        return self.rows[self.row].records[self.column] if self.row < len(self.rows) else None

    def go_to(self, turn: int) -> None:
        """Put the cursor on a turn."""
        self._place(turn - 1)

    def move(self, by: int) -> None:
        """The cursor so many turns down."""
        self._place(self.row + by)

    def move_column(self, by: int) -> None:
        """The cursor to another session."""
        if self.letters:
            self.column = (self.column + by) % len(self.letters)
            self.refresh()

    @property
    def page(self) -> int:
        """Rows that a page holds."""
        return max(1, self.size.height - 2)

    def _place(self, row: int) -> None:
        self.row = max(0, min(len(self.rows) - 1, row))
        # Some rows around it, so that what led there is seen.
        around = max(0, min(3, self.size.height // 2 - 2))
        region = Region(0, max(0, self.row - around), 1, 2 * around + 2)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()

    # ---- drawing

    def _cell_width(self) -> int:
        room = (self.size.width - _TURN_WIDTH - _LEAST_KEYS) // max(1, len(self.letters))
        return max(_LEAST_CELL, min(_MOST_CELL, room))

    def _keys_width(self) -> int:
        left = self.size.width - _TURN_WIDTH - self._cell_width() * len(self.letters) - 1
        return left if left >= _LEAST_KEYS else 0

    def render_line(self, y: int) -> Strip:
        """The heading stays, the rows scroll under it."""
        width = self.size.width
        if y == 0:
            return self.inked(self._heading(), width)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        return self.inked(self._pieces(index), width)

    def _heading(self) -> list[Piece]:
        keys = pad("keys", self._keys_width()) + " " if self._keys_width() else ""
        size = self._cell_width()
        letters = "".join(pad(f"  {letter}", size) for letter in self.letters)
        return [(pad("turn", _TURN_WIDTH), "dim"), (keys, "dim"), (letters, "dim")]

    def _pieces(self, index: int) -> list[Piece]:
        row = self.rows[index]
        sign = "≠" if row.parted else " "
        on_row = index == self.row
        line: list[Piece] = [(f"{'▸' if on_row else ' '}{row.turn:>4} ", "strong" if on_row else "plain")]
        line.append((f"{sign} ", "change" if row.one_right else "dim"))
        if size := self._keys_width():
            line.append((pad(self.keys_of(row.turn), size) + " ", "dim"))
        for column, record in enumerate(row.records):
            line.append(self._cell(record, cursor=on_row and column == self.column))
        return line

    def _cell(self, record: TurnRecord | None, *, cursor: bool) -> Piece:
        size = self._cell_width()
        if record is None:
            return pad("  –", size), "cursor" if cursor else "dim"
        said = OUTCOME_WORD[record.verdict] if record.number is None else whole(record.number)
        ink: Ink = "calm" if record.verdict == "correct" else outcome_ink(record)
        text = f" {OUTCOME_SIGN[record.verdict]} {said}"
        # The cursor is told by its brackets too: colour alone says nothing without colour.
        if cursor:
            return pad(f"[{text[1:]}]", size), "cursor"
        return pad(text, size), ink

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self.virtual_size = Size(0, len(self.rows) + 1)
        self._place(self.row)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or not 0 <= index < len(self.rows):
            return
        left = _TURN_WIDTH + (self._keys_width() + 1 if self._keys_width() else 0)
        column = (event.x - left) // self._cell_width()
        self.row = index
        if 0 <= column < len(self.letters):
            self.column = column
        self.refresh()
        if event.chain == 2:
            self.post_message(self.Opened())
