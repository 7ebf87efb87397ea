"""The one stream of events: what happened in a run, typed and frozen.

Events marked *live* are never recorded: they carry what a screen shows while a turn is under way.
`at` is seconds since the run's first start, across pauses and resumed processes. The annotated types below carry the
bounds that a line of a session file is held to when it is read; events made here are not checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from lhe_tui.models.base import FailureKind, FinishReason
from lhe_tui.task.controls import Controls
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.reference_rules import ReferenceRun
from lhe_tui.task.scoring import Rules
from lhe_tui.task.spec import Task

FORMAT = "lhe-session"
FORMAT_VERSION = 1
KEY_VARIABLE = "api_key_env"
"""Where the header's `extra` keeps the *name* of the variable that holds the key."""
SPEED = "tokens_per_second"
"""Where the header's `extra` keeps the pace of simulated models."""
MAX_COUNT = 10**15
"""Counts (tokens, turns) above this are no counts."""
MAX_SECONDS = 1e12


class Bounds:
    """Constraints of a field in a file, as pydantic names them: `Bounds(ge=1)`. Nothing is imported for it here.

    They are strict: no text is taken for a number, and no number for a flag.
    """

    def __init__(self, **constraints: float) -> None:
        self._constraints = {"strict": True, **constraints}

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], dict[str, Any]]) -> Any:
        """Called by pydantic: the field's own schema, constrained."""
        return {**handler(source), **self._constraints}


FromOne: TypeAlias = Annotated[int, Bounds(ge=1, le=MAX_COUNT)]
"""A sample or a turn."""
Count: TypeAlias = Annotated[int, Bounds(ge=0, le=MAX_COUNT)]
Amount: TypeAlias = Annotated[float, Bounds(ge=0, le=MAX_SECONDS)]
"""Seconds or US dollars."""
Flag: TypeAlias = Annotated[bool, Bounds()]
Setting: TypeAlias = (
    Annotated[str, Bounds(max_length=1000)]
    | Flag
    | Annotated[int, Bounds(ge=-MAX_COUNT, le=MAX_COUNT)]
    | Annotated[float, Bounds(ge=-MAX_COUNT, le=MAX_COUNT)]
    | None
)
Settings: TypeAlias = Annotated[tuple[tuple[str, Setting], ...], Bounds(max_length=1000, strict=False)]
"""What a change sets: (control name, value) pairs."""


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a forked session came from: its id and file, the turn it left from, and what was changed."""

    session: str
    path: str
    sample: Count
    turn: Count
    note: str = ""


@dataclass(frozen=True)
class RunStarted:
    """The header: all that a run stands on, so that its session is complete in itself."""

    session: str
    """A random identifier of 12 hex digits."""
    created: str
    """UTC, ISO 8601."""
    task: Task
    controls: Controls
    template: PromptTemplate
    injection_seed: int
    draw_seed: int
    """Seeds the simulated models' draws and ties between votes."""
    base_url: str | None = None
    """The server's address, without credentials; None for simulated models and known providers."""
    sampling_seed: int | None = None
    """The seed sent to the server; None: none is sent."""
    parent: Parent | None = None
    origin: str = "lhe-tui"
    """`lhe-tui`, or what an imported run came from."""
    rules: Rules = "strict"
    version: int = FORMAT_VERSION
    sample_ids: tuple[int, ...] = ()
    """The number by which each sample's corruption and draws are seeded, where a branch renumbered the samples of its
    parent; empty: 1..samples. A number that stands twice marks resamples of one parent sample."""
    reference: ReferenceRun | None = None
    """What an imported run showed its model and was measured by, where that is not what its replies say."""
    extra: dict[str, str] = field(default_factory=dict)

    def given(self, sample: int) -> tuple[int | None, ...]:
        """What an imported run showed in place of a sample's answers, turn by turn; None: the answer itself."""
        return self.reference.given(sample) if self.reference is not None else ()

    def sample_id(self, sample: int) -> int:
        """The number that seeds a sample's corruption and draws."""
        return self.sample_ids[sample - 1] if self.sample_ids else sample

    def replicate(self, sample: int) -> int:
        """How many samples before this one carry the same number: 0 draws as the parent drew."""
        return self.sample_ids[: sample - 1].count(self.sample_ids[sample - 1]) if self.sample_ids else 0

    @property
    def simulated(self) -> bool:
        """Whether the first model is a simulated one."""
        return self.controls.model.startswith("sim/")


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """*live*: a request was built and is being asked."""

    sample: int
    turn: int
    at: float


