"""Waiting with a word said: what takes longer than a moment says what it is doing, and can be given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from textual.app import App

from lhe_tui.tui.hosts.screen_stack import drop_screens

Result = TypeVar("Result")

MOMENT = 0.1
"""Seconds that need no word."""


class GivenUp(Exception):
    """A person would not wait any longer."""


async def said(app: App[int], words: str, work: Awaitable[Result]) -> Result:
    """The work's result; `words` (may be foreign text) stand over the screen while it is awaited. Raises GivenUp."""
    from lhe_tui.tui.dialogs.wait_screen import WaitScreen

    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait([task], timeout=MOMENT)
        if done:
            return task.result()

        def left(given_up: bool | None) -> None:
            if given_up:
                task.cancel()

        screen = WaitScreen(words)
        app.push_screen(screen, left)
        try:
            await asyncio.wait([task])
        finally:
            await drop_screens(app, [screen])
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.cancelled():
        raise GivenUp
    return task.result()
