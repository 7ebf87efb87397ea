"""What the run screen costs: opening, repainting with many turns held, keys while 64 replies stream, standing idle."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from textual import events
from textual.pilot import Pilot

from lhe_tui.engine.events import TurnFinished
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelInfo, TextDelta, Usage
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.run_screen import RunScreen
from tests.benchmarks.conftest import Measured
from tests.scripted_model import ScriptedModel, new_state, right_answer
from tests.tui.support import lone_app, wait_until

pytestmark = pytest.mark.benchmark
STREAMS, PIECES_PER_SECOND = 64, 50


class Paints:
    """The moments at which the app wrote to the terminal."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.at: list[float] = []
        self._pilot = pilot
        display: Callable[..., None] = pilot.app._display

        def noted(*args: object) -> None:
            display(*args)
            self.at.append(time.perf_counter())

        # The one place that every paint passes.
        setattr(pilot.app, "_display", noted)  # noqa: B010  mypy takes no assignment to a method

    async def after(self, act: Callable[[], object]) -> float:
        """Milliseconds from the act to the first paint after it."""
        await asyncio.sleep(0.5)
        self.at.clear()
        start = time.perf_counter()
        act()
        await wait_until(self._pilot, lambda: self.at, "a paint")
        return 1000 * (self.at[0] - start)


def finished_run(samples: int, turns: int) -> RunController:
    """A run whose turns are all done, every tenth wrong."""
    state = new_state(TaskSpec(samples=samples, turns=turns))
    for turn in range(1, turns + 1):
        for number, sample in enumerate(state.samples, 1):
            basis = sample.history.view(state.controls_at(turn)).basis or 0
            answer = basis + sample.history.gain(turn) + (turn % 10 == 0)
            state.apply(TurnFinished(number, turn, turn / 100, f"<answer>{answer}</answer>", latency=0.1))
    return RunController(Run(state, lambda name: ScriptedModel(right_answer()), live=False))


@pytest.mark.parametrize(("samples", "turns"), [(1, 10_000), (100, 1_000)])
async def test_repaints_with_many_turns_held(samples: int, turns: int, measured: Measured) -> None:
    controller = finished_run(samples, turns)
    app = lone_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        paints = Paints(pilot)
        took = {"open": await paints.after(lambda: app.push_screen(RunScreen(controller)))}
        for key in ("pageup", "home", "end", "e", "comma", "2", "1"):
            took[key] = await paints.after(partial(app.post_message, events.Key(key, None)))
        took["theme"] = await paints.after(lambda: setattr(app, "theme", "lhe-light"))
        await asyncio.sleep(4)
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.sleep(3)
        idle = 100 * (time.process_time() - cpu) / (time.perf_counter() - wall)
    for name, ms in took.items():
        measured(f"run screen, {samples} × {turns:,} turns: {name}", ms, "ms", at_most=100)
    measured(f"run screen, {samples} × {turns:,} turns: idle", idle, "% CPU", at_most=0.5)


class Streaming:
    """Replies of two seconds, fifty pieces a second."""

    info = ModelInfo("sim/streaming", simulated=True)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        for _ in range(2 * PIECES_PER_SECOND):
            await asyncio.sleep(1 / PIECES_PER_SECOND)
            yield TextDelta("word ")
        yield TextDelta("<answer>5</answer>")
        yield Finished("stop", Usage(10, 2 * PIECES_PER_SECOND))

    async def aclose(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(("size", "most"), [((120, 40), 30), ((200, 60), 60)])
async def test_keys_while_64_replies_stream(size: tuple[int, int], most: float, measured: Measured) -> None:
    state = new_state(TaskSpec(samples=STREAMS, turns=100), Controls(mode="cot"))
    controller = RunController(Run(state, lambda name: Streaming(), pace=RunLimits(concurrency=STREAMS)))
    app = lone_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        controller.start()
        await app.push_screen(RunScreen(controller))
        await asyncio.sleep(2)
        paints = Paints(pilot)
        cpu, wall = time.process_time(), time.perf_counter()
        waits = sorted(
            [await paints.after(lambda: app.post_message(events.Key("full_stop", None))) for _ in range(20)]
        )
        share = 100 * (time.process_time() - cpu) / (time.perf_counter() - wall)
        await controller.close()
    measured(f"64 streams at {size[0]}×{size[1]}: key to paint, p95", waits[18], "ms", at_most=most)
    measured(f"64 streams at {size[0]}×{size[1]}: one core", share, "%", at_most=15)
