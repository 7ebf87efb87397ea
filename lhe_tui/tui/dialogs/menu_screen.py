"""A short menu over the screen: each line by its number, by enter, or by a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lhe_tui.text.content import content


class MenuScreen(ModalScreen[int | None]):
    """Gives the place of the chosen line, from 0; None where nothing was chosen. At most nine lines."""

    BINDINGS: ClassVar = [Binding("escape", "cancel", "cancel")]
    AUTO_FOCUS = "OptionList"
    DEFAULT_CSS = """
    MenuScreen {
        align: center middle;
        #menu-box { width: 56; max-width: 95%; height: auto; border: round $accent; background: $surface;
            padding: 0 1; border-title-color: $accent; border-title-style: bold; border-subtitle-color: $dim; }
        OptionList { height: auto; border: none; background: $surface; padding: 0; }
    }
    """

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The lines, numbered."""
        with Vertical(id="menu-box") as box:
            box.border_title = content(self._heading)
            box.border_subtitle = "a number or enter · esc closes"
            options = [Option(content(f"{number}  {line}")) for number, line in enumerate(self._lines, 1)]
            yield OptionList(*options, markup=False, compact=True)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def on_key(self, event: events.Key) -> None:
        """A number chooses its line."""
        if event.character and event.character.isdecimal() and 1 <= int(event.character) <= len(self._lines):
            event.stop()
            self.dismiss(int(event.character) - 1)

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
