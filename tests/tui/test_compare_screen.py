"""Comparing sessions: marked in the list, overlaid, tested in pairs, and laid side by side turn by turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lhe_tui.engine.events import RunStarted
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.compare.compare_screen import CompareScreen
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.sessions.sessions_screen import SessionsScreen
from tests.hostile_texts import HOSTILE, forbidden
from tests.sessions import header, whole_run, write
from tests.tui.support import lone_app, screen_text, wait_until

SIZE = (120, 40)


def named(session: str, **settings: object) -> RunStarted:
    return replace(header(samples=6, turns=12), session=session * 12, **settings)  # type: ignore[arg-type]  # any field


def two_sessions() -> list[Path]:
    """A never errs, B often does, over the same plans."""
    other = Controls(injection=Injection(0.5, "truth"))
    return [
        write(Path("good.jsonl"), whole_run(named("a"), error_rate=0.0)),
        write(Path("bad.jsonl"), whole_run(named("b", controls=other), error_rate=0.5)),
    ]


@pytest.fixture
def shelf() -> Path:
    """The two sessions where the list finds them."""
    folder = Path("sessions")
    folder.mkdir()
    for path in two_sessions():
        path.rename(folder / path.name)
    return folder


@pytest.fixture
def full_shelf() -> Path:
    """Seven sessions and a damaged file."""
    folder = Path("sessions")
    folder.mkdir()
    for letter in "abcdefg":
        write(folder / f"{letter}.jsonl", whole_run(named(letter)))
    (folder / "damaged.jsonl").write_text("no session\n")
    return folder


async def open_compare(app: LheApp, pilot: Pilot[int], paths: list[Path]) -> CompareScreen:
    screen = CompareScreen(paths)
    await app.push_screen(screen)
    await wait_until(pilot, lambda: screen.found is not None or screen.problem)
    await pilot.pause()
    return screen


async def open_list(app: LheApp, pilot: Pilot[int]) -> SessionsScreen:
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))
    screen = app.screen
    assert isinstance(screen, SessionsScreen)
    await wait_until(pilot, lambda: not screen.reading)
    return screen


# ---- marking


async def test_space_marks_with_letters_and_c_compares_in_that_order(shelf: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        sessions = await open_list(app, pilot)
        await pilot.press("space", "space")
        await wait_until(pilot, lambda: "A sim/large" in screen_text(app))
        assert "B sim/large" in screen_text(app)
        marked = list(sessions.listing.marked)
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        assert isinstance(app.screen, CompareScreen)
        assert list(app.screen.paths) == marked


async def test_too_few_marks_are_told_and_one_mark_goes_with_the_cursor(shelf: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        assert "mark two to six sessions" in screen_text(app)
        await pilot.press("escape", "space", "c")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))


async def test_a_seventh_mark_and_a_damaged_file_are_refused_in_words(full_shelf: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        listing = (await open_list(app, pilot)).listing
        names = [row.entry.path.name for row in listing.rows]
        for number, letter in enumerate("abcdefg", 1):
            listing.action_move(names.index(f"{letter}.jsonl") - listing.cursor)
            await pilot.press("space")
            assert len(listing.marked) == min(6, number)
        await wait_until(pilot, lambda: "six sessions are marked already" in screen_text(app))
        await pilot.press("escape")
        listing.action_move(names.index("damaged.jsonl") - listing.cursor)
        await pilot.press("space")
        await wait_until(pilot, lambda: "damaged.jsonl cannot be compared" in screen_text(app))


# ---- the comparison


async def test_curves_tests_and_settings_of_two_sessions_are_shown() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_compare(app, pilot, two_sessions())
        await wait_until(pilot, lambda: "McNemar" in screen_text(app))
        shown = screen_text(app)
        for words in (
            "● A",
            "■ B",
            "the same plans",
            "B against A",
            "turn accuracy −",
            "injection rate",
            "0.5",
        ):
            assert words in shown, words
        assert "●" in shown
        await pilot.press("2")
        await wait_until(pilot, lambda: "▪ 2 task accuracy" in screen_text(app))


async def test_too_few_samples_say_about_how_many_would_do() -> None:
    paths = [
        write(Path("one.jsonl"), whole_run(named("a"), error_rate=0.20, seed=1)),
        write(Path("two.jsonl"), whole_run(named("b"), error_rate=0.25, seed=2)),
    ]
    app = lone_app()
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await open_compare(app, pilot, paths)
        await wait_until(pilot, lambda: "points are possible" in screen_text(app))


async def test_other_plans_allow_no_paired_test_and_no_aligned_turns() -> None:
    other = replace(header(samples=6, turns=12, k=2), session="b" * 12)
    paths = [
        write(Path("one.jsonl"), whole_run(named("a"))),
        write(Path("two.jsonl"), whole_run(other)),
    ]
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_compare(app, pilot, paths)
        await wait_until(pilot, lambda: "no turn of one stands beside" in screen_text(app))
        await pilot.press("e", "d", "full_stop", "enter", "down")
        assert app.screen is screen


async def test_the_cursor_begins_where_they_part_and_enter_takes_that_turn_apart() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_compare(app, pilot, two_sessions())
        await wait_until(pilot, lambda: screen.turns.turn > 0)
        assert screen.found is not None
        divergence = screen.found.comparison.pairs[0].divergence
        assert divergence == (screen.sample, screen.turns.turn)
        sample, turn = divergence
        await pilot.press("right", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, InspectScreen))
        inspector = app.screen
        assert isinstance(inspector, InspectScreen)
        assert tuple(inspector.place) == (sample, turn)
        assert inspector.controller.path == Path("bad.jsonl")
        await wait_until(pilot, lambda: "✗ wrong" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert screen.turns.turn == turn


async def test_e_goes_through_the_turns_that_only_one_got_right_and_into_other_samples() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_compare(app, pilot, two_sessions())
        await wait_until(pilot, lambda: screen.turns.turn > 0)
        seen = []
        for _ in range(12):
            await pilot.press("e")
            await pilot.pause()
            row = screen._rows[screen.turns.row]
            assert row.one_right
            seen.append((screen.sample, screen.turns.turn))
        assert seen == sorted(set(seen))
        assert seen[-1][0] > seen[0][0]
        await pilot.press("E")
        assert (screen.sample, screen.turns.turn) == seen[-2]


async def test_a_session_of_the_comparison_opens_on_the_run_screen() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_compare(app, pilot, two_sessions())
        await pilot.press("right", "o")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.runs.controller is not None
        assert app.runs.controller.path == Path("bad.jsonl")
        await app.runs.controller.close()


async def test_a_file_that_cannot_be_read_is_said() -> None:
    paths = [*two_sessions(), Path("gone.jsonl")]
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_compare(app, pilot, paths)
        assert "there is no file gone.jsonl" in screen.problem
        await wait_until(pilot, lambda: "there is no file gone.jsonl" in screen_text(app))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_every_pane_can_be_reached_at_every_size(size: tuple[int, int]) -> None:
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await open_compare(app, pilot, two_sessions())
        seen = ""
        for _ in range(3):
            await pilot.pause()
            seen += screen_text(app)
            await pilot.press("tab")
        for words in ("100%", "B against A", "turn by turn" if size[0] > 60 else "turns"):
            assert words in seen, words


async def test_no_file_can_forge_the_comparison() -> None:
    paths = []
    for letter, text in zip("abcdef", list(HOSTILE.values())[-6:], strict=True):
        controls = Controls(model=f"x/{text[:150]}")
        paths.append(write(Path(f"{letter}\x1b[31m[x].jsonl"), whole_run(named(letter, controls=controls))))
    app = lone_app()
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await open_compare(app, pilot, paths)
        await wait_until(pilot, lambda: "F against A" in screen_text(app))
        assert forbidden(screen_text(app), newlines=True) == []
