"""RunConfig: everything that a run is before it starts.

Importing this module costs the import of pydantic: everybody else does it inside a function.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    field_validator,
    model_validator,
)

from lhe_tui.errors import LheError
from lhe_tui.models.catalogue import has_no_server
from lhe_tui.record.codec import controls_document
from lhe_tui.record.session_format import ControlsTable
from lhe_tui.task.controls import Change, ControlError, Controls, Scalar, apply_change
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import TaskSpec

INJECTING: Final = frozenset({"inject", "inject-base", "heal"})
"""The controls that switch error injection on."""
MOST_AT_ONCE: Final = 1000

Script = tuple[tuple[int, Change], ...]
"""Scripted changes: (turn, change)."""


class RunConfigError(LheError):
    """A run that cannot be. `problems` maps an option's name, without dashes, to one sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = problems


class DatasetTask(BaseModel):
    """A task that is read from a file; what is None is taken from there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    turns: int | None = None
    turn_complexity: int = 1
    samples: int | None = None
    variant: str | None = None
    seed: int | None = None


def _controls(value: object) -> Controls:
    return value if isinstance(value, Controls) else ControlsTable.model_validate(value).controls()


class RunConfig(BaseModel):
    """A run before it starts, as the command line, the form, a preset, a grid's cell or a program describes it.

    Raises RunConfigError where its parts contradict each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: DatasetTask | TaskSpec = TaskSpec()
    words: Path | None = None
    """The word list that a task is drawn from; None: the package's own."""
    given: Annotated[int, Field(ge=0)] = 0
    """Turns that are laid down with their true answers and not asked."""
    controls: Annotated[Controls, PlainValidator(_controls), PlainSerializer(controls_document)] = Controls()
    script: Script = ()
    prompt: Path | PromptTemplate | None = None
    """A prompt's file or the name of one that ships; None: the package's own."""
    base_url: str | None = None
    api_key_env: str | None = None
    """The name of the variable that holds the key."""
    allow_insecure_key: bool = False
    speed: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Tokens per second of simulated models; None: at once."""
    concurrency: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | None = None
    """Requests at once; None: as many as suit the models."""
    shard: Annotated[str, Field(pattern=r"^[0-9]{1,9}/[0-9]{1,9}$")] | None = None
    """Which part of the samples is run, as `3/8`; None: all of them."""
    out: Path | None = None
    """The session's file; None: a new one in the usual folder."""
    draw_seed: int | None = None
    """Seeds simulated models' draws; None: the task's seed."""
    labels: dict[str, str] = {}
    """Provenance for the session's header."""

    @field_validator("script")
    @classmethod
    def _as_typed(cls, script: Script) -> Script:
        return tuple(
            (turn, tuple((name, value_text(value)) for name, value in change)) for turn, change in script
        )

    @model_validator(mode="after")
    def _checked(self) -> RunConfig:
        self._check_server()
        self._check_injection()
        if isinstance(self.task, TaskSpec):
            self.check_turns(self.task.turns)
        return self

    def _check_server(self) -> None:
        model = self.controls.model
        if self.base_url is not None and (why := has_no_server(model)):
            raise RunConfigError({"base_url": f"{model} {why}: leave --base-url out"})
        if self.speed is not None and not model.startswith("sim/"):
            raise RunConfigError(
                {"speed": f"speed paces simulated models; {model} answers as fast as it can"}
            )

    def _check_injection(self) -> None:
        injection = self.controls.injection
        if injection.active or any(name in INJECTING for _, change in self.script for name, _ in change):
            return
        for name, default in (("size", type(injection)().size), ("since", None)):
            if getattr(injection, name) != default:
                raise RunConfigError(
                    {
                        f"inject_{name}": f"inject-{name} says nothing where no error is injected: "
                        "give --inject too, or leave it out"
                    }
                )

    def check_turns(self, turns: int) -> None:
        """Hold what counts turns against a run of so many. Raises RunConfigError."""
        if not 0 <= self.given < turns:
            raise RunConfigError({"given": f"given {self.given} leaves nothing to ask of {turns} turns"})
        if self.given and self.controls.mode == "cot":
            raise RunConfigError(
                {"given": "given lays down bare answers, which --mode cot cannot go on from: use direct"}
            )
        since = self.controls.injection.since or 1
        if since > turns:
            raise RunConfigError(
                {"inject_since": f"inject-since {since} lies beyond the run's {turns} turns"}
            )
        controls = self.controls
        for turn, change in sorted(self.script, key=lambda entry: entry[0]):
            if turn > turns:
                raise RunConfigError({"at": f"at {turn}: the run ends at turn {turns}"})
            if turn <= self.given:
                raise RunConfigError(
                    {"at": f"at {turn}: the first {self.given} turns are given and not asked"}
                )
            try:
                controls = apply_change(controls, change, turn)
            except ControlError as error:
                raise RunConfigError({"at": f"at {turn}: {error}"}) from None


def value_text(value: Scalar) -> str:
    """A control's value as it is typed."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
