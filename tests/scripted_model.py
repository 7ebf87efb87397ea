"""A chat model that answers by a function: fast, deterministic, and remembers what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelInfo, TextDelta, Usage
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec, generate

Answer = Callable[[ChatRequest], str | Exception]


class ScriptedModel:
    """Answers what `answer` returns, or raises it; keeps every request. Waits on `gate` where one is given."""

    def __init__(self, answer: Answer, gate: asyncio.Event | None = None) -> None:
        self.answer = answer
        self.gate = gate
        self.requests: list[ChatRequest] = []
        self.asked = asyncio.Event()
        self.closed = False

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("sim/scripted", simulated=True)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.requests.append(request)
        self.asked.set()
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        reply = self.answer(request)
        if isinstance(reply, Exception):
            raise reply
        yield TextDelta(reply)
        yield Finished("stop", Usage(10, 5))

    async def aclose(self) -> None:
        self.closed = True


def right_answer(
    dictionary: dict[str, int] | None = None, slip: Callable[[int, int], int] | None = None
) -> Answer:
    """Answers the last shown answer + this turn's values; `slip(turn, answer)` may change it."""

    def answer(request: ChatRequest) -> str:
        from lhe_tui.task.answers import read_answer

        system = request.messages[0].content
        pairs = dict(line.rsplit(": ", 1) for line in system.splitlines() if line.count(": ") == 1)
        last = request.messages[-1]
        card, _, keys = last.content.rpartition("\n")
        total = int(card.rsplit(" ", 1)[1]) if card else 0
        for message in reversed(request.messages):
            number = read_answer(message.content).number if message.role == "assistant" else None
            if not card and number is not None:
                total = number
                break
        total += sum(int(pairs[key]) for key in keys.split(", "))
        return f"<answer>{slip(last.turn, total) if slip else total}</answer>"

    return answer


def new_state(spec: TaskSpec | None = None, controls: Controls | None = None) -> RunState:
    """A fresh run over the shipped words and prompt."""
    task = generate(spec or TaskSpec(turns=10, samples=3), built_in_words())
    return RunState(
        RunStarted(
            "abc123abc123", "2026-01-01T00:00:00Z", task, controls or Controls(), built_in_template(), 1, 2
        )
    )
