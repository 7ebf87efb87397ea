"""What an experiment is: cells, each a run of its own, and what of them is compared and drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from lhe_tui.errors import LheError
from lhe_tui.task.controls import Change, ControlError, Controls, apply_change
from lhe_tui.task.scoring import Curve
from lhe_tui.task.spec import TaskSpec

FigureKind = Literal["turn-accuracy", "task-accuracy", "horizon", "against-x"]
FIGURE_KINDS: tuple[FigureKind, ...] = get_args(FigureKind)
MOST_CELLS = 200
INDUCED = "induced error rate"
"""The x of experiments whose cells differ in how many errors they show."""


class GridError(LheError, ValueError):
    """An experiment that cannot be; the message says in one sentence what is wrong and what would do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of an experiment. Cells of one `curve` are joined in figures against `x`.

    `given` past turns are laid down with the true sums and not asked: with given = turns - 1, one request per sample
    measures the last turn.
    """

    name: str
    """Unique in its grid, and the name of its session file."""
    label: str
    """For legends and tables."""
    spec: TaskSpec
    controls: Controls
    script: tuple[tuple[int, Change], ...] = ()
    given: int = 0
    curve: str = ""
    x: float | None = None

    @property
    def model(self) -> str:
        """The model that it starts with."""
        return self.controls.model


@dataclass(frozen=True, slots=True)
class Experiment:
    """A grid of cells and how it is read. Turns count from 1.

    `measure` is the curve that is compared, over the `span` turns that end with `target_turn` (None: each cell's
    last). Each cell is compared with the first cell of its curve.
    """

    name: str
    question: str
    cells: tuple[Cell, ...]
    figures: tuple[FigureKind, ...] = ("turn-accuracy", "task-accuracy")
    measure: Curve = "turn"
    target_turn: int | None = None
    span: int = 1
    x_label: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that is asked, each once, in the order of the cells."""
        names = [cell.model for cell in self.cells]
        names += [
            str(value)
            for cell in self.cells
            for _, change in cell.script
            for name, value in change
            if name == "model"
        ]
        return tuple(dict.fromkeys(names))

    def baseline_of(self, cell: Cell) -> Cell:
        """The cell that a cell is compared with; it may be the cell itself."""
        return next(other for other in self.cells if other.curve == cell.curve)

    def measured_turns(self, cell: Cell) -> range:
        """The turns of a cell over which its measure is taken."""
        last = min(cell.spec.turns, self.target_turn or cell.spec.turns)
        return range(max(cell.given + 1, last - self.span + 1), last + 1)


def check_experiment(experiment: Experiment) -> Experiment:
    """The experiment itself, once nothing in it can fail before a request is sent. Raises GridError."""
    if not experiment.cells:
        raise GridError(f"{experiment.name} has no cells")
    if len(experiment.cells) > MOST_CELLS:
        raise GridError(f"{experiment.name} has {len(experiment.cells)} cells; at most {MOST_CELLS} are run")
    seen: set[str] = set()
    for cell in experiment.cells:
        if cell.name.casefold() in seen:
            raise GridError(f"{experiment.name} has two cells named {cell.name!r}: give each its own name")
        seen.add(cell.name.casefold())
        _check_cell(cell)
    target = experiment.target_turn
    longest = max(cell.spec.turns for cell in experiment.cells)
    if target is not None and not 1 <= target <= longest:
        raise GridError(f"target turn {target} lies outside the {longest} turns of {experiment.name}")
    if "against-x" in experiment.figures and all(cell.x is None for cell in experiment.cells):
        raise GridError(f"{experiment.name} draws accuracy against x, and no cell says its x")
    return experiment


def _check_cell(cell: Cell) -> None:
    if cell.name != file_name(cell.name):
        raise GridError(f"a cell's name must be good for a file: {cell.name!r}")
    turns = cell.spec.turns
    if not 0 <= cell.given < turns:
        raise GridError(f"cell {cell.name}: {cell.given} given turns leave nothing to ask of {turns} turns")
    if cell.given and cell.controls.mode == "cot":
        raise GridError(
            f"cell {cell.name}: a given history holds bare answers, and without reasoning in view a model stops "
            "to reason aloud: use mode direct or thinking, or run it in full"
        )
    controls = cell.controls
    for turn, change in sorted(cell.script, key=lambda entry: entry[0]):
        if not cell.given < turn <= turns:
            raise GridError(
                f"cell {cell.name}: turn {turn} of a change lies outside {cell.given + 1} to {turns}"
            )
        try:
            controls = apply_change(controls, change, turn)
        except ControlError as error:
            raise GridError(f"cell {cell.name}: {error}") from None


def file_name(text: str) -> str:
    """A text as a file's name: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9.+]+", "-", text).strip("-.").lower()[:80] or "cell"
