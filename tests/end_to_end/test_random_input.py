"""Random keys, mouse events, pastes, resizes and stray bytes over every screen, with a run going on: nothing breaks.

LHE_INPUTS=20000 pytest -s tests/end_to_end/test_random_input.py     # 120 inputs without the variable
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import struct
import termios
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import CommandLine
from tests.end_to_end.terminal import Terminal

INPUTS = int(os.environ.get("LHE_INPUTS", "120"))
PER_START = 120
SEED = int(os.environ.get("LHE_INPUT_SEED", "1"))
LETTERS = [chr(code) for code in range(33, 127) if chr(code) not in "q"] + [" "]
ARROWS = ["\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"]
FUNCTIONS = ["\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", *(f"\x1b[{n}~" for n in (15, 17, 18, 19, 20, 21))]
CONTROLS = [
    *(chr(n) for n in range(1, 27) if chr(n) not in "\x03\x11\x13\x1a"),
    "\x1b",
    "\r",
    "\t",
    "\x1b[Z",
    "\x7f",
]
"""Without ctrl+c, ctrl+q, ctrl+s and ctrl+z, which end or stop the program on purpose."""
ROUTES = ["\x1bOR", "\x1b[21~", "\x1b[18~", "\x10", "\r", "\x1b"]
"""Sessions, experiments, theory, the palette, Enter, Esc: pressed oftener, so that every screen is come to."""
SIZES = [(60, 20), (80, 24), (120, 40), (200, 60), (20, 5), (59, 19), (100, 30)]
PASTES = ["turns=3", "日本 \x1b[31m red", "x" * 5_000, "[bold]", "http://127.0.0.1:9/v1\n"]
STORIES = Path(__file__).parents[2] / "sessions"
STRAY = [b"\xe9", b"\xff\xfe", b"\x1b[999;999R", b"\x1b]0;title\x07", b"\x1bP1$r0m\x1b\\", b"\xc3"]


def random_input(rng: random.Random) -> bytes | tuple[int, int]:
    """One input: bytes to type, or a new size of the terminal."""
    kind = rng.random()
    if kind < 0.30:
        return rng.choice(LETTERS).encode()
    if kind < 0.50:
        return rng.choice(ARROWS).encode()
    if kind < 0.62:
        return rng.choice(CONTROLS).encode()
    if kind < 0.70:
        return rng.choice(FUNCTIONS).encode()
    if kind < 0.80:
        return rng.choice(ROUTES).encode()
    if kind < 0.93:
        column, row, button = (
            rng.randint(1, 200),
            rng.randint(1, 60),
            rng.choice([0, 0, 0, 2, 32, 35, 64, 65]),
        )
        return f"\x1b[<{button};{column};{row}M\x1b[<{button};{column};{row}m".encode()
    if kind < 0.95:
        return b"\x1b[200~" + rng.choice(PASTES).encode() + b"\x1b[201~"
    if kind < 0.97:
        return rng.choice(STRAY)
    return rng.choice(SIZES)


def one_start(lhe: CommandLine, rng: random.Random) -> Iterator[str]:
    """Play inputs at the app once; says how often what came, and fails where the app ended by anything but `q`."""
    session = lhe.folder / f"run-{rng.getrandbits(32):08x}.jsonl"
    words = ("run", "--watch", "--samples", "4", "--turns", "400", "--speed", "60", "--out", session)
    terminal = Terminal(lhe, *words, size=rng.choice([size for size in SIZES if size[0] >= 60]))
    played: list[bytes | tuple[int, int]] = []
    try:
        terminal.until("sim/large")
        for _ in range(PER_START):
            given = random_input(rng)
            played.append(given)
            if isinstance(given, tuple):
                fcntl.ioctl(
                    terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", given[1], given[0], 0, 0)
                )
                terminal.signal(signal.SIGWINCH)
            else:
                os.write(terminal.master, given)
            terminal.settle()
            if terminal.process.poll() is not None:
                break
            yield "size" if isinstance(given, tuple) else "input"
        if terminal.process.poll() is None:
            terminal.signal(signal.SIGTERM)
        code = terminal.end()
    finally:
        terminal.close()
    crashes = sorted(lhe.folder.rglob("crash-*.txt"))
    assert not crashes, f"{played[-20:]}\n{crashes[0].read_text()[-3000:]}"
    assert code in (0, 1, 130, 128 + signal.SIGTERM, -signal.SIGTERM), (
        code,
        played[-20:],
        terminal.seen[-1500:],
    )
    assert not terminal.as_before, (terminal.as_before, played[-20:])
    read_session(session)
    yield "left by its own keys" if len(played) < PER_START else "start"


def test_random_input_ends_no_app_and_harms_no_session(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    shipped = {path: path.read_bytes() for path in STORIES.glob("*.jsonl")}
    seen: Counter[str] = Counter()
    while seen["input"] + seen["size"] < INPUTS:
        folder = tmp_path / str(seen.total())
        folder.mkdir()
        seen.update(one_start(CommandLine(folder), rng))
    print(dict(seen))
    assert shipped == {path: path.read_bytes() for path in STORIES.glob("*.jsonl")}
