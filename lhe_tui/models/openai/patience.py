"""How long a server's silence is borne, and when it is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from lhe_tui.models.base import ModelFailure, Notice
from lhe_tui.models.openai.reply_reader import ReplyReader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that are borne without a byte (before the first text, between chunks), after the finish, after `[DONE]`;
    without *text*, however much else comes; and after which silence is said."""

    first_text: float = 120.0
    between: float = 120.0
    after_finish: float = 5.0
    after_done: float = 0.25
    text: float = 900.0
    word: float = 60.0

    def with_silence(self, seconds: float) -> Patience:
        """The same, with the person's own limit on silence of text in place of all others."""
        return Patience(seconds, seconds, self.after_finish, self.after_done, seconds, self.word)


LOCAL_PATIENCE = Patience(first_text=600.0, text=1800.0)
"""A local server with a queue may be silent for minutes."""


class SilenceClock:
    """The silence of one reply, measured from its last text: keep-alives and white space are none."""

    def __init__(self, patience: Patience, server: str) -> None:
        self._patience = patience
        self._server = server
        self._last_text = time.monotonic()
        self._progress = 0
        self._said = False
        self._deadlines: dict[str, float] = {}

    def seconds_left(self, reader: ReplyReader | None = None) -> float:
        """How long the next bytes are waited for; 0 where the time is over."""
        patience = self._patience
        if reader is None:
            return patience.first_text
        if reader.done:
            # The end of the body is mostly there already; reading it keeps the connection usable.
            return self._until("done", patience.after_done)
        if reader.whole:
            return self._until("whole", patience.after_finish)
        return patience.between if reader.started else patience.first_text

    def heard(self, reader: ReplyReader) -> Notice | None:
        """Bytes came. Returns a word on the silence where it is due. Raises ModelFailure where it is too long."""
        if reader.progress != self._progress:
            self._progress, self._last_text = reader.progress, time.monotonic()
            return None
        if reader.whole or reader.done:
            return None
        if time.monotonic() - self._last_text >= self._patience.text:
            text = f"{self._server} sent no text for {self._patience.text:g} s, though it kept the connection alive"
            raise ModelFailure("silent", text, retryable=True)
        return self.word()

    def word(self) -> Notice | None:
        """The word on the silence, once, when it is due."""
        if self._said or self.seconds_to_word() > 0:
            return None
        self._said = True
        return Notice(f"no text from {self._server} for {self._patience.word:g} s: it is waited for")

    def seconds_to_word(self) -> float:
        """Seconds until the silence is to be said."""
        if self._said:
            return self._patience.text
        return max(self._last_text + self._patience.word - time.monotonic(), 0.0)

    def _until(self, name: str, seconds: float) -> float:
        now = time.monotonic()
        return max(self._deadlines.setdefault(name, now + seconds) - now, 0.0)


class Awaited(Generic[T]):
    """A coroutine that is waited for in portions of time, and cancelled when the block is left before its end.

    `release` is given a result that nobody takes, because the block was left by an exception.
    """

    def __init__(
        self, coroutine: Coroutine[Any, Any, T], release: Callable[[T], Coroutine[Any, Any, None]]
    ) -> None:
        self._task = asyncio.ensure_future(coroutine)
        self._release = release

    async def done_within(self, seconds: float) -> bool:
        """Whether it ended within the next `seconds`."""
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        return bool(done)

    def result(self) -> T:
        """What it returned; raises what it raised."""
        return self._task.result()

    async def __aenter__(self) -> Awaited[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._task.done():
            self._task.cancel()
        if kind is not None:
            [result] = await asyncio.gather(self._task, return_exceptions=True)
            if not isinstance(result, BaseException):
                await self._release(result)
