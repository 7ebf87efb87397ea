"""A command in a real pseudo-terminal: what it writes, which state it leaves the terminal in, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.end_to_end.command_line import TIMEOUT, CommandLine

ALTERNATE_SCREEN, CURSOR = 1049, 25
MOUSE, FOCUS, PASTE, WRAP = (1000, 1003, 1006, 1015, 1016), 1004, 2004, 7
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])\d*u")


class Terminal:
    """A command in a pseudo-terminal that is its controlling one; `until` reads on until a text has been drawn."""

    def __init__(
        self,
        lhe: CommandLine,
        *words: str | Path,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        ignoring: tuple[signal.Signals, ...] = (),
    ) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self.master)
        self.process = subprocess.Popen(
            lhe.line(*words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=lhe.folder,
            # A size in the environment would stand above the terminal's own.
            env={
                **_without_size(lhe.env),
                "TERM": "xterm-256color",
                "TEXTUAL_ANIMATIONS": "none",
                **(env or {}),
            },
            start_new_session=True,
            preexec_fn=partial(_own_terminal, ignoring),
        )
        os.close(slave)
        self.seen = b""
        self.gone = False

    def until(self, text: str | bytes | Callable[[], object]) -> None:
        """Read on until the text has been drawn anew, or the predicate holds."""
        start = len(self.seen)
        wanted = text.encode() if isinstance(text, str) else text
        self._until(wanted if callable(wanted) else lambda: wanted in self.seen[start:], repr(text))

    def catch_up(self) -> None:
        """Read what has been written so far."""
        while self._read(0):
            pass

    def settle(self, pieces: int = 5) -> None:
        """Read on while the program draws, at most so many pieces: a program that is slow is not waited for."""
        while pieces and self._read(0.03):
            pieces -= 1

    def type(self, text: str) -> None:
        """Keys."""
        os.write(self.master, text.encode())

    def signal(self, number: signal.Signals) -> None:
        """Sent to the process alone."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read(TIMEOUT):
            pass
        return self.process.wait(TIMEOUT)

    def hang_up(self) -> None:
        """The terminal is gone: a window closed, a connection lost."""
        self.gone = True
        os.close(self.master)

    def close(self) -> None:
        """End everything, for the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(TIMEOUT)
        if not self.gone:
            os.close(self.master)
            self.gone = True

    # ---- what state the terminal is in

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes that were ever switched, as they stand."""
        return {int(number): how == b"h" for number, how in _MODE.findall(self.seen)}

    @property
    def as_before(self) -> list[str]:
        """What is not as it was before the app came; empty where all is well."""
        modes = self.modes
        wrong = [f"mode {mode} is on" for mode in (ALTERNATE_SCREEN, *MOUSE, FOCUS, PASTE) if modes.get(mode)]
        wrong += [f"mode {mode} is off" for mode in (CURSOR, WRAP) if not modes.get(mode, True)]
        depth = sum(1 if how == b">" else -1 for how in _KEYBOARD.findall(self.seen))
        if depth > 0:
            wrong.append("the keyboard protocol is on")
        if not self.gone and termios.tcgetattr(self.master) != self.before:
            wrong.append("the line discipline is another")
        return wrong

    # ---- inside

    def _until(self, predicate: Callable[[], object], what: str) -> None:
        end = time.monotonic() + TIMEOUT
        while not predicate():
            assert time.monotonic() < end, f"{what} never came: {self.seen[-2000:]!r}"
            if not self._read(0.1):
                assert self.process.poll() is None or predicate(), (
                    f"ended without {what}: {self.seen[-2000:]!r}"
                )

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            return False  # the other end is closed
        self.seen += piece
        return bool(piece)


def _without_size(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}


def _own_terminal(ignoring: tuple[signal.Signals, ...]) -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in ignoring:
        signal.signal(number, signal.SIG_IGN)
