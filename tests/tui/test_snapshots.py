"""Pictures of every screen, at the sizes that people use. Look at each before accepting it.

pytest tests/tui/test_snapshots.py --snapshot-update
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from lhe_tui.launch.settings import Config
from lhe_tui.tui.app import LheApp
from tests.tui.support import lone_app, no_sources, screen_text, wait_until

DEMO = Path(__file__).parents[2] / "sessions" / "self-conditioning-and-cure.jsonl"
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}
Story = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture
def demo() -> LheApp:
    """The demo, replayed, under a name that no machine's path shows in."""
    shutil.copy(DEMO, "demo.jsonl")
    return LheApp(replay=Path("demo.jsonl"), config=Config(), sources=no_sources())


def replayed(turn: int, *keys: str) -> Story:
    """Stand still at a turn, and press keys there."""

    async def story(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, LheApp)
        await wait_until(pilot, lambda: app.runs.controller, "the replay opens")
        controller = app.runs.controller
        assert controller is not None
        await wait_until(pilot, lambda: "of 16" in screen_text(app), "the run screen is drawn")
        await wait_until(pilot, lambda: controller.state.status == "running", "the replay begins")
        controller.pause()
        await wait_until(pilot, lambda: controller.state.status == "paused", "the replay stands still")
        controller.seek(turn)
        await wait_until(pilot, lambda: controller.state.complete_turns == turn, f"turn {turn}")
        await pilot.pause(0.5)  # a run screen looks twelve times a second, and draws charts four times
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        await wait_until(pilot, lambda: not app._animator._animations, "nothing moves")
        await pilot.pause(0.4)

    return story


@pytest.mark.parametrize("size", SIZES)
def test_setup(snap_compare: Any, size: str) -> None:
    assert snap_compare(lone_app(), terminal_size=SIZES[size])


def test_too_small_a_terminal(snap_compare: Any) -> None:
    assert snap_compare(lone_app(), terminal_size=(50, 16))


@pytest.mark.parametrize("size", [*SIZES, "60x20"])
def test_run_screen(snap_compare: Any, demo: LheApp, size: str) -> None:
    assert snap_compare(demo, terminal_size=SIZES.get(size, (60, 20)), run_before=replayed(70))


def test_run_screen_without_colour(snap_compare: Any, demo: LheApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = LheApp(replay=Path("demo.jsonl"), config=Config(), sources=no_sources())
    assert snap_compare(app, terminal_size=(120, 40), run_before=replayed(70))


def test_run_screen_in_the_terminals_own_colours(snap_compare: Any, demo: LheApp) -> None:
    demo.theme = "ansi-dark" if "ansi-dark" in demo.available_themes else "textual-ansi"
    assert snap_compare(demo, terminal_size=(120, 40), run_before=replayed(70))


def test_running_sum(snap_compare: Any, demo: LheApp) -> None:
    assert snap_compare(demo, terminal_size=(120, 40), run_before=replayed(70, "2"))


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_inspector_on_a_wrong_turn(snap_compare: Any, demo: LheApp, size: str) -> None:
    story = replayed(70, "E", "enter")
    assert snap_compare(demo, terminal_size=SIZES[size], run_before=story)


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_help(snap_compare: Any, size: str) -> None:
    assert snap_compare(lone_app(), terminal_size=SIZES[size], press=["f1"])
