"""An experiment's files in pydantic: the manifests of grids and ladders, and the TOML that people write.

Importing this module costs the import of pydantic: everybody else does it inside a function.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_snake

from lhe_tui.engine.events import Bounds, Count, FromOne, Setting, Settings
from lhe_tui.experiments.grid import FigureKind
from lhe_tui.record.session_format import (
    AtMost,
    ControlsTable,
    FileModel,
    LongText,
    Positive,
    PromptTable,
    Seed,
    SpecTable,
)
from lhe_tui.task.scoring import Curve

Name = Annotated[str, AtMost(200)]
ServerAddress = LongText


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
    question: LongText
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


# ---- the TOML of an experiment of one's own


def _kebab(name: str) -> str:
    return to_snake(name).replace("_", "-")


class WrittenTable(BaseModel):
    """A table that a person writes: its names are those of the command line, and one that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, alias_generator=_kebab)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, table: Any) -> Any:
        names = [name for field in cls.model_fields.values() for name in _names_of(field.validation_alias)]
        for name in table if isinstance(table, dict) else ():
            if name not in names:
                close = get_close_matches(name, names, n=1)
                guess = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
                raise ValueError(f"{name!r} is not known: {guess}")
        return table


def _names_of(alias: object) -> list[str]:
    return [str(name) for name in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]


Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Whole = Annotated[int, Bounds()]


class WrittenTask(WrittenTable):
    """Settings of a task; what is left out is as usual."""

    variant: str | None = Field(None, validation_alias="task")
    turns: Whole | None = None
    turn_complexity: Whole | None = Field(None, validation_alias=AliasChoices("turn-complexity", "k"))
    samples: Whole | None = None
    dict_size: Whole | None = None
    min_value: Whole | None = None
    max_value: Whole | None = None
    seed: Whole | None = None


_AS_USUAL = WrittenTask.model_validate({})


class WrittenCell(WrittenTable):
    """One of `[[cells]]`; its task and controls go over what all cells have."""

    name: Words
    label: Words | None = None
    x: Annotated[int, Bounds()] | Annotated[float, Bounds()] | None = None
    curve: Words | None = None
    task: WrittenTask = _AS_USUAL
    controls: dict[str, Setting] = {}
    at: tuple[Words, ...] = ()
    given: Annotated[int, Bounds(ge=0)] = 0


class WrittenGrid(WrittenTable):
    """The whole file."""

    name: Words
    question: Name = ""
    models: tuple[Words, ...] = ()
    figures: tuple[FigureKind, ...] = ()
    measure: Curve = "turn"
    target_turn: FromOne | None = None
    span: FromOne = 1
    x_label: Name = ""
    task: WrittenTask = _AS_USUAL
    controls: dict[str, Setting] = {}
    cells: tuple[WrittenCell, ...] = Field(min_length=1)
