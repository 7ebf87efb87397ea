"""The run screen's self-conditioning tab: made in the background, only where it is seen, and anew as the run goes."""

from __future__ import annotations

import pytest

from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.run import slow_figure
from tests.tui.recordings import recorded
from tests.tui.run_screens import scripted_run, watching

TRUTH = Controls(model="sim/medium", injection=Injection(0.5, "truth", since=1))


async def test_the_third_tab_tells_what_errors_in_view_do_and_the_fourth_is_latency() -> None:
    controller = await recorded(TaskSpec(turns=40, samples=8), TRUTH)
    async with watching(controller) as watched:
        await watched.until_shown("End of the recording")
        assert watched.screen.panes.chart.slow.version == 0
        await watched.press("3")
        await watched.until_shown("10 points more errors in view: odds of a slip ×")
        await watched.until_shown("effect: ")
        assert "▪ 3 self-conditioning" in watched.text
        assert "% wrong in view" in watched.text
        assert "n=" in watched.text
        await watched.press("4")
        await watched.until_shown("▪ 4 latency")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_the_estimate_has_its_words_at_every_size(size: tuple[int, int]) -> None:
    controller = await recorded(TaskSpec(turns=12, samples=2))
    async with watching(controller, size) as watched:
        await watched.press("3")
        await watched.until_shown("self-conditioning is not estimable: 2 samples")


async def test_the_estimate_follows_a_run_while_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_figure, "EVERY", 0.05)
    async with watching(await scripted_run(paused=True, turns=20, samples=4)) as watched:
        await watched.press("3")
        await watched.until_shown("begins with turn 2")
        await watched.press("space")
        await watched.until_shown("Completed")
        slow = watched.screen.panes.chart.slow
        every = f"n={19 * 4}"
        await watched.until(lambda: every in [mark.label for mark in slow.figure.chart.marks], every)
