"""Asking one turn: the request, its retries, votes and self-verification. Publishes what streams, returns the turn."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from lhe_tui.engine.events import Attempt, Event, NoticeRaised, ReplyStreamed, TurnFinished, TurnRetried
from lhe_tui.errors import FAILED, LheError
from lhe_tui.models.base import (
    ChatModel,
    ChatRequest,
    Finished,
    ModelFailure,
    Notice,
    ReasoningDelta,
    Sampling,
    TextDelta,
    Usage,
)
from lhe_tui.task.answers import Reading, Value, read_answer, set_reasoning_aside
from lhe_tui.task.controls import Controls
from lhe_tui.task.messages import Message
from lhe_tui.task.voting import first_to_lead_by, majority

ReadAnswer: TypeAlias = Callable[[str], Reading]
FATE = -2
"""The ballot by which the fate of a turn is drawn."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a turn is asked before it fails, and the waits between (seconds, doubling up to `longest`).

    Every wait is drawn out by up to the share `jitter`, so that samples that failed together do not return together.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest: float = 60.0
    longest_wish: float = 600.0
    jitter: float = 0.25

    def wait(self, failures: int, wish: float | None) -> float:
        """The wait after the n-th failure: at least its own, and at least what the server wishes, up to a bound."""
        own = min(self.first_wait * 2.0 ** (failures - 1), self.longest)
        least = max(own, min(wish or 0.0, self.longest_wish))
        return least * random.uniform(1.0, 1.0 + self.jitter)


class TurnFailed(LheError):
    """A turn that brought no answer after all its attempts.

    `others_answered` tells whether any other request was answered since this one first failed.
    """

    exit_code = FAILED

    def __init__(self, failure: ModelFailure, attempts: tuple[Attempt, ...], others_answered: bool) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.attempts = attempts
        self.others_answered = others_answered

    def words(self) -> str:
        """What was done, and why no reply came."""
        if self.attempts:
            return f"no reply after {len(self.attempts) + 1} tries: {self.failure.message}"
        return f"not asked again, since no retry can mend it: {self.failure.message}"


@dataclass(slots=True)
class Reply:
    """One whole reply."""

    text: str
    reasoning: str
    finished: Finished
    first_token: float | None
    latency: float


def draw(seed: int, sample_id: int, turn: int, ballot: int = 0, replicate: int = 0) -> int:
    """The draw of one request: a pure function, so that forks, arms and resumed runs draw alike."""
    digest = blake2b(f"draw:{seed}:{sample_id}:{turn}:{ballot}:{replicate}".encode(), digest_size=8).digest()
    return int.from_bytes(digest)


