"""A fault in drawing is the pane's own: it says so, the run goes on, and all of it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.command import CommandPalette

from lhe_tui.engine.events import Event
from lhe_tui.record.read import read_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.tui.dialogs.too_small_screen import TooSmallScreen
from lhe_tui.tui.run import chart_view
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.control_bar import ControlBar
from lhe_tui.tui.run.heat_strip import HeatStrip
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.run.slow_figure import SlowFigure
from lhe_tui.tui.run.transcript import Transcript
from tests.tui.run_screens import scripted_run, watching


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("[b]in the pane[/b]")


PLACES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "the chart's render": lambda patch: patch.setattr(ChartView, "render", broken),
    "the chart's picture": lambda patch: patch.setattr(chart_view, "draw_cached", broken),
    "the grid's lines": lambda patch: patch.setattr(HeatStrip, "render_line", broken),
    "the conversation's lines": lambda patch: patch.setattr(Transcript, "render_line", broken),
    "the conversation's layout": lambda patch: patch.setattr(Transcript, "_fit", broken),
    "the numbers": lambda patch: patch.setattr(ControlBar, "_numbers", broken),
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_fault_in_drawing_is_one_sentence_in_its_pane(
    place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "s.jsonl"
    early: list[Event] = []
    writers: list[SessionWriter] = []

    def record(event: Event) -> None:
        if writers:
            writers[0].write(event)
        else:
            early.append(event)

    controller = await scripted_run(turns=8, samples=2, paused=True, record=record)
    writers.append(SessionWriter.create(path, controller.state.header))
    for event in early:
        writers[0].write(event)
    async with watching(controller) as watched:
        await watched.until_shown("samples × turns")
        PLACES[place](monkeypatch)
        await watched.press("space")
        await watched.until(lambda: controller.finished)
        await watched.until_shown("× this cannot be drawn")
        await watched.until_shown("ZeroDivisionError")
        await watched.until_shown("Completed")
        assert watched.pilot.app.return_code is None
    writers[0].close()
    recording = read_session(path)
    assert recording.state.status == "completed"
    assert recording.state.finished_turns == 16


async def test_a_figure_that_cannot_be_worked_out_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(await scripted_run(turns=8)) as watched:
        await watched.until_shown("Completed")
        chart = watched.screen.query_one("#chart", ChartView)
        chart.slow = SlowFigure(chart, broken, chart.poll)
        await watched.press("3")
        await watched.until_shown("× this cannot be drawn")
        await watched.press("1")
        assert watched.pilot.app.return_code is None


async def test_another_size_draws_anew_what_could_not_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watching(await scripted_run(turns=8)) as watched:
        await watched.until_shown("Completed")
        with monkeypatch.context() as patch:
            patch.setattr(HeatStrip, "render_line", broken)
            watched.heat.refresh()
            await watched.until_shown("× this cannot be drawn")
        await watched.pilot.resize_terminal(130, 45)
        await watched.until(lambda: "× this cannot be drawn" not in watched.text)


async def test_a_fault_of_an_action_is_told_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = await scripted_run(turns=8, paused=True)
    async with watching(controller) as watched:
        await watched.until_shown("samples × turns")
        monkeypatch.setattr(RunScreen, "action_smooth", broken)
        await watched.press("t")
        await watched.until_shown("the run goes on")
        await watched.until_shown("ZeroDivisionError")
        await watched.press("escape", "space")
        await watched.until(lambda: controller.finished)
        assert controller.state.finished_turns == 16


async def test_the_palette_opens_once_and_never_over_the_word_that_the_terminal_is_too_small() -> None:
    async with watching(await scripted_run(turns=8)) as watched:
        app = watched.pilot.app
        for keys in (["ctrl+p"], ["f1"], ["ctrl+p"]):
            await watched.press(*keys)
        await watched.pilot.resize_terminal(20, 5)
        await watched.press("ctrl+p")
        assert sum(isinstance(screen, CommandPalette) for screen in app.screen_stack) <= 1
        assert isinstance(app.screen, TooSmallScreen)
        assert app.return_code is None
