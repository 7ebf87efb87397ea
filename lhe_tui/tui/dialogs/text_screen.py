"""A text in full over the screen, to be read and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog

if TYPE_CHECKING:
    from rich.table import Table
    from textual.content import Content


class TextScreen(BaseDialog[None]):
    """Shows content that went through `text.content`; scrolls; any of escape, q and enter closes it."""

    BINDINGS: ClassVar = [Binding("escape,q,enter,f1,f6", "dismiss", "close")]
    CSS_PATH = ["../widgets/base_screen.tcss", "dialogs.tcss"]

    def __init__(self, title: str, text: Content | Table) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        """A box with the text in it."""
        with Vertical(classes="dialog") as box:
            box.border_title = content(self._heading)
            box.border_subtitle = "esc closes"
            with VerticalScroll(id="text-scroll"):
                yield Static(self._text)
