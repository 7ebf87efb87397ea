"""What a person sets of a named experiment: texts in, settings and an estimate out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lhe_tui.engine.state import RunState
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.grid import Experiment, GridError
from lhe_tui.experiments.grid_estimate import GridEstimate, estimate_grid
from lhe_tui.experiments.named_grids import GridSettings, named_grid
from lhe_tui.launch.runs import new_header
from lhe_tui.models.base import ModelInfo
from lhe_tui.task.answers import read_number
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate

MOST = 10_000
"""Samples or turns that an experiment of the app takes."""
FULL_RUN = ("self-conditioning", "thinking")
"""The experiments that can be asked in one request per sample, or run in full."""


def read_settings(models: str, samples: str, turns: str, *, full_run: bool) -> GridSettings:
    """The form's texts; an empty one means the experiment's own default. Raises GridError."""
    names = tuple(name.strip() for name in models.split(",") if name.strip())
    return GridSettings(
        names,
        read_number_of("samples", samples),
        read_number_of("turns", turns),
        full_run=full_run,
    )


def read_number_of(name: str, text: str) -> int | None:
    """A count; None where nothing is typed. Raises GridError."""
    if not text.strip():
        return None
    number = read_number(text) if len(text) < 20 else None
    if number is None or not 1 <= number <= MOST:
        raise GridError(f"{name} takes a whole number from 1 to {MOST:,}, or nothing for the usual one")
    return number


def usual(name: str) -> tuple[str, int, int]:
    """(models, samples, turns) of an experiment where nothing is set."""
    experiment = named_grid(name, GridSettings())
    cells = experiment.cells
    turns = experiment.target_turn or max(cell.spec.turns for cell in cells)
    return ", ".join(experiment.models), cells[0].spec.samples, turns


def quick_estimate(
    experiment: Experiment,
    template: PromptTemplate,
    words: Sequence[str],
    info_of: Callable[[str], ModelInfo],
) -> GridEstimate:
    """What all cells will ask, estimated from one sample of each. Raises GridError or ModelNotAvailable."""
    runs = []
    tasks: dict[TaskSpec, Task] = {}
    for cell in experiment.cells:
        spec = replace(cell.spec, samples=1)
        try:
            task = tasks[spec] if spec in tasks else tasks.setdefault(spec, generate(spec, words))
        except TaskError as error:
            raise GridError(str(error)) from None
        state = RunState(new_header(task, cell.controls, template))
        runs.append(CellRun(replace(cell, spec=spec), Path(), state))
    one = estimate_grid(runs, info_of)
    samples = experiment.cells[0].spec.samples
    return GridEstimate(
        one.requests * samples,
        one.prompt_tokens * samples,
        one.completion_tokens * samples,
        None if one.dollars is None else one.dollars * samples,
    )


def toggled(models: str, name: str) -> str:
    """A list of names with one put in, or taken out where it is in."""
    names = [entry.strip() for entry in models.split(",") if entry.strip()]
    if name in names:
        names.remove(name)
    else:
        names.append(name)
    return ", ".join(names)
