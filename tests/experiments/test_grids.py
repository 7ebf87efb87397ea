"""Grids as data: the paper's by name, one's own from a file, and the manifest that keeps them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.experiments.grid import Cell, Experiment, GridError, check_experiment
from lhe_tui.experiments.grid_file import grid_from_table
from lhe_tui.experiments.manifest import (
    MANIFEST,
    Manifest,
    experiments_in,
    fresh_folder,
    read_manifest,
    write_manifest,
)
from lhe_tui.experiments.named_grids import NAMED_GRIDS, GridSettings, named_grid
from lhe_tui.experiments.reference_values import REFERENCE_VALUES, reference_words
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec

OWN = """
name = "short-memory"
models = ["sim/small", "sim/large"]
figures = ["turn-accuracy", "against-x"]
target-turn = 6
span = 3
x-label = "turns in view"
[task]
turns = 6
samples = 2
[controls]
mode = "cot"
[[cells]]
name = "all"
x = 6
[[cells]]
name = "window 1"
x = 1
task = { k = 2 }
controls = { prune = "window:1" }
at = ["3:inject=0.5"]
"""


@pytest.mark.parametrize("name", NAMED_GRIDS)
def test_every_named_grid_stands_by_default_and_for_any_models(name: str) -> None:
    for settings in (GridSettings(), GridSettings(("ollama/a", "ollama/b"), 3, 12, 5)):
        experiment = named_grid(name, settings)
        assert experiment.name == name
        assert experiment.question.endswith("?")
        if settings.models:
            assert experiment.models == settings.models
            assert {cell.spec.samples for cell in experiment.cells} == {3}
            assert {cell.spec.seed for cell in experiment.cells} == {5}


def test_a_controlled_history_asks_one_request_per_sample_at_the_target_turn() -> None:
    experiment = named_grid("self-conditioning", GridSettings(("sim/large",), 7, 40))
    assert [cell.x for cell in experiment.cells] == [0, 0.25, 0.5, 0.75, 1]
    for cell in experiment.cells:
        assert (cell.given, cell.spec.turns, cell.spec.samples) == (39, 40, 7)
        assert experiment.measured_turns(cell) == range(40, 41)


def test_a_full_run_asks_every_turn_under_the_same_injection() -> None:
    experiment = named_grid("self-conditioning", GridSettings(("sim/large",), 7, 40, full_run=True))
    for cell in experiment.cells:
        injection = cell.controls.injection
        assert (cell.given, injection.rate, injection.base, injection.since) == (0, cell.x, "truth", 1)


def test_turns_times_complexity_is_the_same_in_every_cell() -> None:
    cells = named_grid("turns-vs-complexity", GridSettings()).cells
    assert len({cell.spec.steps for cell in cells}) == 1
    assert len({cell.spec.turn_complexity for cell in cells}) > 4


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("nothing", GridSettings(), "no experiment named 'nothing'"),
        ("scaling", GridSettings(full_run=True), "always run in full"),
        ("scaling", GridSettings(("sim/large", "sim/large")), "named twice"),
        ("thinking", GridSettings(turns=1), "at least 2"),
        ("scaling", GridSettings(samples=10**9), "over the bound"),
    ],
)
def test_a_grid_that_cannot_be_says_why(name: str, settings: GridSettings, says: str) -> None:
    with pytest.raises(GridError, match=says):
        named_grid(name, settings)


def test_a_grid_of_ones_own_runs_each_cell_for_each_model() -> None:
    experiment = grid_from_table(tomllib.loads(OWN), "own.toml")
    assert [cell.name for cell in experiment.cells] == [
        "sim-small-all",
        "sim-small-window-1",
        "sim-large-all",
        "sim-large-window-1",
    ]
    cell = experiment.cells[3]
    assert (cell.model, cell.controls.mode, str(cell.controls.pruning)) == ("sim/large", "cot", "window:1")
    assert (cell.spec.turn_complexity, cell.script) == (2, ((3, (("inject", "0.5"),)),))
    assert experiment.baseline_of(cell).name == "sim-large-all"
    assert experiment.measured_turns(cell) == range(4, 7)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('name = "short-memory"', "", "own.toml: name is missing"),
        ("target-turn = 6", "target-turn = 60", "target turn 60 lies outside the 6 turns"),
        ("span = 3", "spam = 3", "'spam' is not known: did you mean span"),
        ('"against-x"]', '"bars"]', r"figures\[2\] should be one of"),
        ("turns = 6", 'turns = "six"', "task.turns should be a whole number, not 'six'"),
        ("samples = 2", "samples = 0", "samples must be at least 1"),
        ('mode = "cot"', 'mode = "loud"', "mode takes direct, cot, thinking"),
        ('mode = "cot"', "mode = [1]", "controls.mode should be a text, or"),
        ('prune = "window:1"', 'prune = "window:0"', "window:W takes at least 1 turn"),
        ("3:inject=0.5", "inject=0.5", "at takes TURN:NAME=VALUE"),
        ("3:inject=0.5", "30:inject=0.5", "turn 30 of a change lies outside 1 to 6"),
        ("x = 1", 'x = "one"', r"cells\[2\].x should be a whole number, or a number"),
        ('name = "window 1"', 'name = "all"', "two cells named"),
        ("x = 6", "given = 3", "a given history holds bare answers"),
    ],
)
def test_each_mistake_in_a_file_is_one_sentence_that_names_it(before: str, after: str, says: str) -> None:
    assert before in OWN
    with pytest.raises(GridError, match=says) as caught:
        grid_from_table(tomllib.loads(OWN.replace(before, after, 1)), "own.toml")
    assert "own.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("table", [{}, {"cells": 3}, {"cells": []}, {"name": "a", "cells": [{}]}])
def test_a_file_without_sound_cells_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(GridError, match=r"own\.toml"):
        grid_from_table(table, "own.toml")


def test_given_turns_must_leave_a_turn_to_ask() -> None:
    cell = Cell("a", "a", TaskSpec(turns=3, samples=1), Controls(), given=3)
    with pytest.raises(GridError, match="leave nothing to ask"):
        check_experiment(Experiment("e", "?", (cell,)))


@pytest.mark.parametrize("name", NAMED_GRIDS)
def test_a_manifest_brings_the_grid_back_as_it_was(name: str, tmp_path: Path) -> None:
    manifest = Manifest(
        named_grid(name, GridSettings(seed=-4)), built_in_template(), "http://localhost:1/v1", "MY_KEY"
    )
    write_manifest(tmp_path / "new" / "folder", manifest)
    assert read_manifest(tmp_path / "new" / "folder") == manifest
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [MANIFEST]


def test_a_manifest_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(named_grid("voting", GridSettings()), built_in_template()))
    sound = json.loads((tmp_path / MANIFEST).read_text())
    damaged: list[Any] = [[], {}, {**sound, "format": "lhe-experiment/9"}, {**sound, "cells": [3]}]
    damaged += [{**sound, "figures": [[]]}, {**sound, "cells": [{**sound["cells"][0], "script": [[1]]}]}]
    damaged += [{**sound, "cells": [{**sound["cells"][0], "name": "../../escape"}]}]
    for document in damaged:
        (tmp_path / MANIFEST).write_text(json.dumps(document))
        with pytest.raises(GridError, match="cannot be resumed"):
            read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_bytes(b"\xff{")
    with pytest.raises(GridError, match="cannot be resumed"):
        read_manifest(tmp_path)
    with pytest.raises(GridError, match="holds nothing to resume"):
        read_manifest(tmp_path / "nowhere")


def test_experiments_are_found_by_their_manifests_and_new_ones_get_a_folder_of_their_own(
    tmp_path: Path,
) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    first = fresh_folder(tmp_path, "scaling", now)
    assert first.name == "scaling-20260102-030405"
    write_manifest(first, Manifest(named_grid("scaling", GridSettings()), built_in_template()))
    assert fresh_folder(tmp_path, "scaling", now).name == "scaling-20260102-030405-2"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MANIFEST).write_text("{}")
    assert [(path, experiment.name) for path, experiment in experiments_in(tmp_path)] == [(first, "scaling")]
    assert experiments_in(tmp_path / "nowhere") == []


def test_a_cell_of_another_name_cannot_leave_the_folder() -> None:
    cell = named_grid("scaling", GridSettings()).cells[0]
    with pytest.raises(GridError, match="good for a file"):
        check_experiment(Experiment("e", "?", (replace(cell, name="../a"),)))


def test_every_reported_number_says_how_it_is_known() -> None:
    assert {value.how for value in REFERENCE_VALUES} == {"exact", "read off"}
    for name in (*NAMED_GRIDS, "ladder"):
        lines = reference_words(name)
        assert lines
        assert all(line.endswith(("(exact)", "(read off)")) for line in lines)


def test_a_named_grid_takes_over_the_task_that_is_asked_for() -> None:
    task = {"variant": "retrieve", "dict_size": 6, "min_value": 1, "max_value": 9}
    grid = named_grid("self-conditioning", GridSettings(("local/gemma-3-270m",), 8, 30, task=task))
    assert {(cell.spec.variant, cell.spec.dict_size, cell.spec.max_value) for cell in grid.cells} == {
        ("retrieve", 6, 9)
    }


def test_the_grid_of_all_tasks_takes_none() -> None:
    with pytest.raises(GridError, match="leave --task out"):
        named_grid("components", GridSettings(task={"variant": "add"}))
    sizes = {
        cell.spec.dict_size for cell in named_grid("components", GridSettings(task={"dict_size": 6})).cells
    }
    assert sizes == {6}