@dataclass(frozen=True, slots=True)
class ReplyStreamed:
    """*live*: a piece of a reply; `reasoning` tells the channel; `restart` drops what was streamed before."""

    sample: int
    turn: int
    text: str
    reasoning: bool = False
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that brought no answer, and the seconds waited before the next."""

    kind: FailureKind
    message: str
    wait: Amount


@dataclass(frozen=True, slots=True)
class TurnRetried:
    """*live*: a request failed and will be asked again whole after `attempt.wait` seconds."""

    sample: int
    turn: int
    attempt: Attempt
    at: float


@dataclass(frozen=True, slots=True)
class TurnDropped:
    """*live*: a turn that was being asked is asked no more, and stays due."""

    sample: int
    turn: int


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """A turn with its reply, as it came; scoring is never stored, always computed.

    A turn that failed is asked again when the run resumes: its new event takes the failed one's place.
    """

    sample: FromOne
    turn: FromOne
    at: Amount
    reply: str
    reasoning: str = ""
    finish: Literal[FinishReason, "failed"] = "stop"
    error: str = ""
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    cost: Amount | None = None
    first_token: Amount | None = None
    """Seconds from asking to the first piece of the reply."""
    latency: Amount = 0.0
    """Seconds from asking to the end of the reply, without the attempts that failed."""
    attempts: tuple[Attempt, ...] = ()
    ballots: tuple[str, ...] = ()
    """All replies, where more than one vote was taken; `reply` is the one that won."""
    draft: str = ""
    """The reply before self-verification, where it was asked to check itself."""
    slip: str | None = None
    """What a simulated model did wrong on purpose."""
    edited: Flag = False
    """Whether the answer was given: changed by a person when branching, or laid down as an experiment's past. It is not
    the model's and counts in no figure."""
    cached_tokens: Count | None = None
    """Tokens of the prompt that came from the server's cache; part of `prompt_tokens`."""
    finish_word: str = ""
    """The server's own word for the end of the reply, where it is not the name in `finish`."""
    failure: FailureKind | None = None
    """Of what kind `error` is, where the turn failed."""


@dataclass(frozen=True, slots=True)
class ControlsChanged:
    """A change that takes force at `turn`: the first turn whose request is built under it."""

    turn: FromOne
    change: Settings
    source: Literal["user", "script", "fork"] = "user"
    at: Amount = 0.0


@dataclass(frozen=True, slots=True)
class RunPaused:
    """No further request is built; `reason` is empty where the user asked for it."""

    reason: str
    at: Amount
    fault: Flag = False
    """Whether the infrastructure, and not the user or a breakpoint, is the cause."""


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Requests are built again, in this process or, with `process`, in a new one."""

    at: Amount
    process: Flag = False


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something the user should know: a parameter the server refused, a context that fills."""

    text: str
    at: Amount
    sample: FromOne | None = None
    turn: FromOne | None = None


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """What a person wrote about a session, or about one sample or turn of it. It changes no figure."""

    text: str
    time: str
    """When it was written: UTC, ISO 8601."""
    author: str = ""
    kind: Literal["note", "title", "tag", "untag"] = "note"
    """A `title` takes the place of the one before; a `tag` is added, and taken away again by `untag`."""
    sample: FromOne | None = None
    """None: about the whole session."""
    turn: FromOne | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The end: all turns done, or the user stopped it (`--resume` continues from there)."""

    reason: Literal["completed", "stopped"]
    at: Amount


Event: TypeAlias = (
    RunStarted
    | TurnStarted
    | ReplyStreamed
    | TurnRetried
    | TurnDropped
    | TurnFinished
    | ControlsChanged
    | RunPaused
    | RunResumed
    | NoticeRaised
    | NoteAdded
    | RunFinished
)
EVENT_NAMES: dict[str, type] = {
    "header": RunStarted,
    "turn": TurnFinished,
    "controls": ControlsChanged,
    "paused": RunPaused,
    "resumed": RunResumed,
    "notice": NoticeRaised,
    "note": NoteAdded,
    "finished": RunFinished,
}
"""The events that a session file holds, by the names that its lines give them."""
LIVE_EVENTS = (TurnStarted, ReplyStreamed, TurnRetried, TurnDropped)
"""Events that are never written to a session file."""
