"""The app opened from the command line, in a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import TIMEOUT, CommandLine


class Terminal:
    """A command in a pseudo-terminal of 120×40; `until` reads on until a text has been drawn."""

    def __init__(self, lhe: CommandLine, *words: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            lhe.line(*words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=lhe.folder,
            env={**lhe.env, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"},
            start_new_session=True,
        )
        os.close(slave)
        self.seen = b""

    def until(self, text: str) -> None:
        end = time.monotonic() + TIMEOUT
        start = len(self.seen)
        while text.encode() not in self.seen[start:]:
            assert time.monotonic() < end, f"{text!r} never came: {self.seen[-2000:]!r}"
            assert self._read(), f"ended without {text!r}: {self.seen[-2000:]!r}"

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        while self._read():
            pass
        return self.process.wait(TIMEOUT)

    def _read(self) -> bool:
        if not select.select([self.master], [], [], TIMEOUT)[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            return False  # the other end is closed
        self.seen += piece
        return bool(piece)


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_a_watched_run_is_the_run_that_was_asked_for(lhe: CommandLine) -> None:
    terminal = Terminal(
        lhe, "run", "--watch", "--turns", "200", "--samples", "2", "--at", "2:inject=0.5", "--out", "s.jsonl"
    )
    terminal.until("injection 50")
    terminal.type("\x11")  # ctrl+q
    terminal.until("Quit?")
    terminal.type("y")
    assert terminal.end() == 0
    assert b"lhe-tui run --resume s.jsonl" in terminal.seen
    state = read_session(lhe.folder / "s.jsonl").state
    assert (state.spec.turns, state.spec.samples) == (200, 2)
    assert state.controls.injection.rate == 0.5


def test_a_replay_opens_on_the_run_screen_and_leaves_the_file_alone(lhe: CommandLine) -> None:
    lhe.json("run", "--turns", "20", "--samples", "3", "--json", "--out", "s.jsonl")
    before = (lhe.folder / "s.jsonl").read_bytes()
    terminal = Terminal(lhe, "replay", "s.jsonl", "--speed", "100")
    terminal.until("samples × turns")
    terminal.type("\x11")
    assert terminal.end() == 0
    assert (lhe.folder / "s.jsonl").read_bytes() == before
