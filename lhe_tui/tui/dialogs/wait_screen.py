"""What is being done, over the screen, while it takes its time."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog


class WaitScreen(BaseDialog[bool]):
    """Gives something only where a person gave up waiting, by escape."""

    CSS_PATH = ["../widgets/base_screen.tcss", "dialogs.tcss"]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """One line."""
        with Vertical(classes="dialog") as box:
            box.border_subtitle = "esc gives up"
            yield Static(content(self._words, limit=300), classes="dialog-words")

    def action_cancel(self) -> None:
        """Give up."""
        self.dismiss(True)
