"""Signals that end a run: the session is closed whole, and the exit code tells which one came."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interruption:
    """Which signal came, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def exit_code(self) -> int:
        """128 + the signal's number: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP."""
        return 128 + (self.number or 0)


@contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[Interruption]:
    """Call `stop` at the first signal; the second one ends the process as if nobody listened."""
    loop = asyncio.get_running_loop()
    came = Interruption()
    installed: list[int] = []

    def take(number: int) -> None:
        came.number = number
        while installed:
            loop.remove_signal_handler(installed.pop())
        stop()

    for name in _NAMES:
        number = getattr(signal, name, None)
        # A hang-up that nohup has switched off stays off.
        if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
            continue
        try:
            loop.add_signal_handler(number, take, number)
        except (NotImplementedError, RuntimeError, ValueError):
            # Windows, or a loop outside the main thread: Python's own KeyboardInterrupt remains.
            continue
        installed.append(number)
    try:
        yield came
    finally:
        while installed:
            loop.remove_signal_handler(installed.pop())
