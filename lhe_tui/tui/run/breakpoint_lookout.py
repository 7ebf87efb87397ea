"""Breakpoints on the run screen: set in a dialog, looked for, and the turn shown where one was hit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.screen import Screen
from textual.timer import Timer

from lhe_tui.engine.breakpoints import Breakpoints, Hit
from lhe_tui.engine.state import RunState
from lhe_tui.tui.controller.run_controller import RunController

HIT_EVERY = 0.2
"""Seconds between two looks for a breakpoint that was hit."""


class BreakpointLookout:
    """Looks for hits from the first breakpoint on: a run without any pays nothing. `show` gets each hit once."""

    def __init__(self, screen: Screen[None], controller: RunController, show: Callable[[Hit], None]) -> None:
        self._screen = screen
        self._controller = controller
        self._show = show
        self._timer: Timer | None = None
        self._shown: Hit | None = None

    def ask(self) -> None:
        """Ask for breakpoints, and begin to look."""
        from lhe_tui.tui.run.breakpoint_screen import BreakpointScreen

        controller = self._controller
        now = controller.watch.breakpoints if controller.watch else Breakpoints()
        dialog = BreakpointScreen(now, lambda: context_length_of(controller.state))
        self._screen.app.push_screen(dialog, self._set)

    def _set(self, wanted: Breakpoints | None) -> None:
        if wanted is not None:
            self._controller.set_breakpoints(wanted)
            if self._timer is None:
                self._timer = self._screen.set_interval(HIT_EVERY, self._look)

    def _look(self) -> None:
        """A person who is busy on another screen is left alone."""
        watch = self._controller.watch
        hit = watch.hit if watch else None
        if hit is None or hit is self._shown or self._controller.state.status != "paused":
            return
        if self._screen.is_current:
            self._shown = hit
            self._show(hit)


async def context_length_of(state: RunState) -> int | None:
    """How many tokens the model that is asked now takes, where that is known."""
    from lhe_tui.launch.models import ModelOpener
    from lhe_tui.models.catalogue import ModelNotAvailable

    opener = ModelOpener.of(state.header)
    try:
        # Opening the model may ask the keyring.
        model = await asyncio.to_thread(opener, state.controls.model)
        return model.info.context_length
    except ModelNotAvailable:
        return None
    finally:
        await opener.aclose()
