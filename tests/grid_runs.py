"""Small experiments for tests, run to their end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.experiments.grid import Experiment
from lhe_tui.experiments.manifest import Manifest
from lhe_tui.experiments.measures import Measure, cell_measure
from lhe_tui.experiments.run_grid import GridRun, new_grid_run
from lhe_tui.models.base import ChatModel
from lhe_tui.models.simulated.model import simulated_model


def new_grid(experiment: Experiment, folder: Path) -> GridRun:
    return new_grid_run(Manifest(experiment, built_in_template()), folder, built_in_words())


def run_grid(
    grid: GridRun, open_model: Callable[[str], ChatModel] = simulated_model, *, concurrency: int = 16
) -> GridRun:
    async def run() -> None:
        async for _ in grid.progress(open_model, concurrency=concurrency):
            pass

    asyncio.run(run())
    return grid


def measures(grid: GridRun) -> dict[str, Measure]:
    found = {run.cell.name: cell_measure(grid.experiment, run) for run in grid.runs}
    return {name: measure for name, measure in found.items() if measure is not None}
