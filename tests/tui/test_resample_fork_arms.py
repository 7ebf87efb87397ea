"""Resampling, forking and arms on their screens."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from textual.widgets import Input

from lhe_tui.engine.arms import ArmsPlan
from lhe_tui.engine.branching import Branch
from lhe_tui.launch.arms import RecordedArms
from lhe_tui.launch.runs import begin, plan_branch
from lhe_tui.models.base import ModelFailure
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.record.read import read_session
from lhe_tui.task.controls import ControlError, Controls, Injection
from lhe_tui.task.spec import TaskSpec
from lhe_tui.task.variants.registry import VARIANTS
from lhe_tui.tui.branch.arms_screen import ArmList, ArmsScreen
from lhe_tui.tui.branch.fork_form import (
    ForkForm,
    FormError,
    branch_words,
    read_edits,
    read_form,
    read_samples,
    toggled,
)
from lhe_tui.tui.branch.fork_screen import ForkScreen
from lhe_tui.tui.branch.resample_lines import interval_strip, resample_lines
from lhe_tui.tui.branch.resample_screen import ResampleScreen
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.widgets.piece_lines import line_text
from tests.hostile_texts import HOSTILE, forbidden
from tests.scripted_model import ScriptedModel, right_answer
from tests.tui.recordings import recorded
from tests.tui.support import lone_app, screen_text, wait_until


async def a_session(turns: int = 10, samples: int = 3) -> RunController:
    spec = TaskSpec(turns=turns, samples=samples, dict_size=20)
    slips = right_answer(slip=lambda turn, total: total + 7 * (turn == 4))
    return await recorded(spec, Controls(), (), lambda name: ScriptedModel(slips))


# ---- resampling


async def test_resampling_draws_a_histogram_with_both_answers_marked_and_a_verdict() -> None:
    controller = await a_session()
    record = controller.state.record(1, 4)
    assert record is not None
    rng = random.Random(3)
    mostly_right = right_answer(slip=lambda turn, total: total + 10 * (rng.random() < 0.3))
    model = ScriptedModel(mostly_right)
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = ResampleScreen(controller.state, 1, 4, lambda name: model)
        await app.push_screen(screen)
        assert "10 requests to sim/large (simulated)" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.result is not None and len(screen.result.replies) == 10)
        await wait_until(pilot, lambda: "done: enter asks again" in screen_text(app))
        text = screen_text(app).replace("−", "-")
        assert "✓ expected" in text
        assert "◄ recorded" in text
        assert "P(correct)" in text
        assert "resamples are correct" in text
        assert len(model.requests) == 10
        assert all(list(r.messages) == list(model.requests[0].messages) for r in model.requests)


async def test_resampling_stops_at_escape_and_closes_at_the_next() -> None:
    controller = await a_session()
    gate = asyncio.Event()
    model = ScriptedModel(right_answer(), gate)
    app = lone_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = ResampleScreen(controller.state, 1, 4, lambda name: model)
        await app.push_screen(screen)
        await pilot.press("enter")
        await wait_until(pilot, model.asked.is_set)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.asking)
        assert "stopped after 0 replies" in screen_text(app)
        assert app.screen is screen
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not screen)


async def test_a_server_that_refuses_is_said_in_the_resampling() -> None:
    controller = await a_session()
    words = f"refused {HOSTILE['CSI colour']} [/x]"
    model = ScriptedModel(lambda request: ModelFailure("auth", words, retryable=False))
    app = lone_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = ResampleScreen(controller.state, 1, 4, lambda name: model)
        await app.push_screen(screen)
        screen.query_one(Input).value = "2"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "2 brought no reply" in screen_text(app))
        assert forbidden(screen_text(app), newlines=True) == []


@pytest.mark.parametrize("typed", ["0", "1001", "", "x"])
async def test_only_a_sensible_number_is_asked_for(typed: str) -> None:
    controller = await a_session()
    model = ScriptedModel(right_answer())
    app = lone_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = ResampleScreen(controller.state, 1, 4, lambda name: model)
        await app.push_screen(screen)
        screen.query_one(Input).value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert model.requests == []
        assert "a whole number from 1 to 1,000" in screen_text(app)


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0.0, 0.3), (1.0, 0.7, 1.0), (0.5, 0.2, 0.8)])
def test_an_interval_strip_is_as_wide_as_asked(share: float, low: float, high: float) -> None:
    strip = interval_strip(share, low, high, 20)
    assert len(strip) == 20
    assert strip.count("●") == 1


async def test_a_recorded_reply_without_a_number_has_its_row() -> None:
    from lhe_tui.engine.resampling import Resampled, Resampling

    slips = ScriptedModel(lambda request: "no tag")
    controller = await recorded(TaskSpec(turns=1, samples=1, dict_size=5), Controls(), (), lambda n: slips)
    record = controller.state.record(1, 1)
    assert record is not None
    result = Resampling(1, 1, 1, record, [Resampled(1, "<answer>1</answer>", 1, "wrong")])
    said = "\n".join(line_text(line) for line in resample_lines(result, 80))
    assert "no number" in said
    assert "◄ recorded" in said


# ---- the fork's form


@pytest.mark.parametrize(
    ("text", "found"), [("3", (3,)), ("1-3", (1, 2, 3)), ("all", (1, 2, 3, 4)), ("2, 1, 2", (2, 1))]
)
def test_samples_are_read(text: str, found: tuple[int, ...]) -> None:
    assert read_samples(text, 4) == found


@pytest.mark.parametrize("text", ["", "0", "5", "3-1", "x", "1,,2", "[/x]", "9" * 30])
def test_samples_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(FormError, match="samples takes a whole number"):
        read_samples(text, 4)


def test_edits_name_a_past_turn_and_a_number() -> None:
    sums = VARIANTS["dict-sum"]
    edits = read_edits("3=266, 2=−12", 4, (1, 2), sums)
    assert edits == ((1, 3, 266), (2, 3, 266), (1, 2, -12), (2, 2, -12))
    matrix = ((1, 2), (3, 4))
    edits = read_edits("3=[[1, 2], [3, 4]], 2=[[1,2],[3,4]]", 4, (1,), VARIANTS["matrix"])
    assert edits == ((1, 3, matrix), (1, 2, matrix))
    for text in ("4=1", "3", "3=x", "0=1"):
        with pytest.raises(FormError):
            read_edits(text, 4, (1,), sums)
    with pytest.raises(FormError, match="nothing was answered before turn 1"):
        read_edits("1=5", 1, (1,), sums)


async def test_a_form_says_what_it_would_do_and_what_it_cannot() -> None:
    state = (await a_session()).state
    branch = read_form(ForkForm("5", "all", "heal=on,model=sim/small", "4=12"), state)
    assert branch == Branch(
        5,
        (1, 2, 3),
        (("heal", "on"), ("model", "sim/small")),
        ((1, 4, 12), (2, 4, 12), (3, 4, 12)),
        note="heal=on,model=sim/small; edited 4=12",
    )
    words = branch_words(branch, state)
    assert (
        "turns 5–10 of 3 samples again, with 1 edited answer: 18 requests to sim/small (simulated)" in words
    )
    assert "healed history" in words
    with pytest.raises(ControlError, match="no control named"):
        read_form(ForkForm("5", "1", "[/x]=1"), state)
    with pytest.raises(FormError, match="ask from turn takes"):
        read_form(ForkForm("11", "1"), state)


def test_quick_changes_go_in_and_out_and_do_not_contradict_each_other() -> None:
    assert toggled("", "heal=on") == "heal=on"
    assert toggled("heal=on", "heal=on") == ""
    assert (
        toggled("temperature=1,heal=on", "inject=0.5,inject-since=1")
        == "temperature=1,inject=0.5,inject-since=1"
    )
    assert toggled("prune=window:1", "prune=off") == "prune=off"


# ---- forking


async def test_a_fork_names_its_parent_and_leaves_it_untouched() -> None:
    controller = await a_session()
    before = [record.event for record in controller.state.samples[0].turns]
    started = begin(
        plan_branch(controller.state, Branch(4, (1,), edits=((1, 3, 99),)), Path("session.jsonl"))
    )
    async for _ in started.run.events():
        pass
    started.writer.close()
    again = read_session(started.path)
    parent = again.header.parent
    assert parent is not None
    assert (parent.session, parent.turn, parent.sample) == (controller.state.header.session, 4, 1)
    assert again.state.status == "completed"
    assert again.damage == []
    third = again.state.record(1, 3)
    assert third is not None
    assert third.number == 99
    assert third.event.edited
    assert [record.event for record in controller.state.samples[0].turns] == before


async def test_forking_from_the_inspector_opens_the_new_run() -> None:
    controller = await a_session()
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = InspectScreen(controller, Place(1, 5))
        await app.push_screen(screen)
        await wait_until(pilot, lambda: len(screen.shown.view("findings").lines) > 3)
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, ForkScreen))
        form = app.screen
        form.query_one("#fork-changes", Input).value = "prune=windo"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "✗ prune takes off, window:W" in screen_text(app))
        form.query_one("#fork-changes", Input).value = ""
        await wait_until(pilot, lambda: "The same controls" in screen_text(app))
        await pilot.click("#quick-0")
        await wait_until(pilot, lambda: "healed history" in screen_text(app))
        form.query_one("#fork-changes").focus()
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        await wait_until(pilot, lambda: app.runs.controller is not None and app.runs.controller.finished)
        assert app.runs.controller is not None
        parent = app.runs.controller.state.header.parent
        assert parent is not None
        assert parent.turn == 5
        assert parent.note == "heal=on"
        assert app.runs.controller.state.controls.injection.words() == "healed history"


# ---- arms


async def test_arms_say_what_they_cost_and_run_side_by_side_as_sessions(tmp_path: Path) -> None:
    spec = TaskSpec(turns=40, samples=2)
    controller = await recorded(spec, Controls("sim/large", injection=Injection(1.0, "truth", 10, 1)))
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = ArmsScreen(controller.state, 1, 30, Path("session.jsonl"))
        await app.push_screen(screen)
        await wait_until(pilot, lambda: "= 200 requests to" in screen_text(app))
        screen.query_one("#arms-turns", Input).value = "4"
        screen.query_one("#arms-samples", Input).value = "all"
        await wait_until(pilot, lambda: "= 160 requests" in " ".join(screen_text(app).split()))
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.done)
        await wait_until(pilot, lambda: "→ healing the history" in screen_text(app))
        text = screen_text(app)
        assert "160 of 160 turns" in text
        assert "reference" in text
        assert screen.result is not None
        for arm in screen.result.arms:
            recording = read_session(Path(arm.path))
            assert recording.header.parent is not None
            assert recording.header.parent.note == f"arm: {arm.name}"
            assert recording.state.status == "completed"


async def test_arms_are_put_in_and_out_with_space_and_told_by_glyph() -> None:
    controller = await a_session()
    app = lone_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = ArmsScreen(controller.state, 1, 5, None)
        await app.push_screen(screen)
        arms = screen.query_one(ArmList)
        await wait_until(pilot, lambda: "■ healed" in screen_text(app))
        arms.highlighted = 1
        await pilot.press("space")
        await wait_until(pilot, lambda: "□ healed" in screen_text(app))
        assert screen.plan().names == ("as is", "50 %", "window 1")
        for place in (0, 3, 5):
            arms.toggle(place)
        await wait_until(pilot, lambda: "choose at least one arm" in screen_text(app))


async def test_cancelled_arms_leave_whole_sessions() -> None:
    controller = await a_session()
    gate = asyncio.Event()
    model = ScriptedModel(right_answer(), gate)
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = ArmsScreen(controller.state, 1, 5, None, lambda name: model)
        await app.push_screen(screen)
        await pilot.press("enter")
        await wait_until(pilot, model.asked.is_set)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.running)
        assert app.screen is screen
        assert screen.result is not None
        for arm in screen.result.arms:
            recording = read_session(Path(arm.path))
            assert recording.damage == []
            assert recording.state.status == "stopped"


async def test_arms_that_cannot_be_recorded_leave_nothing_behind(tmp_path: Path) -> None:
    from lhe_tui.record.errors import SessionError

    controller = await a_session()
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SessionError):
        RecordedArms(controller.state, ArmsPlan((1,), 5), None, simulated_model, blocked / "sessions")
    plan = ArmsPlan((1,), 5, turns=2, resamples=1)
    arms = RecordedArms(controller.state, plan, None, simulated_model, tmp_path / "s")
    async for _ in arms.run():
        pass
    assert len(list((tmp_path / "s").iterdir())) == 4
