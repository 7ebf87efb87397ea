"""The histogram of slips over a run: what its wrong turns were, and the way to each of them."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.text.content import content
from lhe_tui.text.widths import pad
from lhe_tui.tui.branch.slip_tally import SlipCount, SlipCounter, SlipTally
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.widgets.base_screen import BaseDialog, in_thread
from lhe_tui.tui.widgets.piece_lines import bar, percent

LOOK_EVERY = 1.0
"""Seconds between two looks whether a live run has gone on."""
SHARE = 5
"""Counting takes at most one part in so many of the time."""
WORDS_WIDTH = 32
NUMBERS_WIDTH = 31
"""Cells of the columns of numbers, with the list's own margin."""


class SlipsScreen(BaseDialog[Place | None]):
    """Gives the turn that a person wants to see; counts in a thread, and again as a live run goes on."""

    AUTO_FOCUS = "OptionList"
    CSS_PATH = ["../widgets/base_screen.tcss", "slips_screen.tcss"]

    def __init__(self, controller: RunController, place: Place | None = None) -> None:
        super().__init__()
        self._controller = controller
        self._place = place
        self._counter = SlipCounter()
        self._version: tuple[int, int] | None = None
        self._next = 0.0
        self.tally: SlipTally | None = None

    def compose(self) -> ComposeResult:
        """A line for each slip under what the columns are."""
        with Vertical(id="slips-box", classes="dialog") as box:
            box.border_title = "slips over the run"
            box.border_subtitle = "enter goes to the next turn of a slip · esc closes"
            yield Static(id="slips-words", classes="dialog-words")
            yield Static(id="slips-head")
            yield OptionList(id="slips-list", markup=False, compact=True)

    def on_mount(self) -> None:
        """Begin to count."""
        self.set_interval(LOOK_EVERY, self._look)
        self._look()

    def _look(self) -> None:
        state = self._controller.state
        version = (id(state), state.finished_turns)
        if version != self._version and time.monotonic() >= self._next:
            self._version = version
            self._count()

    @in_thread("slips")
    def _count(self) -> None:
        worker = get_current_worker()
        started = shown = time.monotonic()

        def progress(tally: SlipTally) -> None:
            nonlocal shown
            if self.tally is None and time.monotonic() - shown > 0.25:
                shown = time.monotonic()
                self.from_thread(self._show, tally)

        tally = self._counter.count(self._controller.state, lambda: worker.is_cancelled, progress)
        self._next = time.monotonic() + SHARE * (time.monotonic() - started)
        if not worker.is_cancelled:
            self.from_thread(self._take, tally)

    def _take(self, tally: SlipTally) -> None:
        self.tally = tally
        self._show(tally)

    # ---- showing

    def _show(self, tally: SlipTally) -> None:
        self.query_one("#slips-words", Static).update(content(_words(tally)))
        made = "   made" if tally.confessions else ""
        words, room = self._widths
        head = f"{'slip':<{words}} {'':<{room}}  turns  share   sure{made}" if tally.counts else ""
        self.query_one("#slips-head", Static).update(content(head))
        listing = self.query_one(OptionList)
        place = listing.highlighted or 0
        listing.clear_options()
        most = max((len(count.places) for count in tally.counts), default=1)
        listing.add_options([Option(self._line(count, tally, most)) for count in tally.counts])
        listing.highlighted = min(place, len(tally.counts) - 1) if tally.counts else None

    @property
    def _widths(self) -> tuple[int, int]:
        """Cells of the words and of the bar, so that a line fits the box; a narrow one has no bars."""
        room = self.query_one("#slips-box").content_size.width - NUMBERS_WIDTH
        bars = min(24, room - WORDS_WIDTH)
        return (WORDS_WIDTH, bars) if bars >= 4 else (max(12, room), 0)

    def _line(self, count: SlipCount, tally: SlipTally, most: int) -> Content:
        many = len(count.places)
        share = percent(many / tally.wrong) if tally.wrong else ""
        words, room = self._widths
        parts: list[tuple[str, str] | str] = [
            pad(SLIP_WORDS.get(count.slip, count.slip), words) + " ",
            (bar(many / max(1, most), room) if room else "", "$wrong"),
            (f" {many:>6}", "bold"),
            (f" {share:>6}", "$dim"),
            (f" {count.sure:>6}", "$dim"),
        ]
        if tally.confessions:
            parts.append((f" {count.confessed:>6}", "$injected"))
        return Content.assemble(*parts)

    # ---- choosing

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self.tally is None:
            return
        places = self.tally.counts[event.option_index].places
        if places:
            here = self._place
            self.dismiss(next((place for place in places if here is None or place > here), places[0]))


def _words(tally: SlipTally) -> str:
    if not tally.wrong:
        return "no wrong turn so far" if tally.whole else "counting…"
    made = "; made: what a simulated model says it did" if tally.confessions else ""
    counting = "" if tally.whole else " · counting…"
    turns = "the 1 turn that is" if tally.wrong == 1 else f"each of {tally.wrong:,} turns that are"
    return f"the likeliest slip of {turns} not correct (sure: its weight is 60 % or more{made}){counting}"
