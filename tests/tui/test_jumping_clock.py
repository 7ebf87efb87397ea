"""A clock that jumps (a laptop that slept, a process that was stopped, a broken clock) shows nothing that cannot be."""

from __future__ import annotations

import re

import pytest

from lhe_tui.engine.events import TurnFinished
from lhe_tui.engine.runner import Run
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.rate_meter import RateMeter
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.turn.run_words import clock_time
from tests.scripted_model import ScriptedModel, new_state, right_answer

JUMPS = [0.0, 0.1, -5.0, 3600.0 * 8, 0.1, -3600.0 * 9, 1e9, 0.0, 0.5, -2e9, 1.0]


class JumpyClock:
    """Every look is another jump."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.looks = 0

    def __call__(self) -> float:
        self.now += JUMPS[self.looks % len(JUMPS)]
        self.looks += 1
        return self.now


async def test_elapsed_and_time_left_are_never_negative() -> None:
    clock = JumpyClock()
    model = ScriptedModel(right_answer())
    run = Run(new_state(TaskSpec(turns=20, samples=2)), lambda name: model)
    controller = RunController(run, clock=clock)
    async for _ in run.events():
        controller.observe()
        assert controller.elapsed >= 0
        left = controller.seconds_left
        assert left is None or left >= 0


def test_speeds_are_never_negative() -> None:
    clock = JumpyClock()
    meter = RateMeter(clock)
    for turns in range(100):
        meter.observe(True, turns, turns * 50)
        for speed in (meter.turns_per_second(), meter.tokens_per_second(), meter.seconds_left(10)):
            assert speed is None or speed >= 0


@pytest.mark.parametrize("seconds", [-1e9, -0.5, 0.0, 59.9, 3599.0, 1e9, float("inf"), float("nan")])
def test_a_time_is_shown_as_a_time(seconds: float) -> None:
    assert re.fullmatch(r"(\d+:)?\d+:\d\d|–:––", clock_time(seconds))


async def test_a_run_that_slept_through_its_work_scores_the_same() -> None:
    def figures(run: Run) -> list[tuple[object, ...]]:
        return [(r.outcome, r.number) for sample in run.state.samples for r in sample.turns]

    runs = []
    for clock in (JumpyClock(), lambda: 0.0):
        model = ScriptedModel(right_answer(slip=lambda turn, answer: answer + (turn == 3)))
        run = Run(new_state(TaskSpec(turns=10, samples=2)), lambda name, m=model: m, clock=clock)
        times = [event.at async for event in run.events() if isinstance(event, TurnFinished)]
        assert all(at >= 0 for at in times)
        assert times == sorted(times)
        runs.append(run)
    assert figures(runs[0]) == figures(runs[1])


@pytest.mark.parametrize("wish", [-5.0, 0.0, 1e12, float("inf")])
def test_a_wait_that_a_server_wishes_for_is_neither_negative_nor_endless(wish: float) -> None:
    policy = RetryPolicy()
    assert policy.first_wait <= policy.wait(1, wish) <= policy.longest_wish * (1 + policy.jitter)
