"""The lines of the session list: drawn as they come into view, so that their number does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhe_tui.text.widths import cells, clip, pad
from lhe_tui.tui.sessions.session_rows import (
    SessionRow,
    date_words,
    horizon_words,
    name_words,
    sparkline,
)
from lhe_tui.tui.widgets.inks import Ink, InkedWidget, Piece

_LETTERS = "ABCDEF"
_LEAST_REST = 6
_ROOM_TO_SAY = 20
_SIGNS = {
    "complete": "✓",
    "incomplete": "✗",
    "stopped": "‖",
    "unfinished": "…",
    "damaged": "✗",
    "running": "▶",
}
_STATUS_INKS: dict[str, Ink] = {
    "complete": "correct",
    "incomplete": "wrong",
    "stopped": "injected",
    "unfinished": "injected",
    "damaged": "wrong",
    "running": "live",
}


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Widths of the columns, in cells."""

    model: int
    task: int
    size: int
    horizon: int
    curve: int
    status: int
    date: int

    @classmethod
    def for_width(cls, width: int) -> ListColumns:
        """What fits."""
        task, size, horizon, curve, status, date = (11, 8, 5, 13, 12, 0)
        if width >= 100:
            task, size, horizon, curve, date = 18, 8, 5, 13 + min(20, (width - 100) // 5), 16
        elif width < 76:
            curve = 0
        gaps = 7
        rest = task + size + horizon + curve + status + date + gaps
        return cls(max(12, width - rest), task, size, horizon, curve, status, date)


class SessionList(ScrollView, InkedWidget, can_focus=True):
    """Arrow keys and clicks move the cursor; enter and a second click open."""

    BINDINGS: ClassVar = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "move(-1000000000)", "first", show=False),
        Binding("end", "move(1000000000)", "last", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

        row: SessionRow | None

    class Opened(Message):
        """A line was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[SessionRow] = []
        self.cursor = 0
        self.running: Path | None = None
        """The session that is being written by this app."""
        self.marked: list[Path] = []
        """The sessions marked for a comparison, in the order in which they were."""

    @property
    def current(self) -> SessionRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show_rows(self, rows: list[SessionRow]) -> None:
        """Show other rows; the cursor stays with its file."""
        before = self.current.entry.path if self.current else None
        self.rows = rows
        places = (i for i, row in enumerate(rows) if row.entry.path == before)
        self.cursor = next(places, min(self.cursor, max(0, len(rows) - 1)))
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh()
        self.post_message(self.Moved(self.current))

    def on_resize(self) -> None:
        """As wide as the pane."""
        self.virtual_size = Size(self.size.width, len(self.rows))

    def heading(self) -> Strip:
        """The columns' names, for the line above."""
        columns = ListColumns.for_width(self.size.width)
        names = (" session", "task", "turns×n", "H₀.₅", "turn accuracy", "status", "started")
        widths = (columns.model, columns.task, columns.size, columns.horizon, columns.curve, columns.status)
        columned = zip(names, widths, strict=False)
        text = " " + " ".join(pad(name, width) for name, width in columned if width)
        return self.inked([(f"{text} {names[-1] if columns.date else ''}", "dim")], self.size.width)

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        on_cursor = index == self.cursor
        mark: Ink = "cursor" if on_cursor and self.has_focus else "plain"
        base = self.ink(mark)
        return self.inked(self._pieces(self.rows[index]), width, base=base)

    def _pieces(self, row: SessionRow) -> list[Piece]:
        columns = ListColumns.for_width(self.size.width)
        entry, summary = row.entry, row.entry.summary
        status = "running" if self.running == entry.path else entry.status
        state: Piece = (pad(f"{_SIGNS[status]} {status}", columns.status) + " ", _STATUS_INKS[status])
        branch = self._branch(row)
        room = columns.model - len(row.branch) - 1
        if summary is None:
            wide = columns.task + columns.size + columns.horizon + columns.curve + 3
            why = pad(entry.problem, wide) + " "
            return [*branch, (pad(entry.path.name, room) + " ", "strong"), (why, "dim"), state]
        spec = summary.spec
        name, rest = name_words(row)
        mark = "" if not summary.simulated else " simulated" if room >= _ROOM_TO_SAY else " sim"
        # A title may be cut; that a model is simulated is always said.
        shown = clip(name, room - len(mark)) + mark
        left = room - cells(shown)
        rest = pad(f" · {rest}" if rest and left > _LEAST_REST else "", left) + " "
        mode = f" {summary.mode}" if columns.date else ""
        task = pad(f"{spec.variant} K{spec.turn_complexity}{mode}", columns.task) + " "
        size = pad(f"{spec.turns}×{spec.samples}", columns.size) + " "
        return [
            *branch,
            (shown, "strong"),
            (rest, "dim"),
            (task, "plain"),
            (size, "plain"),
            (pad(horizon_words(summary), columns.horizon) + " ", "strong"),
            (
                pad(sparkline(summary.curve, columns.curve), columns.curve) + " " if columns.curve else "",
                "correct",
            ),
            state,
            (pad(date_words(summary.created), columns.date), "dim"),
        ]

    def _branch(self, row: SessionRow) -> list[Piece]:
        """The letter of a marked session, and the branch that ties a fork to what it left."""
        path = row.entry.path
        letter: Piece = (_LETTERS[self.marked.index(path)], "live") if path in self.marked else (" ", "plain")
        return [letter, (f" {row.branch}", "dim")]

    def toggle_mark(self) -> bool:
        """Mark the session under the cursor, or take its mark away; False where no more can be marked."""
        if self.current is None:
            return True
        path = self.current.entry.path
        if path in self.marked:
            self.marked.remove(path)
        elif len(self.marked) >= len(_LETTERS):
            return False
        else:
            self.marked.append(path)
        self.refresh()
        return True

    # ---- the cursor

    def go_to(self, path: Path) -> bool:
        """Put the cursor on the session of this file; False where it is not in the list."""
        index = next((i for i, row in enumerate(self.rows) if row.entry.path == path), None)
        if index is not None:
            self._go(index)
        return index is not None

    def action_move(self, by: int) -> None:
        """Move the cursor by so many lines."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self._go(self.cursor + by * max(1, self.size.height - 1))

    def _go(self, index: int) -> None:
        index = max(0, min(len(self.rows) - 1, index))
        if index != self.cursor and self.rows:
            self.cursor = index
            self.refresh()
            self.post_message(self.Moved(self.current))
        self.scroll_to_region(Region(0, index, 1, 1), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        index = event.y + self.scroll_offset.y
        if index < len(self.rows):
            self._go(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_focus(self) -> None:
        """The cursor's line shows the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor's line shows the focus."""
        self.refresh()
