"""The demonstration shows what it says, each time the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lhe_tui import api
from lhe_tui.cli.command_line import run_command_line
from lhe_tui.engine.overall import segments
from lhe_tui.experiments.demo import REAL, SIMULATED, THINKING, act_lines, mistake_lines
from lhe_tui.launch.options import read_options


def test_accuracy_falls_with_errors_in_view_and_comes_back(tmp_path: Path) -> None:
    state = api.run(**SIMULATED, out=tmp_path / "s.jsonl").state
    alone, corrupted, cured = (one.interval for one in segments(state))
    assert alone is not None
    assert corrupted is not None
    assert cured is not None
    assert corrupted.high < alone.low
    assert cured.low > corrupted.high
    second, third = act_lines(state)[1:]
    assert re.search(r"errors in view: turn accuracy \d+ % \[\d+, \d+\], −\d+ points \[−\d+, −\d+\]", second)
    assert re.search(r"cured: .*, \+\d+ points \[\+\d+, \+\d+\]", third)
    assert "expected" in next(mistake_lines(state))


def test_a_thinking_model_hardly_moves(tmp_path: Path) -> None:
    alone, corrupted, _ = segments(api.run(**THINKING, out=tmp_path / "s.jsonl").state)
    assert corrupted.correct / corrupted.n > alone.correct / alone.n - 0.1


def test_the_text_is_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    told = []
    for _ in range(2):
        assert run_command_line(["demo", "--text"]) == 0
        told.append([line for line in capsys.readouterr().out.splitlines() if ".jsonl" not in line])
    assert told[0] == told[1]
    assert sum("errors in view" in line for line in told[0]) >= 2
    assert all("(simulated)" in line for line in told[0] if line.startswith("sim/"))


def test_the_real_acts_are_a_run_that_can_be() -> None:
    config = read_options(REAL)
    assert config.controls.model == "local/gemma-3-270m"
    assert [turn for turn, _ in config.script] == [27, 39]
