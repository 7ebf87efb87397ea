"""Which screens stay when another run is opened: Esc must lead back to where a person came from.

Textual takes screens off the top of its stack only. What showed the run that ended may lie under the screen that led
to the next one, so this module alone reaches into the stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from lhe_tui.tui.actions.palette import screen_name

STAY = frozenset({"sessions", "compare", "experiments", "experiment"})
"""Screens that show no run, though they may lie over one that does."""


def screens_of_the_run(stack: list[Screen[object]]) -> list[Screen[object]]:
    """The screens that end with the open run: from the run screen up to the next one that shows something else.

    Of two screens of the same name the lower one goes too.
    """
    ending: list[Screen[object]] = []
    with_run = False
    above = {screen_name(screen): place for place, screen in enumerate(stack)}
    for place, screen in enumerate(stack):
        name = screen_name(screen)
        with_run = name == "run" or (with_run and name not in STAY)
        if with_run or (name in STAY and above[name] > place):
            ending.append(screen)
    return ending


async def drop_run_screens(app: App[int]) -> None:
    """Take away the screens of the run that has ended."""
    await drop_screens(app, screens_of_the_run(app.screen_stack))


async def drop_screens(app: App[int], screens: Iterable[Screen[Any]]) -> None:
    """Take screens away wherever they lie in the stack; one that has gone already is left alone."""
    ending = [screen for screen in screens if screen in app.screen_stack]
    while app.screen in ending:
        ending.remove(app.screen)
        await app.pop_screen()
    for screen in ending:
        app._screen_stack.remove(screen)
        await screen.remove()
    _let_go(app)


def _let_go(app: App[int]) -> None:
    """Send a message of no account to every widget that stays: each holds its last one, and with it a sender."""
    for screen in app.screen_stack:
        for node in screen.walk_children(Widget, with_self=True):
            for pump in (node, node._vertical_scrollbar, node._horizontal_scrollbar):
                if pump is not None:
                    pump.call_later(_nothing)


def _nothing() -> None:
    pass
