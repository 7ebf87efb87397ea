"""What is shown while the terminal is too small for anything else."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static


class TooSmallScreen(Screen[None]):
    """Goes away by itself when the terminal grows."""

    CSS_PATH = "dialogs.tcss"

    def __init__(self, least: tuple[int, int]) -> None:
        super().__init__()
        self._least = least

    def compose(self) -> ComposeResult:
        """One sentence."""
        width, height = self._least
        yield Static(
            Content(f"lhe-tui needs {width}×{height} characters: make the terminal larger, or ctrl+c quits")
        )
