"""Recorded runs for screen tests: made in memory by a scripted or simulated model, standing at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lhe_tui.engine.events import Event, RunStarted
from lhe_tui.engine.runner import Run
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.record.read import Recording
from lhe_tui.record.replay import Replay
from lhe_tui.task.controls import Change, Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.run_controller import RunController
from tests.scripted_model import new_state


async def recorded(
    spec: TaskSpec | None = None,
    controls: Controls | None = None,
    script: Iterable[tuple[int, Change]] = (),
    open_model: Callable[[str], ChatModel] = simulated_model,
) -> RunController:
    """A finished run as a replay that stands at its end."""
    run = Run(new_state(spec, controls), open_model, script=script)
    events: list[Event] = [run.state.header]
    async for event in run.events():
        events.append(event)
    return at_end(events)


def at_end(events: list[Event]) -> RunController:
    """A recording of these events, the header first, as a replay that stands at its end."""
    header = events[0]
    assert isinstance(header, RunStarted)
    state = RunState(header)
    for event in events[1:]:
        state.apply(event)
    replay = Replay(Recording(header, events, state, [], False, Path("session.jsonl")))
    replay.seek(header.task.spec.turns)
    return RunController(replay=replay, path=Path("session.jsonl"))
