"""A question over the screen, answered with yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog


class AskScreen(BaseDialog[bool]):
    """One question; `yes` and `no` are the words on its buttons. Escape and the first focus mean no."""

    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
        Binding("left,right", "app.focus_next", "other button", show=False),
    ]
    AUTO_FOCUS = "#no"
    CSS_PATH = ["../widgets/base_screen.tcss", "dialogs.tcss"]

    def __init__(self, question: str, yes: str, no: str = "no") -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question over its two buttons."""
        with Vertical(classes="dialog"):
            yield Static(content(self._question, multiline=True), id="question")
            with Horizontal(classes="dialog-buttons"):
                yield Button(content(f"{self._yes} (y)"), id="yes", variant="warning", compact=True)
                yield Button(content(f"{self._no} (n)"), id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button was chosen."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """A key was pressed."""
        self.dismiss(yes)
