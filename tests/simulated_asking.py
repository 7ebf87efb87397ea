"""Asking a simulated model about fabricated pasts: one request, no run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.turn_requester import draw
from lhe_tui.models.base import ChatRequest, Finished, ReasoningDelta, Sampling, TextDelta
from lhe_tui.models.simulated.model import SimulatedModel, simulated_model
from lhe_tui.task.answers import read_answer, with_number
from lhe_tui.task.controls import Controls
from lhe_tui.task.history import SampleHistory, View
from lhe_tui.task.messages import Message
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import Task, TaskSpec, generate


@dataclass(frozen=True)
class Said:
    """One whole reply."""

    text: str
    reasoning: str
    finished: Finished
    pieces: int

    @property
    def number(self) -> int | None:
        return read_answer(self.text).number


def ask(
    model: SimulatedModel,
    messages: Sequence[Message],
    draw: int = 0,
    sampling: Sampling | None = None,
    fate: int | None = None,
) -> Said:
    """The reply to one request; without a fate it is a turn of its own, which shares its fate with no other."""
    fate = ~draw if fate is None else fate

    async def collect() -> Said:
        text, reasoning, finished, pieces = "", "", [], 0
        async for chunk in model.stream(ChatRequest(messages, sampling or Sampling(), draw, fate)):
            match chunk:
                case TextDelta(piece):
                    text, pieces = text + piece, pieces + 1
                case ReasoningDelta(piece):
                    reasoning, pieces = reasoning + piece, pieces + 1
                case Finished():
                    finished.append(chunk)
        [end] = finished
        return Said(text, reasoning, end, pieces)

    return asyncio.run(collect())


def task_of(samples: int = 1, turns: int = 100, k: int = 1, variant: str = "dict-sum", seed: int = 5) -> Task:
    spec = TaskSpec(variant=variant, turns=turns, turn_complexity=k, samples=samples, seed=seed)
    return generate(spec, built_in_words())


def true_past(task: Task, sample: int, turns: int) -> SampleHistory:
    """A sample that answered its first turns rightly."""
    history = SampleHistory(task, sample, injection_seed=1)
    for turn in range(1, turns + 1):
        truth = history.truth(turn)
        history.add(with_number("", truth), truth, truth)
    return history


def request_of(
    history: SampleHistory,
    task: Task,
    controls: Controls | None = None,
    template: PromptTemplate | None = None,
) -> list[Message]:
    """The request of the turn after a past."""
    controls, template = controls or Controls(), template or built_in_template()
    return history.messages(controls, template, template.system_message(task, controls.mode))


@dataclass(frozen=True)
class Asked:
    """One fabricated request with its reply, and what would have been right."""

    view: View
    turn_sum: int
    said: Said
    history: SampleHistory

    @property
    def right(self) -> bool:
        return self.view.basis is not None and self.said.number == self.view.basis + self.turn_sum


def asked_at(
    name: str, turn: int, controls: Controls | None = None, *, samples: int = 300, draws: int = 1, k: int = 1
) -> Iterator[Asked]:
    """The replies of many samples, each with a true past of its own, at one turn."""
    controls = controls or Controls()
    model, task = simulated_model(name), task_of(samples, turn, k)
    for sample in range(1, samples + 1):
        history = true_past(task, sample, turn - 1)
        messages, view = request_of(history, task, controls), history.view(controls)
        for ballot in range(draws):
            said = ask(model, messages, draw(0, sample, turn, ballot))
            yield Asked(view, history.gain(turn), said, history)


def turn_accuracy(
    name: str, turn: int, controls: Controls | None = None, *, samples: int = 300, draws: int = 2, k: int = 1
) -> float:
    """The share of right answers over many true pasts, as the controls show them."""
    right = [a.right for a in asked_at(name, turn, controls, samples=samples, draws=draws, k=k)]
    return sum(right) / len(right)


def first_draw(name: str, messages: Sequence[Message], slip: str | None) -> int:
    """The first draw that makes this slip in this request."""
    model = simulated_model(name)
    return next(d for d in count() if ask(model, messages, d).finished.slip == slip)
