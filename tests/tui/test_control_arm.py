"""A control arm keeps a live run going without the switch that was thrown."""

from __future__ import annotations

from pathlib import Path

from lhe_tui.engine.events import ControlsChanged, RunFinished
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.record.read import read_session
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.pruning.off import OFF
from lhe_tui.tui.controller.control_arm import ControlArm
from lhe_tui.tui.run.control_arm_figure import with_control_arm
from lhe_tui.tui.run.run_figures import figure
from tests.scripted_model import ScriptedModel, right_answer
from tests.tui.run_screens import scripted_run, watching


async def test_the_arm_runs_on_without_the_switch_as_a_session_of_its_own(tmp_path: Path) -> None:
    controller = await scripted_run(turns=30, samples=3, paused=True)
    async with watching(controller) as watched:
        await watched.press("T")
        await watched.until_shown("control arm at the next switch")
        await watched.press("h")
        await watched.until(lambda: controller.control_arm is not None)
        arm = controller.control_arm
        assert arm is not None
        assert not controller.control_arm_wanted
        # A later change of another control holds for both; one of the same control is withheld.
        await watched.press("p", "i", "space")
        await watched.until(lambda: controller.state.status == "completed")
        await watched.until(lambda: arm.state is not None and arm.state.status == "completed")
        assert arm.controller is not None
        assert arm.error == ""
        await watched.until_shown("without healed history")
        path = arm.controller.path
    assert path is not None
    recording = read_session(path)
    assert recording.damage == []
    assert recording.header.parent is not None
    assert recording.header.parent.session == controller.state.header.session
    assert recording.header.parent.note == "control arm: without healed history"
    changed = [name for e in recording.events if isinstance(e, ControlsChanged) for name, _ in e.change]
    assert changed == ["prune"]
    assert isinstance(recording.events[-1], RunFinished)
    assert recording.state.complete_turns == 30
    assert controller.state.controls.injection.rate > 0
    assert not recording.state.controls.injection.active
    assert recording.state.controls.pruning == controller.state.controls.pruning != OFF
    assert recording.state.task.plans == controller.state.task.plans


async def test_the_arm_is_a_second_curve_and_the_room_between_is_filled() -> None:
    controller = await scripted_run(
        turns=40,
        samples=4,
        controls=Controls("sim/large", injection=Injection(1.0, "truth", 10, 1)),
        model=lambda: simulated_model("sim/large"),
        paused=True,
    )
    async with watching(controller) as watched:
        controller.control_arm_wanted = True
        controller.change((("heal", True),))
        arm = controller.control_arm
        assert isinstance(arm, ControlArm)
        await watched.press("space")
        await watched.until(lambda: controller.state.status == "completed")
        await watched.until(lambda: arm.state is not None and arm.state.status == "completed")
        shown = with_control_arm(figure("accuracy", controller.state, 1, False), arm, controller.state, False)
        reference = shown.chart.series[1]
        assert not reference.dimmed
        [gap] = shown.chart.gaps
        assert all(low <= high for _, low, high in gap.points)
        assert {turn for turn, _, _ in gap.points} <= {turn for turn, _ in reference.points}
        assert gap.points
        assert reference.label == "without healed history"
        assert [x for x, _ in reference.points] == [float(turn) for turn in range(arm.turn, 41)]
        assert f"turns {arm.turn}–40: " in shown.note
        assert "without: +" in shown.note
        assert "no clear difference" not in shown.note
        again = arm.difference(range(arm.turn, 41))
        assert again is arm.difference(range(arm.turn, 41))
        assert again is not None
        assert again.samples == 4


async def test_nothing_is_claimed_where_both_arms_ran_under_the_same_controls() -> None:
    controller = await scripted_run(turns=12, samples=3, paused=True)
    async with watching(controller) as watched:
        controller.control_arm_wanted = True
        controller.change((("inject", 0.5),))
        arm = controller.control_arm
        assert isinstance(arm, ControlArm)
        # Taken back before its first turn: the same controls in both.
        controller.change((("inject", 0), ("inject-since", 1)))
        controller.change((("heal", False),))
        await watched.press("space")
        await watched.until(lambda: controller.state.status == "completed")
        await watched.until(lambda: arm.state is not None and arm.state.status == "completed")
        assert arm.state is not None
        assert arm.state.controls == controller.state.controls
        shown = with_control_arm(figure("accuracy", controller.state, 1, False), arm, controller.state, False)
    assert "[" not in shown.note
    assert "nothing to compare" in shown.note


async def test_a_wish_is_taken_back_by_the_same_key_and_a_replay_has_none() -> None:
    controller = await scripted_run(turns=5, paused=True)
    async with watching(controller) as watched:
        await watched.press("T", "T", "h")
        await watched.until(lambda: len(controller.state.changes) == 1)
        assert controller.control_arm is None
        await watched.press("space")
        await watched.until(lambda: controller.finished)


async def test_leaving_the_run_ends_the_arm_with_its_session_whole() -> None:
    import asyncio

    gate = asyncio.Event()
    controller = await scripted_run(turns=9, paused=True, model=lambda: ScriptedModel(right_answer()))
    controller.control_arm_wanted = True
    controller.change((("heal", True),))
    arm = controller.control_arm
    assert arm is not None
    # The arm's own models wait for ever.
    arm._open_model = lambda name: ScriptedModel(right_answer(), gate)
    controller.toggle_pause()
    await asyncio.wait_for(arm._task, 20)
    await controller.close()
    assert arm.controller is not None
    assert arm.controller.path is not None
    assert read_session(arm.controller.path).state.status == "stopped"
