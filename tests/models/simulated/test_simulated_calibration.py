"""The table of the simulated presets, measured with the real messages and the real engine."""

import asyncio

import pytest

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.engine.events import RunStarted
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.pruning.registry import parse_pruning
from lhe_tui.task.scoring import accuracies, horizon_length
from tests.simulated_asking import task_of, turn_accuracy

# name: turn 1, H_0.5, at turn 100 healed, at turn 100 half induced, turns and samples that measure H
TABLE = {
    "sim/small": (0.90, 4, 0.40, 0.20, 8, 300),
    "sim/medium": (0.99, 6, 0.80, 0.65, 10, 300),
    "sim/large": (1.0, 13, 0.87, 0.68, 20, 250),
    "sim/frontier": (1.0, 60, 0.99, 0.85, 80, 100),
    "sim/thinking": (1.0, 60, 0.98, 0.98, 80, 100),
}
TOLERANCE = 0.05
HEALED = Controls(injection=Injection(0.0, "truth", since=1))


def induced(rate: float, pruning: str = "off") -> Controls:
    return Controls(injection=Injection(rate, "truth", since=1), pruning=parse_pruning(pruning))


def run_of(name: str, turns: int, samples: int, controls: Controls | None = None, k: int = 1) -> RunState:
    controls = controls or Controls()
    header = RunStarted(
        "0" * 12,
        "",
        task_of(samples, turns, k, seed=11),
        Controls(name, controls.mode),
        built_in_template(),
        injection_seed=0,
        draw_seed=1,
    )
    state = RunState(header)

    async def drain() -> None:
        async for _ in Run(state, simulated_model, pace=RunLimits(concurrency=samples), live=False).events():
            pass

    asyncio.run(drain())
    return state


@pytest.mark.parametrize("name", TABLE)
def test_first_turn_and_own_horizon_are_the_tables(name: str) -> None:
    turn_1, horizon, _, _, turns, samples = TABLE[name]
    state = run_of(name, turns, samples)
    first = accuracies(state.tallies, "turn")[0]
    assert first == pytest.approx(turn_1, abs=TOLERANCE)
    assert horizon_length(state.tallies, 0.5).turn == pytest.approx(horizon, rel=0.25)


@pytest.mark.parametrize("name", TABLE)
def test_turn_100_over_a_healed_history_is_the_tables(name: str) -> None:
    assert turn_accuracy(name, 100, HEALED) == pytest.approx(TABLE[name][2], abs=TOLERANCE)


@pytest.mark.parametrize("name", TABLE)
def test_turn_100_over_a_half_induced_history_is_the_tables(name: str) -> None:
    assert turn_accuracy(name, 100, induced(0.5)) == pytest.approx(TABLE[name][3], abs=TOLERANCE)


def test_self_conditioning_grows_with_the_induced_rate() -> None:
    curve = [turn_accuracy("sim/large", 60, induced(rate), samples=200) for rate in (0.0, 0.25, 1.0)]
    assert curve[0] > curve[1] + 0.05 > curve[2] + 0.1


def test_the_thinking_preset_does_not_mind_the_induced_rate() -> None:
    clean, worst = (turn_accuracy("sim/thinking", 60, induced(rate), samples=200) for rate in (0.0, 1.0))
    assert clean == pytest.approx(worst, abs=0.01)


@pytest.mark.parametrize("pruning", ["window:1", "state-card", "drop-wrong"])
def test_pruning_cures_a_heavily_corrupted_history(pruning: str) -> None:
    sick = turn_accuracy("sim/large", 60, induced(1.0), samples=150)
    cured = turn_accuracy("sim/large", 60, induced(1.0, pruning), samples=150)
    assert sick < 0.75
    assert cured > 0.9


@pytest.mark.parametrize("name", [name for name in TABLE if name != "sim/thinking"])
def test_two_keys_without_working_fail_within_a_few_turns(name: str) -> None:
    state = run_of(name, 5, 60, k=2)
    assert accuracies(state.tallies, "task")[-1] <= 0.05


def test_the_thinking_preset_carries_two_keys() -> None:
    state = run_of("sim/thinking", 20, 60, k=2)
    assert accuracies(state.tallies, "task")[-1] > 0.75


def test_working_aloud_takes_the_weight_off_two_keys() -> None:
    state = run_of("sim/large", 30, 60, Controls(mode="cot"), k=2)
    assert accuracies(state.tallies, "task")[-1] > 0.6


def test_working_aloud_leaves_the_self_conditioning() -> None:
    clean, sick = (
        turn_accuracy(
            "sim/small",
            60,
            Controls(mode="cot", injection=Injection(rate, "truth", since=1)),
            samples=150,
        )
        for rate in (0.0, 1.0)
    )
    assert sick < clean - 0.15
