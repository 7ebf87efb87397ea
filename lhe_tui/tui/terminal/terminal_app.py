"""An app that keeps its terminal safe: nothing acts on it, and it is given back, by a signal and by suspending too."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from textual import events, work
from textual.app import App
from textual.driver import Driver
from textual.filter import LineFilter

from lhe_tui.tui.terminal.key_order import KeyOrder
from lhe_tui.tui.terminal.safe_lines import SafeLines

_SAFE_LINES = SafeLines()
LEAST_SIZE = (60, 20)
"""Columns and rows below which nothing but a word about it is shown."""


class TerminalApp(App[int]):
    """The exit code after a signal is 128 + its number, as everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self._key_order = KeyOrder(self)

    async def on_event(self, event: events.Event) -> None:
        """Keys one by one; what was said in passing goes with the next one."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if not self._key_order.may_pass(event):
                return
            self.clear_notifications()
        await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        """Our own driver in place of Textual's, but for Windows and where the environment names another."""
        chosen: type[Driver] = super().get_driver_class()
        if sys.platform == "win32":
            return chosen
        from textual.drivers.linux_driver import LinuxDriver

        from lhe_tui.tui.terminal.terminal_driver import TerminalDriver

        return TerminalDriver if chosen is LinuxDriver else chosen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and after them the gate that no control character passes."""
        return [*super().get_line_filters(), _SAFE_LINES]

    def on_resize(self, event: events.Resize) -> None:
        """Too small a terminal is said, and nothing else is shown until it grows."""
        from lhe_tui.tui.dialogs.too_small_screen import TooSmallScreen

        small = event.size.width < LEAST_SIZE[0] or event.size.height < LEAST_SIZE[1]
        if small and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen(LEAST_SIZE))
        elif not small and isinstance(self.screen, TooSmallScreen):
            self.pop_screen()

    def end_by_signal(self, number: int) -> None:
        """Stop what runs, without asking, and leave."""
        self._end(128 + number)

    @work(group="end", exclusive=True)
    async def _end(self, code: int) -> None:
        try:
            await self.stop_what_runs()
        finally:
            self.exit(code)

    async def stop_what_runs(self) -> None:
        """End what must not be cut off; the default has nothing to end."""

    def action_command_palette(self) -> None:
        """The palette, once, and not over the word that the terminal is too small."""
        from textual.command import CommandPalette

        from lhe_tui.tui.dialogs.too_small_screen import TooSmallScreen

        if not any(isinstance(screen, CommandPalette | TooSmallScreen) for screen in self.screen_stack):
            super().action_command_palette()

    def action_suspend(self) -> None:
        """Back to the shell; `fg` brings the app back."""
        self.action_suspend_process()
