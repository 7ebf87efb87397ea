"""A figure that takes long to work out: made in a thread, and no oftener than it is worth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from itertools import count

from textual.timer import Timer

from lhe_tui.charts.data import Chart
from lhe_tui.engine.state import RunState
from lhe_tui.tui.run.run_figures import Figure
from lhe_tui.tui.widgets.guarded import Guarded

EVERY = 2.0
"""Seconds between two makings, at least."""
SHARE = 4
"""Making takes at most one in so many parts of the time."""
_VERSIONS = count(1)


class SlowFigure:
    """The figure made last. A widget wants it as often as it looks, and `ready` tells it of another."""

    def __init__(
        self, widget: Guarded, make: Callable[[RunState], Figure], ready: Callable[[], None]
    ) -> None:
        self._widget = widget
        self._make = make
        self._ready = ready
        self._made_of: Hashable = None
        self._busy = False
        self._next = 0.0
        self._timer: Timer | None = None
        self.figure = Figure(Chart(empty="working it out…"), "")
        self.version = 0
        """No two figures of the app have the same."""

    def want(self, state: RunState) -> None:
        """Make the figure anew where the run has come further; while it is too early, ask again later."""
        turns_of = (id(state), state.finished_turns, state.outcomes["failed"])
        if self._busy or turns_of == self._made_of:
            return
        wait = self._next - time.monotonic()
        if wait <= 0:
            self._busy, self._made_of = True, turns_of
            self._widget.run_worker(self._work(state), group="slow figure")
        elif self._timer is None:
            # The screen may have stopped looking by then.
            self._timer = self._widget.set_timer(wait, self._again)

    def _again(self) -> None:
        self._timer = None
        self._ready()

    async def _work(self, state: RunState) -> None:
        began = time.monotonic()
        # The fold only ever appends to what the thread reads, or takes back a turn that failed.
        try:
            self.figure = await asyncio.to_thread(self._make, state)
        except Exception as error:  # noqa: BLE001  a fault in drawing must not end the app, nor a run with it
            self._widget.take_fault(error)
        now = time.monotonic()
        self.version = next(_VERSIONS)
        self._busy, self._next = False, now + max(EVERY, SHARE * (now - began))
        self._ready()
