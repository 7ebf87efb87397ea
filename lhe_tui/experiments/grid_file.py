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
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from lhe_tui.experiments.grid import (
    FIGURE_KINDS,
    Cell,
    Experiment,
    FigureKind,
    GridError,
    check_experiment,
    file_name,
)
from lhe_tui.task.controls import Change, ControlError, Controls, apply_change, parse_change
from lhe_tui.task.scoring import Curve
from lhe_tui.task.spec import TaskError, TaskSpec

_TASK = {
    "task": "variant",
    "turns": "turns",
    "turn-complexity": "turn_complexity",
    "k": "turn_complexity",
    "samples": "samples",
    "dict-size": "dict_size",
    "min-value": "min_value",
    "max-value": "max_value",
    "seed": "seed",
}
_TOP = (
    "name",
    "question",
    "models",
    "figures",
    "measure",
    "target-turn",
    "span",
    "x-label",
    "task",
    "controls",
)
_CELL = ("name", "label", "x", "curve", "task", "controls", "at", "given")
_MEASURES: dict[str, Curve] = {"turn": "turn", "absolute": "absolute", "task": "task"}
_AT = re.compile(r"\s*([0-9]{1,9})\s*:(.*)", re.S)


def grid_from_table(table: Mapping[str, Any], where: str) -> Experiment:
    """The experiment that a TOML file's table describes; `where` names the file. Raises GridError."""
    _known(table, (*_TOP, "cells"), where)
    cells = table.get("cells")
    if not isinstance(cells, list) or not cells or not all(isinstance(cell, dict) for cell in cells):
        raise GridError(f"{where}: it needs at least one [[cells]] with a name")
    models = _texts(table, "models", where)
    target = _whole(table, "target-turn", where, 1)
    experiment = Experiment(
        name=_text(table, "name", where),
        question=_text(table, "question", where, ""),
        cells=tuple(
            _cell(cell, table, model, several=len(models) > 1, where=f"{where}: cell {number}")
            for model in (models or (None,))
            for number, cell in enumerate(cells, 1)
        ),
        figures=_figures(table, where),
        measure=_MEASURES[_choice(table, "measure", where, tuple(_MEASURES), "turn")],
        target_turn=target,
        span=_whole(table, "span", where, 1) or 1,
        x_label=_text(table, "x-label", where, ""),
    )
    try:
        return check_experiment(experiment)
    except GridError as error:
        raise GridError(f"{where}: {error}") from None


def _cell(
    cell: Mapping[str, Any], table: Mapping[str, Any], model: str | None, *, several: bool, where: str
) -> Cell:
    _known(cell, _CELL, where)
    name = _text(cell, "name", where)
    where = f"{where} ({name})"
    spec = _spec({**_table(table, "task", where), **_table(cell, "task", where)}, where)
    asked = {**_table(table, "controls", where), **_table(cell, "controls", where)}
    controls = _controls(asked if model is None else {**asked, "model": model}, where)
    label = _text(cell, "label", where, name)
    x = cell.get("x")
    if x is not None and (isinstance(x, bool) or not isinstance(x, int | float)):
        raise GridError(f"{where}: x takes a number, not {x!r}")
    return Cell(
        name=file_name(f"{controls.model} {name}" if several else name),
        label=f"{controls.model} {label}" if several else label,
        spec=spec,
        controls=controls,
        script=tuple(_change(text, where) for text in _texts(cell, "at", where)),
        given=_whole(cell, "given", where, 0) or 0,
        curve=_text(cell, "curve", where, controls.model),
        x=x,
    )


def _spec(table: Mapping[str, Any], where: str) -> TaskSpec:
    _known(table, tuple(_TASK), f"{where}: task")
    for name, value in table.items():
        wanted = str if name == "task" else int
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise GridError(
                f"{where}: task.{name} takes a {'name' if wanted is str else 'whole number'}, not {value!r}"
            )
    try:
        return TaskSpec(**{_TASK[name]: value for name, value in table.items()})
    except TaskError as error:
        raise GridError(f"{where}: {error}") from None


def _controls(table: Mapping[str, Any], where: str) -> Controls:
    for name, value in table.items():
        if not isinstance(value, str | int | float):
            raise GridError(
                f"{where}: controls.{name} takes a text, a number or true and false, not {value!r:.60}"
            )
    try:
        return apply_change(Controls(), tuple(table.items()), 1)
    except ControlError as error:
        raise GridError(f"{where}: {error}") from None


def _change(text: str, where: str) -> tuple[int, Change]:
    match = _AT.fullmatch(text)
    if match is None:
        raise GridError(f"{where}: at takes TURN:NAME=VALUE[,NAME=VALUE], not {text!r}")
    try:
        return int(match[1]), parse_change(match[2])
    except ControlError as error:
        raise GridError(f"{where}: at {text!r}: {error}") from None


def _figures(table: Mapping[str, Any], where: str) -> tuple[FigureKind, ...]:
    kinds: dict[str, FigureKind] = {kind: kind for kind in FIGURE_KINDS}
    asked = _texts(table, "figures", where) or ["turn-accuracy", "task-accuracy"]
    for figure in asked:
        if figure not in kinds:
            raise GridError(f"{where}: no figure named {figure!r}: there are {', '.join(FIGURE_KINDS)}")
    return tuple(kinds[figure] for figure in asked)


def _known(table: Mapping[str, Any], names: Collection[str], where: str) -> None:
    for name in table:
        if name not in names:
            close = get_close_matches(name, list(names), n=1)
            guess = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
            raise GridError(f"{where}: {name!r} is not known: {guess}")


def _text(table: Mapping[str, Any], name: str, where: str, default: str | None = None) -> str:
    value = table.get(name, default)
    if value is None:
        raise GridError(f"{where}: {name} is missing")
    if not isinstance(value, str) or not (value.strip() or value == default) or len(value) > 200:
        raise GridError(f"{where}: {name} takes a text of up to 200 characters, not {value!r:.60}")
    return value


def _texts(table: Mapping[str, Any], name: str, where: str) -> list[str]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise GridError(f"{where}: {name} takes a list of texts, not {value!r:.60}")
    return value


def _whole(table: Mapping[str, Any], name: str, where: str, low: int) -> int | None:
    value = table.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise GridError(f"{where}: {name} takes a whole number from {low}, not {value!r:.60}")
    return value


def _choice(table: Mapping[str, Any], name: str, where: str, choices: Collection[str], default: str) -> str:
    value = table.get(name, default)
    if value not in choices:
        raise GridError(f"{where}: {name} takes {', '.join(choices)}, not {value!r:.60}")
    return str(value)


def _table(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise GridError(f"{where}: {name} takes a table, not {value!r:.60}")
    return value
