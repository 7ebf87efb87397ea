"""The session format in pydantic: the header's models, the events, and their JSON Schema (docs/session-format.md).

Importing this module costs the import of pydantic: everybody else does it inside a function.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    field_validator,
)
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from lhe_tui.engine import events
from lhe_tui.engine.events import (
    EVENT_NAMES,
    FORMAT,
    FORMAT_VERSION,
    Bounds,
    Flag,
    FromOne,
    Parent,
    RunStarted,
)
from lhe_tui.record.errors import CodecError, NewerFormat
from lhe_tui.task.controls import AnswerMode, ControlError, Controls, InjectionBase, apply_change
from lhe_tui.task.prompts import PromptError, PromptTemplate, read_template
from lhe_tui.task.pruning.registry import forms
from lhe_tui.task.reference_rules import Evaluator, ReferenceRun
from lhe_tui.task.scoring import Rules
from lhe_tui.task.spec import MAX_STEPS, Task, TaskError, TaskSpec
from lhe_tui.task.variants.registry import variant_names

_FORMAT: Final = re.compile(rf"{FORMAT}/([0-9]{{1,9}})")
MAX_VALUE: Final = 10**12
MAX_SEED: Final = 10**1000
"""Seeds may be any whole number that Python still writes out as text."""
_MAX_TURN: Final = 10**9

Positive = Annotated[int, Bounds(ge=1, le=MAX_VALUE)]
Value = Annotated[int, Bounds(ge=-MAX_VALUE, le=MAX_VALUE)]
Sum = Annotated[int, Bounds(ge=-MAX_VALUE * MAX_STEPS, le=MAX_VALUE * MAX_STEPS)]
Seed = Annotated[int, Bounds(ge=-MAX_SEED, le=MAX_SEED)]


class AtMost:
    """The bound of a text's length, in characters. pydantic's own would refuse lone surrogates."""

    def __init__(self, characters: int) -> None:
        self._most = characters

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic."""
        return core_schema.no_info_after_validator_function(self._measured, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Called by pydantic."""
        return handler(schema) | {"maxLength": self._most}

    def _measured(self, words: str) -> str:
        if len(words) > self._most:
            raise PydanticKnownError("string_too_long", {"max_length": self._most})
        return words


ShortText = Annotated[str, AtMost(100)]
LongText = Annotated[str, AtMost(2000)]
Rows = tuple[tuple[Value, ...], ...]
Dictionary = Annotated[dict[str, Value | Rows], Field(min_length=1)]


class FileModel(BaseModel):
    """A table of a file: strict about types (by the types of its fields), silent about fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SpecTable(FileModel):
    """A task's settings."""

    variant: ShortText = Field(description=f"one of {variant_names()}")
    turns: Positive
    turn_complexity: Positive = Field(description="keys per turn")
    samples: Positive
    dict_size: Positive
    min_value: Value
    max_value: Value
    seed: Seed

    def spec(self) -> TaskSpec:
        """As the engine's own. Raises CodecError."""
        try:
            return TaskSpec(**{name: getattr(self, name) for name in TaskSpec.__slots__})
        except TaskError as error:
            raise CodecError(str(error)) from None


class TaskTable(SpecTable):
    """A task's settings, its dictionary in its order, and the keys of every sample."""

    dictionary: Dictionary
    plans: tuple[tuple[str, ...], ...] = Field(description="for each sample all its keys, turn after turn")

    def task(self) -> Task:
        """As the engine's own. Raises CodecError."""
        spec, plans = self.spec(), self.plans
        if len(plans) != spec.samples:
            raise CodecError(f"plans holds {len(plans)} samples where samples says {spec.samples}")
        fewest = (spec.turns - 1) * spec.turn_complexity + 1
        for number, plan in enumerate(plans, 1):
            if not fewest <= len(plan) <= spec.steps:
                raise CodecError(
                    f"the plan of sample {number} should hold {spec.steps} keys, not a plan of {len(plan)}"
                )
            unknown = set(plan) - self.dictionary.keys()
            if unknown:
                raise CodecError(
                    f"the plan of sample {number} holds {min(unknown)[:60]!r}, which the dictionary does not"
                )
        task = Task(spec, self.dictionary, plans)
        for key, value in self.dictionary.items():
            if not task.variant.fits(value):
                raise CodecError(f"dictionary: {key[:60]!r} holds no value of {spec.variant}")
        return task


class InjectionTable(FileModel):
    """Error injection as it stands before the first turn."""

    rate: Annotated[float, Bounds(ge=0, le=1)]
    base: InjectionBase
    size: Annotated[int, Bounds(ge=1, le=_MAX_TURN)]
    since: Annotated[int, Bounds(ge=1, le=_MAX_TURN)] | None = Field(None, description="first turn touched")
    mix: Flag = Field(False, description="each sample has a rate of its own; `rate` is their mean")


class ControlsTable(FileModel):
    """The controls of turn 1; null: not sent."""

    model: Annotated[str, AtMost(1000)]
    mode: AnswerMode
    temperature: Annotated[float, Bounds(ge=0, le=5)] | None = None
    top_p: Annotated[float, Bounds(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Bounds(ge=1, le=10**7)] | None = None
    votes: Annotated[int, Bounds(ge=1, le=1000)]
    vote_lead: Annotated[int, Bounds(ge=0, le=1000)]
    verify: Flag
    injection: InjectionTable
    pruning: ShortText = Field(description=f"one of {forms()}")

    def controls(self) -> Controls:
        """As the engine's own, within the bounds that a user's are held to. Raises CodecError."""
        injection = self.injection
        plain = {name: value for name, value in self if name not in ("injection", "pruning")}
        change = {name.replace("_", "-"): value for name, value in plain.items()} | {
            "inject": "mix" if injection.mix else injection.rate,
            "inject-base": injection.base,
            "inject-size": injection.size,
            "prune": self.pruning,
        }
        try:
            controls = apply_change(Controls(), change.items(), 1)
        except ControlError as error:
            raise CodecError(str(error)) from None
        return replace(controls, injection=replace(controls.injection, since=injection.since))


class PromptTable(FileModel):
    """The exact texts of a prompt; a lone dollar sign is $$."""

    name: Annotated[str, AtMost(1000)] = "built-in"
    system: dict[str, str] = Field(description="one text per task variant, with $dictionary and $answer_rule")
    answer_rule: dict[str, str] = Field(description="one text per answer mode")
    user: str = Field(description="holds $keys once")
    state_card: str = Field(description="holds $sum once")
    verify: str
    own: dict[str, dict[str, str]] = Field(
        {}, description="for each task variant what is said otherwise there"
    )

    def template(self) -> PromptTemplate:
        """As the engine's own. Raises CodecError."""
        try:
            return read_template(self.model_dump(exclude={"name"}), name=self.name)
        except PromptError as error:
            raise CodecError(str(error)) from None


class ReferenceTable(FileModel):
    """What an imported run showed its model, and measured the answers by."""

    evaluator: Evaluator
    measured: tuple[tuple[Sum | None, ...], ...] = Field(
        description="for each sample and turn the sum measured against"
    )
    filled: tuple[Flag, ...] = Field(description="for each turn whether that sum stood in the history")


class HeaderLine(FileModel):
    """The first line: all that a run stands on."""

    format: ShortText = Field(
        description="refuse a higher number",
        json_schema_extra={"pattern": f"^{FORMAT}/{FORMAT_VERSION}$"},
    )
    session: ShortText = Field(description="identifier")
    created: ShortText = Field(description="ISO 8601, UTC")
    origin: Annotated[str, AtMost(200)] = Field(
        "lhe-tui", description="lhe-tui, or what an imported run came from"
    )
    rules: Rules = Field("strict", description="how the run is scored unless asked otherwise")
    controls: ControlsTable
    injection_seed: Seed = Field(description="seeds the corruption of shown answers")
    draw_seed: Seed = Field(description="seeds simulated models and ties between votes")
    sampling_seed: Seed | None = Field(None, description="sent to the server")
    base_url: LongText | None = Field(None, description="without credentials")
    extra: dict[str, str] | None = Field(None, description="provenance; never needed to read the session")
    parent: Parent | None = Field(None, description="only in a branch: where it left from")
    sample_ids: tuple[FromOne, ...] = Field(
        (), description="only in a branch: what seeds each sample's corruption and draws"
    )
    reference: ReferenceTable | None = Field(
        None, description="only in an import: what its answers were measured against"
    )
    prompt: PromptTable
    task: TaskTable
    digest: ShortText = Field("", description="of all else in this line, so that a change of it is noticed")

    @field_validator("format")
    @classmethod
    def _readable(cls, text: str) -> str:
        version_of(text)
        return text

    def event(self) -> RunStarted:
        """As the engine's own. Raises CodecError."""
        made: dict[str, Any] = {}
        # Each part is built apart, so that what is wrong is told with its place.
        for name, make in (
            ("task", self.task.task),
            ("controls", self.controls.controls),
            ("prompt", self.prompt.template),
        ):
            try:
                made[name] = make()
            except CodecError as error:
                raise CodecError(f"{name}: {error}") from None
        samples = made["task"].spec.samples
        if self.sample_ids and len(self.sample_ids) != samples:
            raise CodecError(f"sample_ids should hold {samples} numbers, not {len(self.sample_ids)}")
        taken = {"format", "digest", "prompt", "task", "controls", "reference", "extra"}
        return RunStarted(
            **{name: value for name, value in self if name not in taken},
            task=made["task"],
            controls=made["controls"],
            template=made["prompt"],
            version=version_of(self.format),
            reference=None if self.reference is None else ReferenceRun(**dict(self.reference)),
            extra=self.extra or {},
        )


def version_of(text: str) -> int:
    """The number in `lhe-session/1`. Raises CodecError; NewerFormat where it is above ours."""
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise CodecError(f"should be '{FORMAT}/{FORMAT_VERSION}', not {text!r:.64}")
    version = int(match[1])
    if version > FORMAT_VERSION:
        raise NewerFormat(
            f"written by a newer version of lhe-tui (format {FORMAT}/{version}; "
            f"this one reads up to {FORMAT}/{FORMAT_VERSION}): update lhe-tui to open it"
        )
    return version


class _EventLine:
    """The union of all events, told apart by what a line calls its event."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices: dict[Any, CoreSchema] = {name: handler(kind) for name, kind in EVENT_NAMES.items()}
        choices["header"] = core_schema.no_info_after_validator_function(
            HeaderLine.event, handler(HeaderLine)
        )
        return core_schema.tagged_union_schema(choices, discriminator="event")


EVENT_LINE: Final[TypeAdapter[Any]] = TypeAdapter(_EventLine)


class _Schema(GenerateJsonSchema):
    """pydantic's own, without a title that only repeats a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def session_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of a session file: the models that lines are read by."""
    kinds: dict[str, type] = {**EVENT_NAMES, "header": HeaderLine}
    _, schema = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(kinds[name])) for name in kinds], schema_generator=_Schema
    )
    parts = schema["$defs"]
    words = _field_words()
    for name, kind in kinds.items():
        part = parts.pop(kind.__name__)
        part["properties"] = {"event": {"const": name}, **part["properties"]}
        part["required"] = ["event", *part.get("required", ())]
        for field, text in words.get(kind.__name__, {}).items():
            part["properties"][field].setdefault("description", text)
        parts[name] = part
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": f"{FORMAT}/{FORMAT_VERSION}: one line of a session file",
        "description": (
            "A session file is JSON Lines: the first line is the header, each later one an event. Fields and events "
            "that are not named here are to be passed over."
        ),
        "type": "object",
        "required": ["event"],
        "properties": {"event": {"type": "string"}},
        "allOf": [
            {"if": {"properties": {"event": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in kinds
        ],
        "$defs": parts,
    }


def _field_words() -> dict[str, dict[str, str]]:
    """For each event the docstrings of its fields, which only its source holds."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(events)).body:
        if isinstance(node, ast.ClassDef):
            for field, text in pairwise(node.body):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                        value=ast.Constant(value=str(words))
                    ):
                        found.setdefault(node.name, {})[name] = " ".join(words.split())
    return found
