"""lhe-tui from Python: run, read, resume, report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lhe_tui
from lhe_tui.cli.command_line import run_command_line
from lhe_tui.docs import page_path
from lhe_tui.engine.events import Event, TurnFinished
from lhe_tui.errors import LheError


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_from_options_leaves_a_session_that_reads_and_reports() -> None:
    seen: list[Event] = []
    session = lhe_tui.run(on_event=seen.append, samples=3, turns=4, model="sim/large", out="s.jsonl")
    turns = session.turns()
    assert len(turns) == 12
    assert {turn["sample"] for turn in turns} == {1, 2, 3}
    assert sum(isinstance(event, TurnFinished) for event in seen) == 12
    assert session.report()["samples"] == 3
    assert lhe_tui.open_session("s.jsonl").turns() == turns


def test_a_run_config_gives_the_same_run_as_its_options() -> None:
    config = lhe_tui.RunConfig(out=Path("a.jsonl"))
    options = lhe_tui.run(samples=8, turns=100, out="b.jsonl")
    assert lhe_tui.run(config).report()["turn_accuracy"] == options.report()["turn_accuracy"]
    with pytest.raises(TypeError, match="not both"):
        lhe_tui.run(config, samples=3)


async def test_a_program_with_a_loop_of_its_own_awaits_the_run() -> None:
    session = await lhe_tui.arun(samples=2, turns=2, out="c.jsonl")
    assert session.state.finished_turns == 4


def test_what_cannot_be_is_one_sentence() -> None:
    with pytest.raises(LheError, match="turns must be at least 1"):
        lhe_tui.run(turns=0)
    with pytest.raises(LheError, match="no option is named horizon"):
        lhe_tui.run(horizon=3)
    with pytest.raises(LheError):
        lhe_tui.open_session("nowhere.jsonl")


def test_a_server_that_is_not_there_stops_nothing_half_made() -> None:
    with pytest.raises(LheError, match="nothing answers"):
        lhe_tui.run(model="any", base_url="http://127.0.0.1:9/v1", out="d.jsonl")
    assert not Path("d.jsonl").exists()


def test_shards_merge_into_the_run_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    task = {"samples": 5, "turns": 6, "seed": 3, "inject": "0.5"}
    lhe_tui.run(**task, out="whole.jsonl")
    for part in ("1/2", "2/2"):
        lhe_tui.run(**task, shard=part, out=f"part-{part[0]}.jsonl")
    assert run_command_line(["merge", "part-1.jsonl", "part-2.jsonl", "--out", "merged.jsonl"]) == 0
    whole, merged = (
        lhe_tui.open_session("whole.jsonl").report(),
        lhe_tui.open_session("merged.jsonl").report(),
    )
    of_each = ("session", "session_id", "created", "seconds")
    assert json.dumps({k: v for k, v in merged.items() if k not in of_each}) == json.dumps(
        {k: v for k, v in whole.items() if k not in of_each}
    )
    assert run_command_line(["run", "--shard", "1/x"]) == 2
    assert "shard takes I/N" in capsys.readouterr().err


def test_the_package_and_its_programs_import_no_screen() -> None:
    code = (
        "import sys, lhe_tui; print('pydantic' in sys.modules); lhe_tui.run; print('textual' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_documented_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [program] = re.findall(r"```python\n(.*?)```", page_path("python").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    assert "turn" in capsys.readouterr().out
    assert names["wrong"]
    assert len(names["again"].turns()) == 32 * 60
