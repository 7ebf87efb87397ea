"""Small sessions for tests: a task, a header, and events as a scripted model would have caused them."""

from __future__ import annotations

import random
from pathlib import Path

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import Event, RunFinished, RunStarted, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.codec import encode
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec, generate


def header(samples: int = 2, turns: int = 5, k: int = 1, controls: Controls | None = None) -> RunStarted:
    spec = TaskSpec(turns=turns, samples=samples, turn_complexity=k, dict_size=10)
    return RunStarted(
        "a1b2c3d4e5f6",
        "2026-01-02T03:04:05+00:00",
        generate(spec, built_in_words()),
        controls or Controls(),
        built_in_template(),
        1,
        2,
    )


def turns(head: RunStarted, error_rate: float = 0.2, seed: int = 0) -> list[Event]:
    """Every turn of every sample, breadth first; answers follow the basis, some with a slip of 1."""
    rng = random.Random(seed)
    state = RunState(head)
    events: list[Event] = []
    for turn in range(1, head.task.spec.turns + 1):
        for number, sample in enumerate(state.samples, 1):
            basis = sample.history.view(state.controls_at(turn)).basis or 0
            answer = basis + sample.history.gain(turn) + (rng.random() < error_rate)
            at = float(turn * 10 + number)
            event = TurnFinished(
                number, turn, at, f"<answer>{answer}</answer>", prompt_tokens=100, latency=0.5
            )
            state.apply(event)
            events.append(event)
    return events


def whole_run(head: RunStarted, error_rate: float = 0.2, seed: int = 0) -> list[Event]:
    """Header, turns and end."""
    events = turns(head, error_rate, seed)
    return [head, *events, RunFinished("completed", events[-1].at + 1)]


def write(path: Path, events: list[Event]) -> Path:
    path.write_bytes(b"".join(encode(event) for event in events))
    return path
