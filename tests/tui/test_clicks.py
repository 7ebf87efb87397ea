"""What a key does, a click does too."""

from __future__ import annotations

import shutil
from pathlib import Path

from lhe_tui.launch.paths import session_folder
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.run.transcript import Transcript
from lhe_tui.tui.sessions.session_list import SessionList
from lhe_tui.tui.sessions.sessions_screen import SessionsScreen
from tests.tui.run_screens import replay_of, scripted_run, watching
from tests.tui.support import lone_app, screen_text, wait_until

DEMO = Path(__file__).parents[2] / "sessions" / "self-conditioning-and-cure.jsonl"


async def test_a_click_on_the_chart_puts_the_cursor_on_that_turn() -> None:
    async with watching(await scripted_run(turns=40)) as watched:
        await watched.until_shown("Completed")
        chart = watched.screen.query_one("#chart", ChartView)
        await watched.until(lambda: chart._figure)
        await watched.pilot.click(chart, offset=(chart.size.width // 2, 5))
        await watched.until(lambda: watched.screen.transcript.selected)
        assert 15 <= (watched.screen.transcript.selected or 0) <= 25
        await watched.pilot.click(chart, offset=(chart.size.width - 1, 5))
        await watched.until(lambda: watched.screen.transcript.selected == 40)


async def test_a_click_on_the_chart_of_a_replay_goes_there() -> None:
    async with watching(replay_of(DEMO, speed=1.0)) as watched:
        chart = watched.screen.query_one("#chart", ChartView)
        await watched.until(lambda: chart.turn_columns and watched.controller.position > 3)
        await watched.press("space")
        left, width, last = chart.turn_columns or (0, 1, 1)
        await watched.pilot.click(chart, offset=(left + width - 1, 5))
        await watched.until(lambda: watched.controller.position == last)


async def test_a_second_click_on_a_turn_opens_it() -> None:
    async with watching(await scripted_run(turns=8)) as watched:
        await watched.until_shown("Completed")
        await watched.pilot.click(Transcript, offset=(10, 2), times=2)
        await watched.until(lambda: isinstance(watched.pilot.app.screen, InspectScreen))
        inspector = watched.pilot.app.screen
        assert isinstance(inspector, InspectScreen)
        assert inspector.place.turn == 3


async def test_a_second_click_on_a_session_opens_it() -> None:
    folder = session_folder()
    folder.mkdir(parents=True)
    shutil.copy(DEMO, folder / "demo.jsonl")
    app = lone_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen) and "14 " in screen_text(app))
        await pilot.click(SessionList, offset=(10, 0), times=2)
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
