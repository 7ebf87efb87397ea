"""A short menu over the screen: each line by its number, by enter, or by a click."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog


class MenuScreen(BaseDialog[int | None]):
    """Gives the place of the chosen line, from 0; None where nothing was chosen. At most nine lines."""

    AUTO_FOCUS = "OptionList"
    CSS_PATH = ["../widgets/base_screen.tcss", "dialogs.tcss"]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The lines, numbered."""
        with Vertical(classes="dialog") as box:
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
