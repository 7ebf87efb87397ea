"""Search across the messages of a session: matches listed as they are found, and jumped to."""

from __future__ import annotations

import time
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lhe_tui.engine.state import RunState
from lhe_tui.text.content import content
from lhe_tui.text.visible import visible
from lhe_tui.tui.inspect.message_search import Match, search_messages
from lhe_tui.tui.widgets.base_screen import BaseDialog, in_thread

LISTED = 500
"""Matches that are listed; beyond them they are only counted."""
SHOW_EVERY = 0.1


class Found(NamedTuple):
    """What was chosen: the match, and the words that were searched for (empty words end the marking)."""

    match: Match | None
    query: str


class SearchScreen(BaseDialog[Found | None]):
    """A line to type, and what it finds; enter goes to a match, escape leaves things as they are."""

    BINDINGS: ClassVar = [
        Binding("down", "to_list(1)", "matches", show=False),
        Binding("up", "to_list(-1)", "matches", show=False),
    ]
    AUTO_FOCUS = "#search-words"
    CSS_PATH = ["../widgets/base_screen.tcss", "search_screen.tcss"]

    def __init__(self, state: RunState, sample: int, query: str = "") -> None:
        super().__init__()
        self._state = state
        self._sample = sample
        self._query = query
        self.matches: list[Match] = []

    def compose(self) -> ComposeResult:
        """The words over what they find."""
        with Vertical(id="search-box", classes="dialog") as box:
            box.border_title = "search the messages"
            box.border_subtitle = "enter goes there · esc closes"
            yield Input(
                self._query,
                placeholder="a key, a number, any words of a message",
                compact=True,
                id="search-words",
            )
            yield Static("", id="search-count")
            yield OptionList(id="search-matches", markup=False, compact=True)

    @property
    def listing(self) -> OptionList:
        """The matches."""
        return self.query_one(OptionList)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew."""
        self._search(event.value)

    # ---- searching

    @in_thread("search")
    def _search(self, query: str) -> None:
        worker = get_current_worker()
        found: list[Match] = []
        count, shown = 0, time.monotonic()
        for match in search_messages(self._state, query, self._sample, lambda: worker.is_cancelled):
            count += 1
            if len(found) < LISTED:
                found.append(match)
            if time.monotonic() - shown > SHOW_EVERY:
                shown = time.monotonic()
                self.from_thread(self._take, query, list(found), count, False)
        if not worker.is_cancelled:
            self.from_thread(self._take, query, found, count, True)

    def _take(self, query: str, found: list[Match], count: int, done: bool) -> None:
        if query != self.query_one("#search-words", Input).value:
            return
        self.matches = found
        listing = self.listing
        place = listing.highlighted
        listing.clear_options()
        listing.add_options([Option(self._option(match)) for match in found])
        listing.highlighted = min(place or 0, len(found) - 1) if found else None
        self.query_one("#search-count", Static).update(content(self._count_words(query, count, done)))

    @staticmethod
    def _count_words(query: str, count: int, done: bool) -> str:
        if not query:
            return ""
        more = f", the first {LISTED} listed" if count > LISTED else ""
        hold = "1 message holds it" if count == 1 else f"{count:,} messages hold it{more}"
        words = "no message holds it" if not count and done else hold
        return words if done else f"{words} · searching…"

    def _option(self, match: Match) -> Content:
        excerpt, at, end = match.excerpt, match.at, match.end
        where = "system message" if not match.turn else f"sample {match.sample} · turn {match.turn}"
        return Content.assemble(
            (f"{where:<21} {match.where:<9} ", "$dim"),
            _on_one_line(excerpt[:at]),
            (_on_one_line(excerpt[at:end]), "reverse bold"),
            _on_one_line(excerpt[end:]),
        )

    # ---- choosing

    def action_to_list(self, by: int) -> None:
        """Move in the list while typing."""
        listing = self.listing
        if listing.option_count:
            listing.highlighted = max(0, min(listing.option_count - 1, (listing.highlighted or 0) + by))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        place = self.listing.highlighted
        if not event.value:
            self.dismiss(Found(None, ""))
        elif place is not None and place < len(self.matches):
            self.dismiss(Found(self.matches[place], event.value))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(Found(self.matches[event.option_index], self.query_one("#search-words", Input).value))


def _on_one_line(text: str) -> str:
    return visible(text.replace("\n", " "))
