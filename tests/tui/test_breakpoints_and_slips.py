"""Breakpoints that pause a live run, and the histogram of its slips."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.widgets import Input, OptionList

from lhe_tui.engine.breakpoints import BreakpointError, Breakpoints
from lhe_tui.engine.cases import slip_counts
from lhe_tui.engine.runner import Run
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.branch.slip_tally import SlipCounter
from lhe_tui.tui.branch.slips_screen import SlipsScreen
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.run.breakpoint_screen import BreakpointScreen
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.widgets.checkbox import Checkbox
from tests.scripted_model import ScriptedModel, new_state, right_answer
from tests.tui.recordings import recorded
from tests.tui.run_screens import scripted_run, watching
from tests.tui.support import lone_app, screen_text, wait_until

SLIPS = right_answer(slip=lambda turn, total: total + 10 * (turn % 5 == 0))


# ---- breakpoints


def known(length: int | None) -> Callable[[], Awaitable[int | None]]:
    """How long the model's context is."""

    async def find() -> int | None:
        return length

    return find


async def test_a_hit_pauses_says_why_and_opens_the_turn() -> None:
    controller = await scripted_run(SLIPS, turns=30, paused=True)
    async with watching(controller) as watched:
        pilot, app, screen = watched.pilot, watched.pilot.app, watched.screen
        await pilot.press("k")
        await wait_until(pilot, lambda: isinstance(app.screen, BreakpointScreen))
        await pilot.press("space")
        await wait_until(pilot, lambda: "breakpoints: first wrong turn" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: "‖ breakpoints: first wrong turn" in screen_text(app))
        await pilot.press("space")
        await wait_until(pilot, lambda: isinstance(app.screen, InspectScreen))
        inspector = app.screen
        assert isinstance(inspector, InspectScreen)
        assert inspector.place.turn == 5
        await wait_until(pilot, lambda: "‖ the run paused: first wrong turn" in screen_text(app))
        assert controller.state.status == "paused"
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: "breakpoint: first wrong turn" in screen_text(app))
        await pilot.pause(0.5)
        assert app.screen is screen, "a hit opens its turn only once"
        await pilot.press("space")
        await wait_until(pilot, lambda: controller.finished)


async def test_a_run_without_breakpoints_is_not_watched() -> None:
    run = Run(new_state(TaskSpec(turns=3, samples=1)), lambda name: ScriptedModel(SLIPS))
    unwatched = run.watch
    controller = RunController(run)
    assert controller.watch is None
    assert run.watch is unwatched
    controller.set_breakpoints(Breakpoints(first_wrong=True))
    assert run.watch is controller.watch


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("row", "0", "wrong turns in a row: a whole number"),
        ("drift", "far", "off the true sum by more than: a whole number"),
        ("accuracy", "120", "task accuracy below: a whole number from 1 to 100"),
        ("context", "80", "how long this model's context is, is not known"),
        ("row", "[/x]", "wrong turns in a row: a whole number"),
    ],
)
async def test_what_cannot_be_is_said_and_not_taken(field: str, text: str, words: str) -> None:
    app = lone_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = BreakpointScreen(Breakpoints(), known(None))
        await app.push_screen(screen)
        screen.query_one(f"#break-{field}", Input).value = text
        await wait_until(pilot, lambda: words in screen_text(app))
        await pilot.press("enter")
        assert app.screen is screen
        with pytest.raises(BreakpointError):
            screen.breakpoints()


async def test_all_breakpoints_are_read_and_shown_again() -> None:
    wanted = Breakpoints(True, 3, True, 50, 0.5, 0.8, 4096)
    app = lone_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = BreakpointScreen(wanted, known(4096))
        await app.push_screen(screen)
        await wait_until(pilot, lambda: "above 80" in screen_text(app))
        assert screen.breakpoints() == wanted
        assert screen.query_one("#break-first", Checkbox).on
        await pilot.click("#break-first")
        assert not screen.breakpoints().first_wrong


# ---- slips


async def slipping() -> RunController:
    spec = TaskSpec(turns=20, samples=3, dict_size=20)
    return await recorded(spec, Controls(), (), lambda name: ScriptedModel(SLIPS))


async def test_the_tally_agrees_with_the_engines_count() -> None:
    state = (await slipping()).state
    tally = SlipCounter().count(state)
    assert {count.slip: len(count.places) for count in tally.counts} == dict(slip_counts(state))
    assert tally.wrong == 12
    assert tally.whole
    assert all(state.record(*place) is not None for count in tally.counts for place in count.places)


async def test_a_turn_is_diagnosed_once_however_often_it_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from lhe_tui.tui.branch import slip_tally

    state = (await slipping()).state
    calls: list[object] = []
    judge = slip_tally.diagnose
    monkeypatch.setattr(slip_tally, "diagnose", lambda case: calls.append(case) or judge(case))
    counter = SlipCounter()
    counter.count(state)
    counter.count(state)
    assert len(calls) == 12


async def test_the_histogram_is_shown_and_enter_goes_to_the_next_turn_of_a_slip() -> None:
    controller = await slipping()
    app = lone_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = InspectScreen(controller, Place(1, 6))
        await app.push_screen(screen)
        await wait_until(pilot, lambda: len(screen.shown.view("findings").lines) > 3)
        await pilot.press("l")
        await wait_until(pilot, lambda: isinstance(app.screen, SlipsScreen))
        slips = app.screen
        assert isinstance(slips, SlipsScreen)
        await wait_until(pilot, lambda: slips.tally is not None and slips.tally.whole)
        await wait_until(pilot, lambda: "12 turns that are not correct" in screen_text(app))
        assert slips.tally is not None
        first = slips.tally.counts[0]
        slips.query_one(OptionList).highlighted = 0
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: screen.place == next(p for p in first.places if p > (1, 6)))


async def test_a_run_without_slips_says_so() -> None:
    controller = await recorded(
        TaskSpec(turns=3, samples=1, dict_size=5), Controls(), (), lambda name: ScriptedModel(right_answer())
    )
    app = lone_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await app.push_screen(SlipsScreen(controller))
        await wait_until(pilot, lambda: "no wrong turn so far" in screen_text(app))
