"""The folder of an experiment as it stands: read without a lock, so that it may be looked at while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lhe_tui.assets.shipped import built_in_words
from lhe_tui.experiments.cell_run import CellRun, new_cell_run
from lhe_tui.experiments.grid import Cell, Experiment, GridError
from lhe_tui.experiments.ladder import MANIFEST as LADDER_MANIFEST
from lhe_tui.experiments.ladder import LadderRun, Rung, resumed_ladder
from lhe_tui.experiments.manifest import MANIFEST, read_manifest, session_name
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.record.errors import SessionError
from lhe_tui.record.read import read_session
from lhe_tui.task.spec import TaskError, generate

MOST_BESIDE = 6
"""Cells of one comparison."""


def recorded_experiment(folder: Path) -> tuple[GridRun | LadderRun, list[str]]:
    """(the experiment of a folder, what of its sessions could not be read). Raises GridError or SessionError."""
    if (folder / MANIFEST).exists():
        return _grid(folder)
    if (folder / LADDER_MANIFEST).exists():
        return _ladder(folder)
    raise GridError(f"{folder} holds no experiment: there is no {MANIFEST} or {LADDER_MANIFEST} in it")


def _grid(folder: Path) -> tuple[GridRun, list[str]]:
    manifest = read_manifest(folder)
    runs, said = [], []
    for cell in manifest.experiment.cells:
        path = folder / session_name(cell)
        try:
            if path.exists():
                run, words = _cell(cell, path)
            else:
                run, words = new_cell_run(cell, manifest, generate(cell.spec, built_in_words()), folder), []
        except (SessionError, TaskError) as error:
            raise GridError(f"cell {cell.name}: {error}") from None
        runs.append(run)
        said += words
    return GridRun(manifest, folder, runs), said


def _ladder(folder: Path) -> tuple[LadderRun, list[str]]:
    ladder, said = resumed_ladder(folder, ()), []
    while (k := ladder.search.next_k) is not None:
        cell = ladder.cell(k)
        path = folder / session_name(cell)
        if not path.exists():
            break
        run, words = _cell(cell, path)
        said += words
        rung = Rung(k, run)
        ladder.rungs.append(rung)
        if not rung.decided:
            break
        ladder.search.tell(k, passed=rung.passed)
    return ladder, said


def _cell(cell: Cell, path: Path) -> tuple[CellRun, list[str]]:
    recording = read_session(path)
    return CellRun(cell, path, recording.state), [f"{path.name}: {words}" for words in recording.warnings]


def fair_groups(experiment: Experiment, most: int = MOST_BESIDE) -> list[tuple[Cell, ...]]:
    """Cells that may stand beside each other: a cell first, then some that differ from it in one setting alone.

    The first cell of a curve stands beside the others of its curve, and each cell of the first curve beside those of
    other curves. Two cells that differ in two settings are in no group: nobody could say which of them did it.
    """
    groups: list[tuple[Cell, ...]] = []
    leading = experiment.cells[0].curve
    for first in experiment.cells:
        along = [cell for cell in experiment.cells if experiment.baseline_of(cell) is first]
        across = [cell for cell in experiment.cells if first.curve == leading != cell.curve]
        for others in (along, across):
            fair = [cell for cell in others if len(differences(first, cell)) == 1]
            step = most - 1
            groups += [(first, *fair[start : start + step]) for start in range(0, len(fair), step)]
    return groups


def fair_comparisons(grid: GridRun) -> list[list[Path]]:
    """The sessions of each fair group, as far as they were run."""
    found = []
    for group in fair_groups(grid.experiment):
        first, *others = [run.path for run in map(grid.run_of, group)]
        there = [path for path in others if path.exists()]
        if there and first.exists():
            found.append([first, *there])
    return found


def differences(one: Cell, other: Cell) -> list[str]:
    """The settings in which two cells differ; to switch injection on is one of them, however it is set."""
    first, second = _settings(one), _settings(other)
    found = [name for name, value in first.items() if second[name] != value]
    if one.controls.injection.active != other.controls.injection.active:
        return [name for name in found if not name.startswith("injection ")] + ["injection"]
    return found


def _settings(cell: Cell) -> dict[str, object]:
    controls = asdict(cell.controls)
    injection = controls.pop("injection")
    rate = injection.pop("rate"), injection.pop("mix")
    told = {f"injection {name}": value for name, value in {**injection, "rate": rate}.items()}
    return {**asdict(cell.spec), **controls, **told, "script": cell.script, "given": cell.given}


def sessions_of(experiment: GridRun | LadderRun) -> Sequence[CellRun]:
    """The cells that have a session, in the experiment's order."""
    runs = experiment.runs if isinstance(experiment, GridRun) else [rung.run for rung in experiment.rungs]
    return [run for run in runs if run.path.exists()]
