"""Keys in their order: each reaches what the key before it opened, however fast they come."""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

PATIENCE = 1.0
"""Seconds that a key waits for a widget that does not answer; then it is let through all the same."""

KeyEvent = events.Key | events.Paste


class KeyOrder:
    """Lets one key at a time into the app, the next once what the last one led to is on the screen.

    Textual hands a key to the widget that has the focus when the key comes. A key typed ahead of a dialog would go to
    the screen under it.
    """

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._waiting: deque[KeyEvent] = deque()
        self._released: KeyEvent | None = None
        self._task: asyncio.Task[None] | None = None

    def may_pass(self, event: KeyEvent) -> bool:
        """Whether the event is to be handled now; else it comes again by itself."""
        if event is self._released:
            self._released = None
            return True
        if self._task is not None and not self._task.done():
            self._waiting.append(event)
            return False
        self._task = asyncio.create_task(self._follow(), name="keys")
        return True

    async def _follow(self) -> None:
        while True:
            await self._settle()
            if not self._waiting:
                return
            self._released = self._waiting.popleft()
            if not self._app.post_message(self._released):
                return

    async def _settle(self) -> None:
        """Wait until the last key has been handled, up to the app, and what it asked for too."""
        app = self._app
        await _handled(app)
        if not app.screen_stack:
            return
        target = app.focused or app.screen
        # Up once with the key, and once with a message that was posted because of it.
        for _ in range(2):
            await _handled(*target.ancestors_with_self)
        while app.screen_stack:
            screen = app.screen
            await _handled(screen)
            if screen is app.screen:
                return


async def _handled(*pumps: MessagePump) -> None:
    """Wait until each in turn has handled what it had been sent; one that ends in the meantime is left out."""
    for pump in pumps:
        handled = asyncio.Event()
        if not pump.call_later(handled.set):
            continue
        try:
            await asyncio.wait_for(handled.wait(), PATIENCE)
        except TimeoutError:
            return
