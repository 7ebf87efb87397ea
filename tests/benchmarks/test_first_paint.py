"""First paint of the app beside that of a bare Textual app with one Static: each in a fresh process on a terminal."""

from __future__ import annotations

import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest

from tests.benchmarks.conftest import Measured

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("▶ Start")
Bare().run()
"""
OURS = "from lhe_tui.__main__ import main; main([])"
SIGN = "▶ Start".encode()
ROUNDS = 9
LONGEST = 30.0


def seconds_to(sign: bytes, program: str, env: dict[str, str]) -> float:
    """From the process's start until `sign` has come out of its terminal."""
    main_end, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=terminal, stdout=terminal, stderr=terminal, env=env
    )
    os.close(terminal)
    seen = b""
    try:
        while time.perf_counter() - started < LONGEST:
            if select.select([main_end], [], [], 0.5)[0]:
                seen += os.read(main_end, 65536)
                if sign in seen:
                    return time.perf_counter() - started
        raise AssertionError(f"never painted: {seen[-500:]!r}")
    finally:
        process.kill()
        process.wait()
        os.close(main_end)


@pytest.mark.benchmark
def test_first_paint_beside_a_bare_app(tmp_path: Path, measured: Measured) -> None:
    env = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    seconds_to(SIGN, BARE, env)
    seconds_to(SIGN, OURS, env)
    pairs = [(seconds_to(SIGN, BARE, env), seconds_to(SIGN, OURS, env)) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    measured("first paint ÷ a bare Textual app", ratio, at_most=1.25)


@pytest.mark.benchmark
@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_word_from_the_command_line(option: str, measured: Measured) -> None:
    def seconds(*words: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    pairs = [(seconds("-m", "lhe_tui", option), seconds("-c", "pass")) for _ in range(ROUNDS)]
    measured(f"lhe-tui {option}", min(ours for ours, _ in pairs), "s", at_most=0.1)
    measured(f"lhe-tui {option} ÷ an empty program", statistics.median(ours / bare for ours, bare in pairs))
