"""Experiments of one's own, from a TOML file: every mistake is one sentence that names its place.

name = "short-memory"
question = "Does a short memory help?"
models = ["sim/small", "sim/large"]   # every cell once for each; left out: the model of [controls]
figures = ["turn-accuracy", "against-x"]    # also task-accuracy and horizon
measure = "turn"                      # or absolute, task: what is compared …
target-turn = 60                      # … at this turn (left out: at each cell's last) …
span = 10                             # … over so many turns up to it
x-label = "turns in view"

[task]                                # of all cells; names as on the command line
turns = 60
samples = 16

[controls]
mode = "direct"

[[cells]]                             # the first cell is the one that the others are compared with
name = "all"

[[cells]]
name = "window 5"
x = 5                                 # its place in accuracy against x
task = { seed = 1 }                   # these two go over what all cells have
controls = { prune = "window:5" }
at = ["30:inject=0.5"]                # changes in mid-run
given = 0                             # past turns laid down with the true sums and not asked
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lhe_tui.experiments.grid import Cell, Experiment, GridError, check_experiment, file_name
from lhe_tui.record.errors import CodecError
from lhe_tui.record.validation import validated
from lhe_tui.task.controls import Change, ControlError, Controls, apply_change, parse_change
from lhe_tui.task.spec import TaskError, TaskSpec

if TYPE_CHECKING:
    from lhe_tui.experiments.file_models import WrittenCell, WrittenGrid

_AT = re.compile(r"\s*([0-9]{1,9})\s*:(.*)", re.S)


def grid_from_table(table: Mapping[str, Any], where: str) -> Experiment:
    """The experiment that a TOML file's table describes; `where` names the file. Raises GridError."""
    from lhe_tui.experiments.file_models import WrittenGrid

    try:
        grid = validated(WrittenGrid, table)
        cells = tuple(
            _cell(cell, grid, model, f"cell {number} ({cell.name})")
            for model in (grid.models or (None,))
            for number, cell in enumerate(grid.cells, 1)
        )
        return check_experiment(
            Experiment(
                grid.name,
                grid.question,
                cells,
                grid.figures or ("turn-accuracy", "task-accuracy"),
                grid.measure,
                grid.target_turn,
                grid.span,
                grid.x_label,
            )
        )
    except (CodecError, GridError) as error:
        raise GridError(f"{where}: {error}") from None


def _cell(cell: WrittenCell, grid: WrittenGrid, model: str | None, where: str) -> Cell:
    asked = {**grid.controls, **cell.controls} | ({} if model is None else {"model": model})
    settings = grid.task.model_dump(exclude_none=True) | cell.task.model_dump(exclude_none=True)
    try:
        spec = TaskSpec(**settings)
        controls = apply_change(Controls(), asked.items(), 1)
        script = tuple(map(_change, cell.at))
    except (TaskError, ControlError) as error:
        raise GridError(f"{where}: {error}") from None
    lead = f"{controls.model} " if len(grid.models) > 1 else ""
    return Cell(
        name=file_name(lead + cell.name),
        label=lead + (cell.label or cell.name),
        spec=spec,
        controls=controls,
        script=script,
        given=cell.given,
        curve=cell.curve or controls.model,
        x=cell.x,
    )


def _change(text: str) -> tuple[int, Change]:
    match = _AT.fullmatch(text)
    if match is None:
        raise ControlError(f"at takes TURN:NAME=VALUE[,NAME=VALUE], not {text!r:.80}")
    try:
        return int(match[1]), parse_change(match[2])
    except ControlError as error:
        raise ControlError(f"at {text!r:.80}: {error}") from None
