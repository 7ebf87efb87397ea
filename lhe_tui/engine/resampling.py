"""Resampling: one recorded request asked again n times. Bad luck, or doomed? (DESIGN §2.7)"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from lhe_tui.engine.requests import request_of
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.engine.turn_requester import FATE, RetryPolicy, TurnFailed, TurnRequester, draw
from lhe_tui.models.base import ChatModel
from lhe_tui.task.answers import Outcome, read_answer, set_reasoning_aside
from lhe_tui.task.scoring import score_strict
from lhe_tui.task.stats.proportions import Interval, wilson


@dataclass(frozen=True, slots=True)
class Resampled:
    """One reply to a request that was asked again."""

    number: int
    """1 for the first resample."""
    reply: str
    answer: int | None
    outcome: Outcome
    error: str = ""


@dataclass
class Resampling:
    """What n resamples of one turn say; failed ones never count."""

    sample: int
    turn: int
    asked: int
    recorded: TurnRecord
    replies: list[Resampled] = field(default_factory=list)

    @property
    def scored(self) -> int:
        """Resamples that brought a reply."""
        return sum(reply.outcome != "failed" for reply in self.replies)

    @property
    def correct(self) -> int:
        """Resamples that were turn-correct."""
        return sum(reply.outcome == "correct" for reply in self.replies)

    @property
    def interval(self) -> Interval | None:
        """Wilson 95 % interval of P(correct)."""
        return wilson(self.correct, self.scored)

    def histogram(self) -> list[tuple[int | None, int]]:
        """(answer, count), most frequent first; None stands for replies without a number."""
        answers = Counter(reply.answer for reply in self.replies if reply.outcome != "failed")
        return sorted(answers.items(), key=lambda item: (-item[1], item[0] is None, item[0] or 0))

    def verdict(self) -> str:
        """One sentence: bad luck or doomed."""
        interval = self.interval
        if interval is None:
            return "no reply came back, so nothing can be said"
        share = (
            f"{self.correct} of {self.scored} resamples are correct [{interval.low:.0%}, {interval.high:.0%}]"
        )
        wrong = self.recorded.outcome != "correct"
        same = sum(reply.answer == self.recorded.number for reply in self.replies)
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
    result = Resampling(sample, turn, n, record)
    controls = replace(state.controls_at(turn), votes=1, verify=False)
    model = open_model(controls.model)
    messages = request_of(state, sample, turn)
    numbers = iter(range(1, n + 1))
    landed: asyncio.Queue[Resampled] = asyncio.Queue()

    async def work() -> None:
        for number in numbers:
            asker = _asker(state, number, policy)
            try:
                finished = await asker.ask(model, messages, controls, sample, turn, "")
            except TurnFailed as failed:
                await landed.put(Resampled(number, "", None, "failed", failed.failure.message))
                continue
            await landed.put(_scored(state, record, number, sample, finished.reply, finished.finish))

    workers = [asyncio.create_task(work()) for _ in range(max(1, min(concurrency, n)))]
    try:
        for _ in range(n):
            result.replies.append(await landed.get())
            yield result
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _no_hold() -> None:
    return None


def _asker(state: RunState, number: int, policy: RetryPolicy | None) -> TurnRequester:
    header = state.header
    return TurnRequester(
        publish=lambda event: None,
        clock=time.monotonic,
        sleep=asyncio.sleep,
        hold=_no_hold,
        policy=policy or RetryPolicy(),
        live=False,
        sampling_seed=header.sampling_seed,
        draw_for=lambda sample, turn, ballot: draw(
            header.draw_seed, header.sample_id(sample), turn, ballot, 1000 + number
        ),
        fate_for=lambda sample, turn: draw(header.draw_seed, header.sample_id(sample), turn, FATE),
    )


def _scored(
    state: RunState, record: TurnRecord, number: int, sample: int, text: str, finish: str
) -> Resampled:
    reading = read_answer(set_reasoning_aside(text)[0])
    turn_sum = state.samples[sample - 1].history.turn_sum(record.turn)
    score = score_strict(reading, finish, record.basis, record.truth, turn_sum, state.task.stateless)
    return Resampled(number, text, reading.number, score.outcome)
