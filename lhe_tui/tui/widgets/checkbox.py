"""A line that is on or off, told by its glyph: `■ first wrong turn`, `□ first wrong turn`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Checkbox(Widget, can_focus=True):
    """Space and a click turn it over. Its words are our own."""

    BINDINGS: ClassVar = [Binding("space", "turn_over", "on or off", show=False)]
    DEFAULT_CSS = """
    Checkbox { height: 1; width: 1fr; }
    Checkbox:focus { text-style: bold; background: $block-cursor-blurred-background; }
    """
    on: reactive[bool] = reactive(False)

    @dataclass
    class Changed(Message):
        """It was turned over by a person."""

        tick: Checkbox

    def __init__(self, words: str, on: bool = False, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words = words
        self.set_reactive(Checkbox.on, on)

    def render(self) -> Content:
        """The glyph and the words."""
        return Content(f"{'■' if self.on else '□'} {self._words}")

    def action_turn_over(self) -> None:
        """On or off."""
        self.on = not self.on
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """On or off."""
        self.action_turn_over()
