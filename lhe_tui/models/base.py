"""The one protocol that every chat model speaks, and the words for how a request can fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from lhe_tui.errors import FAILED, LheError
from lhe_tui.task.messages import Message

FinishReason = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """What the user set for a request; None means "not set", and is never sent."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    thinking: bool | None = None
    """True: reasoning channel on; False: off; None: leave the server's default alone."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request: the messages exactly as sent, and the sampling settings.

    `draw` and `fate` seed the randomness of simulated models, which have no other; real servers never see them. `fate`
    is the same for every ballot and resample of one turn: what a request has against it whoever asks again.
    """

    messages: Sequence[Message]
    sampling: Sampling = Sampling()
    draw: int = 0
    fate: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server told them (None: not told); cost in US dollars where the server gives one.

    `cached` counts the tokens of the prompt that came from the server's cache; they are part of `prompt`.
    """

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cost: float | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the visible reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the reasoning channel."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know, once: a parameter dropped, a server that truncates."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a whole reply; always the last chunk, and the only end that is an answer."""

    reason: FinishReason
    usage: Usage = Usage()
    slip: str | None = None
    """The slip that a simulated model made on purpose (a diagnosis slip name); None for real models."""
    word: str = ""
    """The server's own word for the end, where it is not the reason's name."""


Chunk: TypeAlias = TextDelta | ReasoningDelta | Notice | Finished

FailureKind = Literal[
    "unreachable",  # no connection, DNS, TLS
    "silent",  # nothing came for too long
    "cut",  # the stream ended without a finish
    "empty",  # finished without any text
    "overloaded",  # 429 that may pass, 503, 529
    "server",  # 408, 5xx, an error inside a 200
    "auth",  # 401, 403
    "quota",  # 402, insufficient_quota
    "no_model",  # unknown model
    "context",  # the prompt does not fit
    "rejected",  # any other 4xx
]

LASTING: frozenset[FailureKind] = frozenset({"context", "rejected"})
"""Failures of the request itself: the same request will fail again, however often and whenever it is asked."""


class ModelNotAvailable(LheError):
    """A model that cannot be used as things stand; the message is one sentence that says what to do."""


class ModelFailure(LheError):
    """A request that brought no answer: the infrastructure's fault, never the model's.

    `message` is one clear sentence, bounded, without keys or file paths (still foreign text: show it through
    `text.visible`). `retryable` says whether asking again whole may help; `retry_after` is the server's wish in
    seconds; `at_once` marks a dead reused connection that may be asked again without waiting.
    """

    exit_code = FAILED

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        at_once: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.at_once = at_once


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model without asking it anything; prices in US dollars per million tokens."""

    name: str
    """The full name, `provider/model`."""
    simulated: bool = False
    local: bool = False
    context_length: int | None = None
    price_prompt: float | None = None
    price_completion: float | None = None
    note: str = ""
    extra: dict[str, str] = field(default_factory=dict)


class ChatModel(Protocol):
    """A stateless chat model: the messages in, a stream of chunks out.

    `stream` yields any number of deltas and notices and ends with exactly one `Finished`, or raises
    `ModelFailure`. Cancelling the consuming task closes the connection at once.
    """

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        ...

    def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Ask once; no retries inside but for a dead pooled connection before any byte was read."""
        ...

    async def aclose(self) -> None:
        """Release connections; safe to call twice."""
        ...
