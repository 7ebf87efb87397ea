"""Resampling: one recorded request asked again n times. Bad luck, or doomed?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.engine.turn_requester import FATE, RetryPolicy, TurnFailed, TurnRequester, draw
from lhe_tui.models.base import ChatModel
from lhe_tui.task.answers import Outcome, Value, set_reasoning_aside
from lhe_tui.task.controls import Controls
from lhe_tui.task.scoring import score_strict
from lhe_tui.task.stats.proportions import Interval, wilson


@dataclass(frozen=True, slots=True)
class Resampled:
    """One reply to a request that was asked again."""

    number: int
    """1 for the first resample."""
    reply: str
    answer: Value | None
    outcome: Outcome
    error: str = ""


@dataclass
class Resampling:
    """What n resamples of one turn say. Failed ones never count; where nothing is random, equal ones count once."""

    sample: int
    turn: int
    asked: int
    recorded: TurnRecord
    fixed: str = ""
    """Why the model has nothing to draw: its temperature is 0, or a seed is sent. Empty: it draws."""
    replies: list[Resampled] = field(default_factory=list)

    @property
    def answered(self) -> list[Resampled]:
        """Resamples that brought a reply."""
        return [reply for reply in self.replies if reply.outcome != "failed"]

    @property
    def repeats(self) -> bool:
        """Whether all replies are one and the same because nothing was drawn."""
        return bool(self.fixed) and len(self.answered) > 1 and len({r.reply for r in self.answered}) == 1

    @property
    def draws(self) -> list[Resampled]:
        """The replies that say something of their own."""
        return self.answered[:1] if self.repeats else self.answered

    @property
    def scored(self) -> int:
        """Replies that count."""
        return len(self.draws)

    @property
    def correct(self) -> int:
        """Those that were turn-correct."""
        return sum(reply.outcome == "correct" for reply in self.draws)

    @property
    def interval(self) -> Interval | None:
        """Wilson 95 % interval of P(correct)."""
        return wilson(self.correct, self.scored)

    def histogram(self) -> list[tuple[Value | None, int]]:
        """(answer, count), most frequent first; None stands for replies without a number."""
        answers = Counter(reply.answer for reply in self.draws)
        return sorted(answers.items(), key=lambda item: (-item[1], item[0] is None, item[0] or 0))

    def verdict(self) -> str:
        """One sentence: bad luck or doomed."""
        interval = self.interval
        if interval is None:
            return "no reply came back, so nothing can be said"
        if self.repeats:
            right = "right" if self.correct else "wrong"
            alike = f"all {len(self.answered)} replies are the same ({self.fixed}), and {right}"
            return f"{alike}: they count as one draw, which cannot tell bad luck from doom"
        share = (
            f"{self.correct} of {self.scored} resamples are correct [{interval.low:.0%}, {interval.high:.0%}]"
        )
        wrong = self.recorded.outcome != "correct"
        same = sum(reply.answer == self.recorded.number for reply in self.draws)
        if not wrong:
            return f"{share}: the recorded answer was correct"
        if interval.high < 0.5:
            return f"{share}: doomed under this history; {same} repeat the recorded answer"
        if interval.low > 0.5:
            return f"{share}: bad luck; under this history the model mostly gets it right"
        return f"{share}: it could go either way under this history"


async def resample(
    state: RunState,
    sample: int,
    turn: int,
    n: int,
    open_model: Callable[[str], ChatModel],
    *,
    concurrency: int = 1,
    policy: RetryPolicy | None = None,
) -> AsyncGenerator[Resampling, None]:
    """Ask a turn's very same request n times; yields the growing result after each reply. Cancelling is safe."""
    record = state.record(sample, turn)
    if record is None:
        raise ValueError(f"sample {sample} has no finished turn {turn} to ask again")
    controls = replace(state.controls_at(turn), votes=1, verify=False)
    result = Resampling(sample, turn, n, record, _fixed_by(state, controls))
    model = open_model(controls.model)
    messages = build_request(state, sample, turn)
    gate = asyncio.Semaphore(max(1, concurrency))

    async def ask(number: int) -> Resampled:
        requester = _requester(state, number, gate, policy)
        try:
            finished = await requester.ask(model, messages, controls, sample, turn, "")
        except TurnFailed as failed:
            return Resampled(number, "", None, "failed", failed.failure.message)
        return _scored(state, record, number, sample, finished.reply, finished.finish)

    tasks = [asyncio.create_task(ask(number)) for number in range(1, n + 1)]
    try:
        for landed in asyncio.as_completed(tasks):
            result.replies.append(await landed)
            yield result
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _fixed_by(state: RunState, controls: Controls) -> str:
    if controls.model.startswith("sim/"):
        # A simulated model draws at every temperature.
        return ""
    if controls.temperature == 0:
        return "temperature 0"
    return "a seed is sent" if state.header.sampling_seed is not None else ""


async def _no_hold() -> None:
    return None


def _requester(
    state: RunState, number: int, gate: asyncio.Semaphore, policy: RetryPolicy | None
) -> TurnRequester:
    header = state.header
    return TurnRequester(
        publish=lambda event: None,
        clock=time.monotonic,
        sleep=asyncio.sleep,
        hold=_no_hold,
        policy=policy or RetryPolicy(),
        live=False,
        read=state.task.variant.read_answer,
        sampling_seed=header.sampling_seed,
        draw_for=lambda sample, turn, ballot: draw(
            header.draw_seed, header.sample_id(sample), turn, ballot, 1000 + number
        ),
        fate_for=lambda sample, turn: draw(header.draw_seed, header.sample_id(sample), turn, FATE),
        gate=gate,
    )


def _scored(
    state: RunState, record: TurnRecord, number: int, sample: int, text: str, finish: str
) -> Resampled:
    reading = state.task.variant.read_answer(set_reasoning_aside(text)[0])
    expected = state.samples[sample - 1].history.expected(record.turn, record.basis)
    score = score_strict(reading, finish, expected, record.truth)
    return Resampled(number, text, reading.number, score.outcome)
