"""A model that cannot be opened is said in a sentence, and leaves neither files nor locks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lhe_tui.engine.arms import ArmsPlan
from lhe_tui.engine.branching import Branch
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.launch.arms import RecordedArms
from lhe_tui.launch.models import ModelOpener
from lhe_tui.launch.paths import session_folder
from lhe_tui.launch.run_config import RunConfig
from lhe_tui.launch.runs import PlannedRun, header_of, launch, plan_branch, plan_resumed, plan_run
from lhe_tui.models.base import ChatModel, ModelFailure
from lhe_tui.task.controls import Change, Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.branch.arms_screen import ArmsScreen
from tests.sessions import write
from tests.tui.run_screens import scripted_run, watching
from tests.tui.support import lone_app, screen_text, wait_until

KEYLESS: Change = (("model", "openai/gpt-4o"),)
CONFIG = RunConfig(task=TaskSpec(turns=3, samples=2, dict_size=10))


def config(**changed: object) -> RunConfig:
    return RunConfig(**{**dict(CONFIG), **changed})


def state(controls: Controls | None = None) -> RunState:
    return RunState(header_of(config(controls=controls or Controls())))


def failing(name: str) -> ChatModel:
    raise ModelFailure("unreachable", "the model's process ended at once", retryable=False)


def arm(open_model: Callable[[str], ChatModel] | None, later: Change) -> PlannedRun:
    return plan_branch(state(), Branch(1, (1, 2)), None, changes=[(2, later)], open_model=open_model)


def resumed() -> PlannedRun:
    path = write(Path("keyless.jsonl"), [state(Controls(model="openai/gpt-4o")).header])
    return plan_resumed(path)


WAYS: dict[str, Callable[[], PlannedRun]] = {
    "a new run": lambda: plan_run(config(controls=Controls(model="openai/gpt-4o"))),
    "a change in its script": lambda: plan_run(config(script=((2, KEYLESS),))),
    "a fork": lambda: plan_branch(state(Controls(model="openai/gpt-4o")), Branch(1, (1,)), None),
    "a fork to another model": lambda: plan_branch(state(), Branch(1, (1,), change=KEYLESS), None),
    "a control arm": lambda: arm(None, KEYLESS),
    "a control arm whose model fails": lambda: arm(failing, ()),
    "a resumed run": resumed,
}


def sessions() -> list[Path]:
    return list(session_folder().rglob("*")) if session_folder().exists() else []


def open_sessions() -> list[str]:
    """The session files that this process holds open."""
    held = [os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [name for name in held if name.endswith(".jsonl")]


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_left_behind(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LheError, match=r"OPENAI_API_KEY|ended at once"):
        await launch(WAYS[way])
    assert sessions() == []
    assert open_sessions() == []


def test_arms_whose_model_cannot_be_opened_make_no_file(tmp_path: Path) -> None:
    keyless = state(Controls(model="openai/gpt-4o"))
    with pytest.raises(LheError, match="OPENAI_API_KEY"):
        RecordedArms(keyless, ArmsPlan((1,), 1), None, ModelOpener.of(keyless.header), tmp_path / "arms")
    assert not (tmp_path / "arms").exists()
    assert open_sessions() == []


async def test_arms_say_so_and_leave_nothing() -> None:
    app = lone_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(ArmsScreen(state(), 1, 1, None, failing))
        await pilot.press("enter", "f5", "f5")
        await wait_until(pilot, lambda: "✗ the model's process ended" in screen_text(app))
        assert sessions() == []


async def test_a_model_typed_into_a_live_run_says_what_is_missing_and_the_run_lives() -> None:
    async with watching(await scripted_run(turns=500, paused=True)) as watched:
        assert watched.controller.run is not None
        watched.controller.run._open_model = ModelOpener()  # type: ignore[attr-defined]  # a Run
        await watched.press("colon", *"model=openai/gpt-4o", "enter")
        await watched.until_shown("OPENAI_API_KEY")
        assert watched.status == "paused"
        assert watched.state.controls.model == "sim/large"
