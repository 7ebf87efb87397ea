"""Arms and the bridge from the fold to the diagnosis."""

from __future__ import annotations

import itertools

import pytest

from lhe_tui.engine.arms import ArmsPlan, ArmsResult, build_arms, run_arms
from lhe_tui.engine.branching import BranchError
from lhe_tui.engine.cases import case_of, diagnosis_of, slip_counts, wrong_cases
from lhe_tui.engine.events import Event, TurnFinished
from lhe_tui.engine.runner import Run
from lhe_tui.engine.state import RunState
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.spec import TaskSpec
from tests.scripted_model import ScriptedModel, new_state, right_answer


async def a_run(controls: Controls, turns: int = 40, samples: int = 4) -> RunState:
    run = Run(new_state(TaskSpec(turns=turns, samples=samples), controls), simulated_model)
    async for _ in run.events():
        pass
    return run.state


async def run_all(parent: RunState, plan: ArmsPlan) -> tuple[ArmsResult, list[tuple[str, Event]]]:
    ids = (f"{n:012x}" for n in itertools.count(1))
    built = build_arms(parent, plan, path="p.jsonl", session_id=lambda: next(ids), created="")
    result = ArmsResult(plan, [arm for arm, _ in built])
    recorded: list[tuple[str, Event]] = []
    model = simulated_model(parent.header.controls.model)
    async for _ in run_arms(
        result,
        lambda name: model,
        concurrency=8,
        record=lambda arm, event: recorded.append((arm.name, event)),
    ):
        pass
    return result, recorded


async def test_arms_tell_errors_in_view_from_length() -> None:
    parent = await a_run(Controls("sim/large", injection=Injection(1.0, "truth", 10, 1)))
    plan = ArmsPlan((1, 2, 3, 4), 30, turns=8, resamples=5)
    result, recorded = await run_all(parent, plan)
    by_name = {arm.name: arm for arm in result.arms}
    assert [arm.accuracy()[1] for arm in result.arms] == [160] * 4
    assert plan.requests == sum(isinstance(event, TurnFinished) for _, event in recorded) == 640
    healed = result.difference(by_name["healed"])
    assert healed is not None
    assert healed.low is not None
    assert healed.low > 0
    assert result.verdict().startswith("healing the history raises turn accuracy by")
    assert "the errors in view do" in result.verdict()
    assert parent.status == "completed"


async def test_arms_run_the_same_keys() -> None:
    parent = await a_run(Controls("sim/large"), turns=12, samples=2)
    result, _ = await run_all(parent, ArmsPlan((2,), 6, turns=3, resamples=2))
    for arm in result.arms:
        assert arm.state.spec.turns == 8
        assert arm.state.task.plans == (parent.task.plans[1][:8],) * 2


async def test_an_arm_as_is_repeats_what_was_recorded() -> None:
    parent = await a_run(Controls("sim/large"), turns=12, samples=2)
    result, _ = await run_all(parent, ArmsPlan((2,), 6, turns=3, resamples=2))
    recorded = [record.event.reply for record in parent.samples[1].turns[5:8]]
    assert [record.event.reply for record in result.arms[0].state.samples[0].turns[5:]] == recorded


def test_an_unknown_arm_is_refused() -> None:
    with pytest.raises(BranchError, match="no arm named 'cold'"):
        build_arms(
            new_state(), ArmsPlan((1,), 1, names=("cold",)), path="", session_id=lambda: "a" * 12, created=""
        )


async def test_a_turns_case_is_the_same_alone_and_in_a_sweep() -> None:
    script = [(5, (("inject", 0.5),)), (9, (("prune", "drop-wrong"),)), (14, (("prune", "window:3"),))]
    slips = right_answer(slip=lambda turn, total: total + 10 * (turn % 3 == 0))
    run = Run(new_state(TaskSpec(turns=18, samples=2)), lambda name: ScriptedModel(slips), script=script)
    async for _ in run.events():
        pass
    swept = {(1, record.turn): case for record, case in wrong_cases(run.state, 1)}
    assert set(swept) == {(1, turn) for turn in range(3, 19, 3)}
    for (sample, turn), case in swept.items():
        assert case == case_of(run.state, sample, turn)
        assert len(case.past_answers) == len(case.past_keys) == len(case.past_injected)
    assert slip_counts(run.state).total() == 12
    suspects = diagnosis_of(run.state, 1, 3)
    assert sum(suspect.weight for suspect in suspects) == pytest.approx(1)
    assert suspects[0].slip == "digit_slip"
    assert diagnosis_of(run.state, 1, 4) == ()
