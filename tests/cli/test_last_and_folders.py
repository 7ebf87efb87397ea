"""`last` names the newest session, and an experiment's folder stands where a session could."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.experiments.grid import Cell, Experiment
from lhe_tui.experiments.grid_file import grid_from_table
from lhe_tui.experiments.named_grids import GridSettings, named_grid
from lhe_tui.experiments.recorded import differences, fair_groups
from tests.grid_runs import new_grid, run_grid
from tests.sessions import header, whole_run, write

TABLE = {
    "name": "mine",
    "models": ["sim/large", "sim/small"],
    "task": {"turns": 6, "samples": 3, "dict-size": 10},
    "cells": [
        {"name": "own"},
        {"name": "half", "controls": {"inject": 0.5, "inject-base": "truth"}},
        {"name": "window", "controls": {"inject": 0.5, "inject-base": "truth", "prune": "window:2"}},
    ],
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def experiment(here: Path) -> Path:
    folder = here / "mine"
    run_grid(new_grid(grid_from_table(TABLE, "mine.toml"), folder)).close()
    return folder


def out_of(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert run_command_line([str(word) for word in words]) == 0
    return capsys.readouterr().out


def test_last_is_the_session_that_was_written_last(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "sessions").mkdir()
    for place, name in enumerate(("old", "new", "between")):
        path = write(here / "sessions" / f"{name}.jsonl", whole_run(header(turns=3 + place)))
        os.utime(path, (1, {"old": 10, "new": 30, "between": 20}[name]))
    (here / "sessions" / "notes.txt").write_text("newer, and no session")
    assert json.loads(out_of(capsys, "report", "last", "--json"))["turns"] == 4
    assert "sample 1" in out_of(capsys, "inspect", "last")


def test_last_of_no_session_says_where_it_looked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "sessions").mkdir()
    assert run_command_line(["report", "last"]) == 2
    assert "last: there is no session in sessions or " in capsys.readouterr().err


def test_a_file_that_is_called_last_is_meant_by_its_path(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here / "last", whole_run(header(turns=7)))
    assert json.loads(out_of(capsys, "report", "./last", "--json"))["turns"] == 7


def test_report_of_a_folder_is_what_the_experiment_printed(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(out_of(capsys, "report", experiment, "--json"))
    assert document["format"] == "lhe-experiment-report/1"
    assert [cell["finished"] for cell in document["cells"]] == [True] * 6
    said = out_of(capsys, "report", experiment)
    assert f"Sessions in {experiment}" in said
    assert said.count("lhe-tui compare") == 3


def test_an_unfinished_experiment_is_reported_and_keeps_its_files(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (missing, *_) = sorted(experiment.glob("*.jsonl"))
    missing.unlink()
    before = sorted(experiment.iterdir())
    document = json.loads(out_of(capsys, "report", experiment, "--json"))
    assert (document["finished"], len(document["cells"])) == (False, 6)
    assert sorted(experiment.iterdir()) == before


def test_csv_of_a_folder_holds_every_turn_of_every_cell(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = out_of(capsys, "export", experiment, "--to", "csv", "--out", "-")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 6 * 6 * 3
    assert len({row["cell"] for row in rows}) == 6
    document = json.loads(out_of(capsys, "export", experiment, "--to", "json", "--out", "-"))
    for cell in document["cells"]:
        of_cell = [row for row in rows if row["cell"] == cell["name"]]
        right = sum(row["outcome"] == "correct" for row in of_cell)
        assert right == cell["report"]["outcomes"]["correct"]


def test_a_format_of_one_session_is_refused_for_a_folder(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["export", str(experiment), "--to", "dataset", "--out", "x"]) == 2
    assert "--to dataset is of one session" in capsys.readouterr().err


def test_a_folder_without_an_experiment_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    for command in ("report", "compare"):
        assert run_command_line([command, "empty"]) == 2
        assert "empty holds no experiment: there is no experiment.json" in capsys.readouterr().err


def test_compare_of_a_folder_stands_no_confounded_pair_side_by_side(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(out_of(capsys, "compare", experiment, "--json"))
    pairs = [
        (first["name"], other["name"])
        for comparison in document["comparisons"]
        for first, *others in [comparison["sessions"]]
        for other in others
    ]
    assert len(pairs) == 2 + 3
    injected = [pair for pair in pairs if any("window" in name for name in pair)]
    assert injected == [("sim-large-window", "sim-small-window")]


def test_a_ladder_is_reported_from_its_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("ladder", "--model", "sim/small", "--samples", "10", "--out", "climb", "--json")
    there = json.loads(out_of(capsys, *words))
    assert json.loads(out_of(capsys, "report", "climb", "--json")) == there
    assert "K = " in out_of(capsys, "report", "climb")


@pytest.mark.parametrize(
    "name", ["scaling", "self-conditioning", "context-management", "thinking", "voting", "components"]
)
def test_the_named_experiments_suggest_only_pairs_that_differ_in_one_setting(name: str) -> None:
    experiment = named_grid(name, GridSettings())
    groups = fair_groups(experiment)
    assert groups
    for first, *others in groups:
        assert [len(differences(first, other)) for other in others] == [1] * len(others)
        assert len(others) <= 5


def test_switching_injection_on_is_one_difference_and_its_base_another() -> None:
    cells: dict[str, Cell] = {}
    for name, controls in (
        ("off", {}),
        ("own", {"inject": 0.5}),
        ("truth", {"inject": 0.5, "inject-base": "truth"}),
        ("healed", {"inject-base": "truth"}),
    ):
        table = {"name": "x", "models": ["sim/large"], "cells": [{"name": name, "controls": controls}]}
        made: Experiment = grid_from_table(table, "x.toml")
        cells[name] = made.cells[0]
    assert differences(cells["off"], cells["truth"]) == ["injection"]
    assert differences(cells["own"], cells["truth"]) == ["injection base"]
    assert differences(cells["healed"], cells["truth"]) == ["injection rate"]
    assert len(differences(cells["own"], cells["healed"])) == 2
