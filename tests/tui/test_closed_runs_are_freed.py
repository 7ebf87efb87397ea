"""A run that was closed gives its memory back, whatever screens had shown it."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import pytest
from textual._context import visible_screen_stack

from lhe_tui.launch.settings import Config
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.branch.slips_screen import SlipsScreen
from lhe_tui.tui.controller import run_controller
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.inspect.search_screen import SearchScreen
from lhe_tui.tui.setup.setup_screen import SetupScreen
from tests.tui.run_screens import scripted_run
from tests.tui.support import no_sources, screen_text, wait_until

DEMO = Path(__file__).parents[2] / "sessions" / "self-conditioning-and-cure.jsonl"


async def test_a_closed_session_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_controller, "SETTLE_EVERY", 50)
    shutil.copy(DEMO, "demo.jsonl")
    app = LheApp(replay=Path("demo.jsonl"), speed=10_000, config=Config(), sources=no_sources())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: app.runs.controller and app.runs.controller.finished)
        await wait_until(pilot, gc.get_freeze_count, "the run is out of the collector's sight")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, InspectScreen))
        await pilot.press("slash", *"apple")
        await wait_until(
            pilot, lambda: isinstance(app.screen, SearchScreen) and "messages hold it" in screen_text(app)
        )
        await pilot.press("escape", "l")
        await wait_until(pilot, lambda: isinstance(app.screen, SlipsScreen) and app.screen.tally)
        await pilot.press("escape", "escape", "2", "3", "4")
        assert app.runs.controller is not None
        state = weakref.ref(app.runs.controller.state)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))

        def freed() -> bool:
            # Whoever draws holds the screens that lay below: here, the test, which has read the screen's text.
            visible_screen_stack.set([])
            gc.collect()
            return state() is None

        await wait_until(pilot, freed, "the run is freed")
        assert gc.get_freeze_count() == 0


async def test_a_look_at_a_closed_run_takes_nothing_out_of_the_collectors_sight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_controller, "SETTLE_EVERY", 5)
    controller = await scripted_run(turns=20)
    assert controller._task is not None
    await controller._task
    controller.observe()
    assert gc.get_freeze_count() > 0
    await controller.close()
    controller.observe()
    assert gc.get_freeze_count() == 0