@dataclass
class TurnRequester:
    """Asks turns of a run. `clock` gives the run's seconds; `hold` waits while the run is paused."""

    publish: Callable[[Event], None]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    hold: Callable[[], Awaitable[None]]
    policy: RetryPolicy = RetryPolicy()
    live: bool = True
    sampling_seed: int | None = None
    draw_for: Callable[[int, int, int], int] = lambda sample, turn, ballot: draw(0, sample, turn, ballot)
    """(sample, turn, ballot) to the draw of that request."""
    fate_for: Callable[[int, int], int] = lambda sample, turn: draw(0, sample, turn, FATE)
    """(sample, turn) to what all requests of that turn share."""
    gate: AbstractAsyncContextManager[object] | None = None
    """Entered for each request, where several runs share a bound; the wait before it is in no latency."""
    read: ReadAnswer = read_answer
    """Reads the visible part of a ballot."""
    _noticed: set[str] = field(default_factory=set)
    _answered: int = 0

    async def ask(
        self,
        model: ChatModel,
        messages: list[Message],
        controls: Controls,
        sample: int,
        turn: int,
        verify: str,
    ) -> TurnFinished:
        """Ask a turn to its end. Raises TurnFailed."""
        attempts: list[Attempt] = []
        replies: list[Reply] = []
        while not decided(replies, controls, self.read):
            replies.append(
                await self._insist(model, messages, controls, sample, turn, len(replies), attempts)
            )
        chosen = replies[0]
        if len(replies) > 1:
            chosen = choose(replies, self.draw_for(sample, turn, -1), self.read)
        draft = ""
        if controls.verify:
            draft = chosen.text
            visible = set_reasoning_aside(draft)[0]
            checked = [
                *messages,
                Message("assistant", visible, "own", turn),
                Message("user", verify, "user", turn),
            ]
            replies.append(await self._insist(model, checked, controls, sample, turn, len(replies), attempts))
            chosen = replies[-1]
        return self._finished(chosen, replies, draft, tuple(attempts), sample, turn)

    def _finished(
        self,
        chosen: Reply,
        replies: list[Reply],
        draft: str,
        attempts: tuple[Attempt, ...],
        sample: int,
        turn: int,
    ) -> TurnFinished:
        usage = chosen.finished.usage if len(replies) == 1 else total_usage(replies)
        return TurnFinished(
            sample,
            turn,
            self.clock(),
            chosen.text,
            chosen.reasoning,
            chosen.finished.reason,
            "",
            usage.prompt,
            usage.completion,
            usage.reasoning,
            usage.cost,
            chosen.first_token,
            round(sum(reply.latency for reply in replies), 6),
            attempts,
            tuple(reply.text for reply in replies) if len(replies) > 1 and not draft else (),
            draft,
            slip=chosen.finished.slip,
            cached_tokens=usage.cached,
            finish_word=chosen.finished.word,
        )

    async def _insist(
        self,
        model: ChatModel,
        messages: list[Message],
        controls: Controls,
        sample: int,
        turn: int,
        ballot: int,
        attempts: list[Attempt],
    ) -> Reply:
        """One reply, asked for again whole as often as the policy allows."""
        sampling = sampling_of(controls, self.sampling_seed)
        draws = self.draw_for(sample, turn, ballot), self.fate_for(sample, turn)
        request = ChatRequest(messages, sampling, *draws)
        failures = answered_before = 0
        while True:
            try:
                async with self.gate or nullcontext():
                    reply = await self._once(model, request, sample, turn, restart=ballot + failures > 0)
                self._answered += 1
                return reply
            except ModelFailure as failure:
                answered_before = self._answered if not failures else answered_before
                failures += 1
                if not failure.retryable or failures >= self.policy.attempts:
                    raise TurnFailed(failure, tuple(attempts), self._answered > answered_before) from None
                wait = 0.0 if failure.at_once else self.policy.wait(failures, failure.retry_after)
                attempt = Attempt(failure.kind, failure.message, wait)
                attempts.append(attempt)
            self.publish(TurnRetried(sample, turn, attempt, self.clock()))
            await self.sleep(attempt.wait)
            await self.hold()

    async def _once(
        self, model: ChatModel, request: ChatRequest, sample: int, turn: int, restart: bool
    ) -> Reply:
        started = self.clock()
        first: float | None = None
        text: list[str] = []
        reasoning: list[str] = []
        finished: Finished | None = None
        async for chunk in model.stream(request):
            match chunk:
                case TextDelta(piece) | ReasoningDelta(piece):
                    thought = isinstance(chunk, ReasoningDelta)
                    (reasoning if thought else text).append(piece)
                    if first is None:
                        first = round(self.clock() - started, 6)
                    if self.live:
                        self.publish(ReplyStreamed(sample, turn, piece, thought, restart))
                        restart = False
                case Notice(words):
                    self._notice(words, sample, turn)
                case Finished():
                    finished = chunk
        if finished is None:
            raise ModelFailure("cut", "the stream ended without a finish", retryable=True)
        return Reply("".join(text), "".join(reasoning), finished, first, round(self.clock() - started, 6))

    def _notice(self, words: str, sample: int, turn: int) -> None:
        if words not in self._noticed:
            self._noticed.add(words)
            self.publish(NoticeRaised(words, self.clock(), sample, turn))


def sampling_of(controls: Controls, seed: int | None) -> Sampling:
    """The sampling that controls ask for; `seed` is the one sent to the server."""
    thinking = {"thinking": True, "direct": False}.get(controls.mode)
    return Sampling(controls.temperature, controls.top_p, controls.max_tokens, seed, thinking)


def ballot_answers(replies: list[Reply], read: ReadAnswer) -> list[Value | None]:
    """The answer that each reply votes for, or None."""
    return [read(set_reasoning_aside(reply.text)[0]).number for reply in replies]


def decided(replies: list[Reply], controls: Controls, read: ReadAnswer = read_answer) -> bool:
    """Whether enough replies are in: all votes, or one answer leading by `vote_lead`."""
    if len(replies) >= controls.votes:
        return True
    if not controls.vote_lead:
        return False
    return first_to_lead_by(ballot_answers(replies, read), controls.vote_lead).answer is not None


def choose(replies: list[Reply], tie_key: int, read: ReadAnswer = read_answer) -> Reply:
    """The first reply of the majority's answer; ties by seed; the first reply where no vote holds a number."""
    answers = ballot_answers(replies, read)
    winner = majority(answers, tie_key)
    return replies[0] if winner is None else replies[answers.index(winner)]


def total_usage(replies: list[Reply]) -> Usage:
    """The sum over replies of what the server told."""

    def total(values: list[int | None]) -> int | None:
        told = [value for value in values if value is not None]
        return sum(told) if told else None

    usages = [reply.finished.usage for reply in replies]
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return Usage(
        total([usage.prompt for usage in usages]),
        total([usage.completion for usage in usages]),
        total([usage.reasoning for usage in usages]),
        sum(costs) if costs else None,
        total([usage.cached for usage in usages]),
    )
