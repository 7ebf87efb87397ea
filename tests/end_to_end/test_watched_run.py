"""The app opened from the command line, in a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import CommandLine
from tests.end_to_end.terminal import Terminal


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
