"""Progress of work that is many runs: one line that redraws on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from lhe_tui.text.visible import visible
from lhe_tui.text.widths import clip

_REDRAW_SECONDS = 0.2
_QUIET_SECONDS = 30.0
_QUIET_PAUSE = 2.0
_QUIET_SHARE = 0.1
_BAR_CELLS = 20
_MOST_NOTICES = 20
_ERASE_LINE = "\r\x1b[2K"


class LineProgress:
    """Tells `words()` after a bar of `share()` (0..1). `close` before anything else is printed."""

    def __init__(
        self,
        words: Callable[[], str],
        share: Callable[[], float],
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._words = words
        self._share = share
        self._stream = sys.stderr if stream is None else stream
        self._redraws = self._stream.isatty()
        self._clock = clock
        self._said_at = clock()
        self._said_share = share()
        self._noticed: set[str] = set()
        self._line_open = False

    async def keep_ticking(self) -> None:
        """Redraw until cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(_REDRAW_SECONDS)

    def tick(self) -> None:
        """Show where the work is: at once on a terminal; elsewhere each tenth of the way or half minute."""
        if self._redraws:
            width = shutil.get_terminal_size((80, 24)).columns
            self._write(_ERASE_LINE + clip(self._line(), max(20, width - 1)))
            self._line_open = True
            return
        now, share = self._clock(), self._share()
        since = now - self._said_at
        if since >= _QUIET_SECONDS or (since >= _QUIET_PAUSE and share - self._said_share >= _QUIET_SHARE):
            self._said_at, self._said_share = now, share
            self._write(visible(self._line()) + "\n")

    def notice(self, text: str) -> None:
        """Say a notice above the line, each text once; a flood is cut short."""
        if text in self._noticed or len(self._noticed) >= _MOST_NOTICES:
            return
        self._noticed.add(text)
        self.say(f"note: {text}")

    def say(self, text: str) -> None:
        """One line of its own."""
        self.close()
        self._write(visible(text) + "\n")

    def close(self) -> None:
        """Take the line off the screen."""
        if self._line_open:
            self._line_open = False
            self._write(_ERASE_LINE)

    def _line(self) -> str:
        filled = round(min(1.0, self._share()) * _BAR_CELLS)
        return f"{'━' * filled}{'╌' * (_BAR_CELLS - filled)} {self._words()}"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The terminal is closed (a hang-up): the work goes on or ends without a word.
            self._redraws = False
