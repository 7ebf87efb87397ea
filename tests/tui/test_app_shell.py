"""The app around its screens: keys, help, palette, themes, quitting, crashing, small terminals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.css import stylesheet
from textual.widgets import Input

from lhe_tui.launch.run_config import RunConfig
from lhe_tui.launch.settings import Config
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.actions.registry import actions_for
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.dialogs.too_small_screen import TooSmallScreen
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.sessions.sessions_screen import SessionsScreen
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.themes import THEME_TITLES
from tests.tui.support import lone_app, screen_text, wait_until

SIZE = (120, 40)
LONG_RUN = RunConfig(task=TaskSpec(turns=500, samples=4, dict_size=10), speed=5.0)


async def test_help_lists_the_keys_of_the_screen_in_front_first() -> None:
    app = lone_app()
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        shown = screen_text(app)
        for action in [*actions_for("setup"), *actions_for("app")]:
            assert action.help[:50] in shown
        assert shown.index("Setup") < shown.index("Everywhere")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_the_palette_finds_an_action_and_runs_it() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"sessions")
        await wait_until(pilot, lambda: "List the recorded sessions." in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: not isinstance(app.screen, CommandPalette))
        if not isinstance(app.screen, SessionsScreen):
            await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_a_key_remapped_by_id_works_and_stands_in_the_help() -> None:
    app = lone_app(config=Config(keys={"app.sessions": "f12", "no.such.action": "x"}))
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: "F12" in screen_text(app))
        await pilot.press("escape", "f3")
        await pilot.pause()
        assert isinstance(app.screen, SetupScreen)
        await pilot.press("f12")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_a_letter_typed_into_a_field_is_text_and_no_command() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen) and app.screen.ready)
        await pilot.press("f4", "q", "question_mark")
        field = app.screen.query_one("#model-search", Input)
        await wait_until(pilot, lambda: field.value == "q?")
        assert app.is_running


@pytest.mark.parametrize("theme", [*THEME_TITLES, "textual-light", "nord"])
async def test_every_theme_draws_every_screen(theme: str) -> None:
    app = lone_app(config=Config(theme=theme))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert app.theme == theme
        await wait_until(pilot, lambda: "sim/large" in screen_text(app))
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_a_theme_that_is_not_there_leaves_the_apps_own() -> None:
    app = lone_app(config=Config(theme="no such theme"))
    async with app.run_test(size=SIZE, notifications=True):
        assert app.theme == next(iter(THEME_TITLES))


async def test_themes_follow_each_other() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        for name in [*list(THEME_TITLES)[1:], next(iter(THEME_TITLES))]:
            await pilot.press("f9")
            await wait_until(pilot, lambda name=name: app.theme == name)


async def test_a_terminal_too_small_is_told_so_until_it_grows() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.resize_terminal(50, 15)
        await wait_until(pilot, lambda: isinstance(app.screen, TooSmallScreen))
        assert "60×20" in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))


@pytest.fixture
def a_file() -> Path:
    place = Path("file")
    place.write_text("")
    return place


async def start_long_run(app: LheApp) -> None:
    app.runs.start(LONG_RUN)


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_quitting_with_a_live_run_asks_and_leaves_a_whole_session(key: str) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await start_long_run(app)
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen) and app.runs.live)
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.runs.live
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: not app.is_running)
    assert app.runs.controller is not None
    assert app.runs.controller.state.status == "stopped"
    assert app.runs.controller.path is not None
    assert f"lhe-tui run --resume {app.runs.controller.path}" in "\n".join(app.parting_words())
    from lhe_tui.record.read import read_session

    assert read_session(app.runs.controller.path).warnings == []


async def test_quitting_with_nothing_under_way_asks_nothing() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: not app.is_running)
    assert app.return_code == 0
    assert app.parting_words() == []


async def test_another_run_asks_before_it_takes_the_place_of_a_live_one() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await start_long_run(app)
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen) and app.runs.live)
        first = app.runs.controller
        await start_long_run(app)
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.runs.controller is not first and app.runs.live)
        assert first is not None
        assert first.state.status == "stopped"
        assert app.runs.controller is not None
        await app.runs.controller.close()


async def test_a_folder_that_cannot_be_written_is_said_on_the_setup_screen(a_file: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen) and app.screen.ready)
        app.runs.start(LONG_RUN.model_copy(update={"out": a_file / "x.jsonl"}))
        await wait_until(pilot, lambda: f"✗ the session {a_file / 'x.jsonl'} cannot be" in screen_text(app))
        assert app.runs.controller is None


async def crash(app: LheApp, break_down: Callable[[], None]) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.call_later(break_down)
        await wait_until(pilot, lambda: not app.is_running)


async def test_a_crash_is_one_sentence_without_locals_and_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-value")

    def break_down() -> None:
        hidden = "sk-very-secret-value"
        raise RuntimeError(f"broken with {hidden}\x1b[2J")

    app = lone_app()
    with pytest.raises(RuntimeError):
        await crash(app, break_down)
    (words,) = app.parting_words()
    assert "RuntimeError: broken with" in words
    assert "sk-very-secret-value" not in words
    assert "\x1b" not in words
    log = next(Path(word.rstrip(".")) for word in words.split() if word.endswith(".txt"))
    text = log.read_text()
    assert "break_down" in text
    assert "sk-very-secret-value" not in text


async def test_no_style_is_parsed_twice_when_a_screen_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []

    def counted(scope: str, css: str, read_from: object, **more: Any) -> Any:
        parsed.append((scope, css, read_from, more["tie_breaker"]))
        return parse(scope, css, read_from, **more)

    parse: Any = stylesheet.parse
    monkeypatch.setattr(stylesheet, "parse", counted)
    app = lone_app()
    async with app.run_test() as pilot:
        at_first = len(parsed)
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))
    assert len(parsed) > at_first > 0
    assert len(set(parsed)) == len(parsed)
