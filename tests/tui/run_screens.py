"""The app opened on a run of a scripted model, or on a replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from lhe_tui.engine.events import Event
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.models.base import ChatModel
from lhe_tui.record.read import read_session
from lhe_tui.record.replay import Replay
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.heat_strip import HeatStrip
from lhe_tui.tui.run.run_screen import RunScreen
from tests.scripted_model import Answer, ScriptedModel, new_state, right_answer
from tests.tui.support import lone_app, screen_text

SIZE = (120, 40)


class Watched:
    """A run screen under test."""

    def __init__(self, pilot: Pilot[int], controller: RunController) -> None:
        self.pilot = pilot
        self.controller = controller

    @property
    def screen(self) -> RunScreen:
        return next(screen for screen in self.pilot.app.screen_stack if isinstance(screen, RunScreen))

    @property
    def state(self) -> RunState:
        return self.controller.state

    @property
    def text(self) -> str:
        return screen_text(self.pilot.app)

    @property
    def heat(self) -> HeatStrip:
        return self.screen.query_one(HeatStrip)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, predicate: Callable[[], object], what: str = "") -> None:
        from tests.tui.support import wait_until

        await wait_until(self.pilot, predicate, what)

    async def until_turn(self, turn: int) -> None:
        """Until every sample has finished the turn."""
        await self.until(lambda: self.state.complete_turns >= turn, f"turn {turn} of every sample")

    @property
    def status(self) -> str:
        return self.state.status

    async def until_shown(self, words: str) -> None:
        await self.until(lambda: words in self.text, f"{words!r} on the screen")


@asynccontextmanager
async def watching(controller: RunController, size: tuple[int, int] = SIZE) -> AsyncIterator[Watched]:
    """The app in front of the controller's run screen; everything is ended afterwards."""
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        app.runs.controller = controller
        controller.start()
        await app.push_screen(RunScreen(controller))
        await pilot.pause()
        yield Watched(pilot, controller)
        await controller.close()


def slip_at(*turns: int, by: int = -10) -> Answer:
    """Answers rightly but at these turns."""
    return right_answer(slip=lambda turn, answer: answer + by if turn in turns else answer)


async def scripted_run(
    answer: Answer | None = None,
    *,
    turns: int = 10,
    samples: int = 2,
    k: int = 1,
    controls: Controls | None = None,
    model: Callable[[], ChatModel] | None = None,
    paused: bool = False,
    record: Callable[[Event], None] = lambda event: None,
) -> RunController:
    """A controller over a run that answers as told, at once."""
    state = new_state(TaskSpec(turns=turns, samples=samples, turn_complexity=k), controls)
    run = Run(
        state,
        lambda name: model() if model else ScriptedModel(answer or right_answer()),
        pace=RunLimits(concurrency=samples, retry=RetryPolicy(attempts=3, first_wait=0.0)),
        record=record,
    )
    controller = RunController(run)
    controller.start()
    if paused:
        # Now the workers are made, and have not begun.
        await asyncio.sleep(0)
        controller.pause()
    return controller


def replay_of(path: Path, speed: float = 0.0) -> RunController:
    """A controller over a recorded session; speed 0 plays at once."""
    return RunController(replay=Replay(read_session(path), speed=speed), path=path)
