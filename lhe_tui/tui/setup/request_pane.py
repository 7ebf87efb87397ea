"""The pane with the very first request of the run that is being set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from lhe_tui.text.content import content
from lhe_tui.tui.setup.first_request import FirstRequest, first_request, request_text

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig


class RequestPane(VerticalScroll, can_focus=True):
    """The messages exactly as they would be sent; scrolls."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown: FirstRequest | None = None
        """The last request that the form made sense for."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="request-text", expand=True)

    def on_mount(self) -> None:
        """Name the pane."""
        self.border_title = "First request"

    def show(self, config: RunConfig | None) -> None:
        """Show the first request of this run; None: the form makes no sense just now."""
        self.set_class(config is None, "-stale")
        if config is None:
            self.border_subtitle = "as it was before the form broke"
            return
        self.shown = first_request(config)
        self.border_subtitle = content(f"sample 1, turn 1 · ≈ {sum(self.shown.tokens):,} tokens")
        self.query_one("#request-text", Static).update(request_text(self.shown))
