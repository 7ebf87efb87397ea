"""One of a few, on a single line: all of them side by side where they fit, else one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from lhe_tui.text.widths import cells, clip

_GAP = "  "
ROOM_FOR_PLACE = 24
"""Cells from which on the option's number is shown too."""


class Choice(Widget, can_focus=True):
    """Left, right and space choose; so does a click. Labels are our own words."""

    BINDINGS: ClassVar = [
        Binding("right,space", "turn(1)", "next", show=False),
        Binding("left", "turn(-1)", "previous", show=False),
        Binding("enter", "submit", "start", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    """
    index: reactive[int | None] = reactive[int | None](0)

    @dataclass
    class Changed(Message):
        """Another option was chosen by a person."""

        choice: Choice
        value: str

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        choice: Choice

    def __init__(self, options: tuple[tuple[str, str], ...], value: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.options = options
        self.set_value(value)

    @property
    def value(self) -> str:
        """The chosen option's value; empty where none is."""
        return "" if self.index is None else self.options[self.index][0]

    def set_value(self, value: str) -> None:
        """Choose without a message; a value that is no option chooses none."""
        self.index = next((i for i, option in enumerate(self.options) if option[0] == value), None)

    def render(self) -> Content:
        """The options with the chosen one marked by glyph and by style."""
        if self._fits():
            parts = [self._option(index) for index in range(len(self.options))]
            return Content(_GAP).join(parts)
        if self.index is None:
            return Content.styled("‹ own ›", "$dim")
        placed = self.size.width >= ROOM_FOR_PLACE
        shown = clip(self.options[self.index][1], max(4, self.size.width - (12 if placed else 4)))
        place = Content.styled(f"  {self.index + 1}/{len(self.options)}" if placed else "", "$dim")
        return Content.assemble(("‹ ", "$dim"), (shown, self._style()), (" ›", "$dim"), place)

    def _style(self) -> str:
        return (
            "bold $block-cursor-foreground on $block-cursor-background" if self.has_focus else "bold $accent"
        )

    def _option(self, index: int) -> Content:
        label = self.options[index][1]
        if index == self.index:
            return Content.styled(f"● {label}", self._style())
        return Content.styled(f"○ {label}", "$dim")

    def _fits(self) -> bool:
        return sum(cells(label) + 4 for _, label in self.options) - 2 <= self.size.width

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The mark shows the focus."""
        self.refresh()

    def action_turn(self, step: int) -> None:
        """The next option, or the one before."""
        start = -1 if self.index is None and step > 0 else (self.index or 0)
        self._choose((start + step) % len(self.options))

    def action_submit(self) -> None:
        """Enter in a form starts."""
        self.post_message(self.Submitted(self))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked on; where one is shown at a time, the next."""
        if not self._fits():
            self.action_turn(1)
            return
        left = 0
        for index, (_, label) in enumerate(self.options):
            right = left + cells(label) + 2
            if left <= event.x < right:
                self._choose(index)
                return
            left = right + len(_GAP)

    def _choose(self, index: int) -> None:
        if index != self.index:
            self.index = index
            self.post_message(self.Changed(self, self.value))
