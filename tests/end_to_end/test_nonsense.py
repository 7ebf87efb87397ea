"""Nonsense command lines and damaged sessions: each ends with one sentence and an exit code, never as our own fault.

LHE_NONSENSE=3500 pytest -s tests/end_to_end/test_nonsense.py     # 60 of each without the variable
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.cli.commands import COMMANDS, command_parser

TRIES = int(os.environ.get("LHE_NONSENSE", "60"))
SEED = int(os.environ.get("LHE_NONSENSE_SEED", "1"))
SESSIONS = sorted((Path(__file__).parents[2] / "sessions").glob("*.jsonl"))
VALUES = [
    *(
        "",
        " ",
        "0",
        "1",
        "2",
        "-1",
        "3.5",
        "1e3",
        "nan",
        "inf",
        "99999999999999999999",
        "½",
        "٣",
        "0x10",
        "1_000",
    ),
    *(
        "off",
        "window:0",
        "window:1",
        "window:x",
        "state-card",
        "own",
        "truth",
        "mix",
        "direct",
        "cot",
        "thinking",
    ),
    *(
        "sim/large",
        "sim/",
        "/",
        "local/none",
        "gguf:/nowhere",
        "openai/",
        "x" * 400,
        "[bold]",
        "\x1b[31m",
        "日本",
        "-",
    ),
    *(
        "2:inject=0.5",
        "2:",
        ":",
        "2:inject",
        "2:inject=0.5,inject=0.1",
        "=",
        "a=b",
        "--",
        "../..",
        "/",
        "/dev/null",
    ),
    *(
        "strict",
        "reference",
        "csv",
        "json",
        "svg",
        "html",
        "dataset",
        "not a file",
        "\udce9",
        "http://",
        "ftp://x",
    ),
]
SMALL = ["--turns", "2", "--samples", "1"]
"""What comes last wins: no line runs long."""
READING = (
    ["report"],
    ["report", "--json"],
    ["inspect"],
    ["inspect", "--turn", "2"],
    ["inspect", "--turn", "2", "--json"],
)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.chdir(tmp_path)


def ended_well(words: list[str], capsys: pytest.CaptureFixture[str]) -> int:
    """Run a command line; its exit code, where it told nothing but a sentence of its own."""
    try:
        code = run_command_line(words)
    except SystemExit as left:
        code = int(left.code or 0)
    error = capsys.readouterr().err
    assert code in (0, 1, 2), (words, code)
    assert "fault of lhe-tui" not in error, (words, error)
    assert "Traceback" not in error, (words, error)
    assert code == 0 or error.strip(), words
    return code


def nonsense_line(rng: random.Random) -> list[str]:
    """A command with options of its own, of others and of nobody, and values of every kind."""
    command = rng.choice(
        [name for name in COMMANDS if name not in ("models", "doctor", "experiment", "ladder", "web", "demo")]
    )
    options = [name for action in command_parser(command)._actions for name in action.option_strings]
    asking = ("--watch", "--base-url", "--resume", "-h", "--help", "--real")
    options = [name for name in options if name not in asking] + ["--nope", "-z", "---"]
    words = [command]
    for _ in range(rng.randrange(5)):
        words.append(rng.choice(options) if rng.random() < 0.6 else rng.choice(VALUES))
        if rng.random() < 0.7:
            words.append(rng.choice(VALUES))
    return words + SMALL if command == "run" else words


def test_nonsense_on_the_command_line_ends_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(SEED)
    codes = Counter(ended_well(nonsense_line(rng), capsys) for _ in range(TRIES))
    print(dict(codes))
    assert codes[2]


def damaged(lines: list[bytes], rng: random.Random) -> bytes:
    """A session's lines with one to three kinds of damage."""
    lines = list(lines)
    for _ in range(rng.randint(1, 3)):
        at, kind = rng.randrange(len(lines)), rng.randrange(9)
        line = lines[at]
        cut = rng.randrange(len(line)) if line else 0
        if kind == 0:
            lines[at] = line[:cut]
        elif kind == 1:
            lines[at] = line[:cut] + bytes([rng.randrange(256)]) + line[cut + 1 :]
        elif kind == 2:
            lines[at] = line + line
        elif kind == 3:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 4:
            del lines[at]
        elif kind == 5:
            lines.insert(
                at,
                rng.choice([b"", b"{}", b"[]", b"null", b'{"event":"turn"}', b"\x00", b"\xff\xfe", b"1e999"]),
            )
        elif kind == 6:
            lines[at] = line.replace(
                b"1", rng.choice([b"-1", b"1e400", b"null", b'"1"', b"9" * 400, b"NaN"]), 1
            )
        elif kind == 7:
            lines[at] = line.replace(b'":', rng.choice([b'x":', b'":[', b'":{"a":']), 1)
        else:
            lines[at] = line.replace(
                b"<answer>", rng.choice([b"<answer><answer>", b"\\u0000", b"\\ud800"]), 1
            )
        lines = lines or [b""]
    return b"\n".join(lines) + rng.choice([b"\n", b"", b"\n\n\n"])


def test_a_damaged_session_is_read_or_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)
    session = tmp_path / "s.jsonl"
    whole = [path.read_bytes().splitlines()[:60] for path in SESSIONS]
    codes: Counter[int] = Counter()
    for _ in range(TRIES):
        session.write_bytes(damaged(rng.choice(whole), rng))
        command, *options = rng.choice(READING)
        codes[ended_well([command, str(session), *options], capsys)] += 1
    print(dict(codes))
    assert codes[0]
