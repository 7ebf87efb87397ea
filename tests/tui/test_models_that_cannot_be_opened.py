"""A model that cannot be opened is said in a sentence, and leaves neither files nor locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lhe_tui.engine.branching import Branch
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.launch.paths import session_folder
from lhe_tui.models.base import ChatModel, ModelFailure
from lhe_tui.task.controls import Change, Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.branch.arms_screen import ArmsScreen
from lhe_tui.tui.branch.start_fork import build_fork
from lhe_tui.tui.controller.start_control_arm import control_arm_events, start_control_arm
from lhe_tui.tui.run.start_run import RunSettings, build_run, settings_header
from tests.tui.run_screens import scripted_run, watching
from tests.tui.support import lone_app, screen_text, wait_until

KEYLESS: Change = (("model", "openai/gpt-4o"),)
SETTINGS = RunSettings(TaskSpec(turns=3, samples=2, dict_size=10), Controls())


def state(controls: Controls = SETTINGS.controls) -> RunState:
    return RunState(settings_header(replace(SETTINGS, controls=controls)))


def failing(name: str) -> ChatModel:
    raise ModelFailure("unreachable", "the model's process ended at once", retryable=False)


def arm(open_model: Callable[[str], ChatModel] | None, later: Change) -> None:
    events = control_arm_events(state(), (("inject", 0.5),), 1, (1, 2), "", "")
    start_control_arm(events, [(2, later)], open_model)


WAYS: dict[str, Callable[[], object]] = {
    "a new run": lambda: build_run(replace(SETTINGS, controls=Controls(model="openai/gpt-4o"))),
    "a change in its script": lambda: build_run(replace(SETTINGS, script=((2, KEYLESS),))),
    "a fork": lambda: build_fork(state(Controls(model="openai/gpt-4o")), Branch(1, (1,)), None),
    "a fork to another model": lambda: build_fork(state(), Branch(1, (1,), change=KEYLESS), None),
    "a control arm": lambda: arm(None, KEYLESS),
    "a control arm whose model fails": lambda: arm(failing, ()),
}


def sessions() -> list[Path]:
    return list(session_folder().rglob("*")) if session_folder().exists() else []


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_behind(way: str) -> None:
    with pytest.raises(LheError, match=r"OPENAI_API_KEY|ended at once"):
        WAYS[way]()
    assert sessions() == []


async def test_arms_say_so_and_leave_nothing() -> None:
    app = lone_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(ArmsScreen(state(), 1, 1, None, failing))
        await pilot.press("enter", "f5", "f5")
        await wait_until(pilot, lambda: "✗ the model's process ended" in screen_text(app))
        assert sessions() == []


async def test_a_model_typed_into_a_live_run_says_what_is_missing_and_the_run_lives() -> None:
    from lhe_tui.launch.models import ModelOpener

    async with watching(await scripted_run(turns=500, paused=True)) as watched:
        assert watched.controller.run is not None
        watched.controller.run._open_model = ModelOpener()  # type: ignore[attr-defined]  # a Run
        await watched.press("colon", *"model=openai/gpt-4o", "enter")
        await watched.until_shown("OPENAI_API_KEY")
        assert watched.status == "paused"
        assert watched.state.controls.model == "sim/large"
