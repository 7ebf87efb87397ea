"""The files of an experiment's folder in pydantic: the manifest of a grid, and the one of a ladder.

Importing this module costs the import of pydantic: everybody else does it inside a function.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lhe_tui.engine.events import Bounds, Count, FromOne, Settings
from lhe_tui.experiments.grid import FigureKind
from lhe_tui.record.session_format import ControlsTable, FileModel, Positive, PromptTable, Seed, SpecTable
from lhe_tui.task.scoring import Curve

Name = Annotated[str, Field(max_length=200)]
ServerAddress = Annotated[str, Field(max_length=2000)]


class CellTable(FileModel):
    """One cell of a grid."""

    name: Name
    label: Name
    task: SpecTable
    controls: ControlsTable
    script: tuple[tuple[FromOne, Settings], ...]
    given: Count
    curve: Name = ""
    x: Annotated[int, Bounds()] | Annotated[float, Bounds()] | None = None


class ManifestTable(FileModel):
    """`experiment.json`."""

    format: Literal["lhe-experiment/1"]
    name: Name
    question: str = Field(max_length=2000)
    figures: tuple[FigureKind, ...]
    measure: Curve
    target_turn: Positive | None = None
    span: Positive
    x_label: Name = ""
    base_url: ServerAddress | None = None
    api_key_env: Name | None = None
    cells: tuple[CellTable, ...]
    prompt: PromptTable


class LadderTable(FileModel):
    """`ladder.json`."""

    format: Literal["lhe-ladder/1"]
    controls: ControlsTable
    samples: Positive
    start: Positive
    most_keys: Positive
    seed: Seed
    base_url: ServerAddress | None = None
    api_key_env: Name | None = None
    prompt: PromptTable
