"""The run screen for a room: a pane that fills it, and the chart under a large number."""

from __future__ import annotations

from textual.widgets import Digits

from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.control_bar import ControlBar
from lhe_tui.tui.run.heat_strip import HeatStrip
from lhe_tui.tui.run.transcript import Transcript
from tests.tui.run_screens import scripted_run, slip_at, watching


async def test_z_lets_the_chart_fill_the_screen_and_tab_the_other_panes() -> None:
    async with watching(await scripted_run(turns=20)) as watched:
        await watched.until_shown("Completed")
        small = watched.screen.panes.chart.size
        await watched.press("z")
        await watched.until(lambda: watched.screen.panes.chart.size.width > 1.5 * small.width)
        await watched.until_shown("█")
        await watched.press("tab")
        await watched.until(lambda: watched.screen.query_one(HeatStrip).is_on_screen)
        assert not watched.screen.panes.chart.is_on_screen
        await watched.press("z")
        await watched.until(lambda: watched.screen.panes.chart.size == small)
        assert watched.screen.query_one(Transcript).is_on_screen


async def test_the_presenter_shows_turn_accuracy_now_and_what_the_last_change_did() -> None:
    async with watching(await scripted_run(slip_at(9), turns=12, samples=2, paused=True)) as watched:
        for turn in (1, 2, 3):
            watched.controller.step()
            await watched.until_turn(turn)
        await watched.press("h", "P", "space")
        await watched.until_shown("Completed")
        number = watched.screen.query_one(Digits)
        await watched.until(lambda: number.value == "90")
        await watched.until_shown("turn accuracy 90 % [")
        await watched.until_shown("turn accuracy 100 % → 89 %")
        assert not watched.screen.query_one(ControlBar).display
        await watched.press("P")
        await watched.until(lambda: watched.screen.query_one(ControlBar).display)
        assert not number.is_on_screen


async def test_a_pane_that_fills_a_large_terminal_is_the_only_one() -> None:
    async with watching(await scripted_run(turns=20), (200, 60)) as watched:
        await watched.until_shown("running sum ─")
        for key in ("z", "P"):
            await watched.press(key)
            await watched.until(
                lambda: [c.is_on_screen for c in watched.screen.query(ChartView)] == [True, False]
            )
            await watched.press(key)
            await watched.until(lambda: all(c.is_on_screen for c in watched.screen.query(ChartView)))
