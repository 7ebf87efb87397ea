"""The top edge of a pane with its tabs in it; a click on a name chooses it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from lhe_tui.text.widths import cells
from lhe_tui.tui.widgets.inks import InkedWidget, Piece


class TabLine(InkedWidget):
    """A row of names, one of them chosen, drawn into the upper border of the pane below it."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        line: TabLine
        name: str

        @property
        def control(self) -> TabLine:
            """The line, for `on` with a selector."""
            return self.line

    def __init__(self, tabs: dict[str, str], chosen: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs = tabs
        self.chosen = chosen
        self.note = ""
        """Words at the right end."""

    def choose(self, name: str) -> None:
        """Mark a tab as the chosen one."""
        if name != self.chosen:
            self.chosen = name
            self.refresh()

    def set_titles(self, tabs: dict[str, str], note: str = "") -> None:
        """Rename the tabs, and say something at the right end; visible text."""
        if (tabs, note) != (self.tabs, self.note):
            self.tabs, self.note = tabs, note
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line."""
        width = self.size.width
        if y or width < 4:
            return self.inked([], width)
        pieces: list[Piece] = [("╭", "rule")]
        used = 1
        for number, (name, title) in enumerate(self.tabs.items()):
            if number:
                pieces.append(("─", "rule"))
                used += 1
            chosen = name == self.chosen
            # The chosen one is told by its sign too: colour alone says nothing without colour.
            text = f" ▪ {title} " if chosen and len(self.tabs) > 1 else f" {title} "
            pieces.append((text, "strong" if chosen else "dim"))
            used += cells(text)
        note = f" {self.note} " if self.note and used + cells(self.note) + 4 <= width else ""
        pieces.append(("─" * max(0, width - used - 2 - cells(note)), "rule"))
        if note:
            pieces.append((note, "dim"))
        return self.inked([*pieces, ("─╮", "rule")], width)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab that was hit."""
        position = 1
        for name, title in self.tabs.items():
            end = position + cells(title) + 2 + (2 if name == self.chosen and len(self.tabs) > 1 else 0)
            if position <= event.x < end:
                self.post_message(self.Chosen(self, name))
                return
            position = end + 1
