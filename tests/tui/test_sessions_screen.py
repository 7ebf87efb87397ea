"""The session list: read in the background, arranged as a tree, honest about damage, safe to delete from."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lhe_tui.engine.events import Parent, RunFinished
from lhe_tui.record.annotations import annotate
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.record.session_index import SessionIndex
from lhe_tui.task.controls import Controls
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.sessions.session_rows import arrange, sparkline
from lhe_tui.tui.sessions.sessions_screen import SessionsScreen
from lhe_tui.tui.setup.setup_screen import SetupScreen
from tests.hostile_texts import ONE_OF_EACH, forbidden
from tests.sessions import header, turns, whole_run, write
from tests.tui.support import lone_app, screen_text, wait_until

SIZE = (120, 40)


@pytest.fixture
def folder() -> Path:
    place = Path("sessions")
    place.mkdir()
    return place


def write_family(folder: Path) -> None:
    root = replace(header(), session="aaaaaaaaaaaa")
    fork = replace(
        header(), session="bbbbbbbbbbbb", parent=Parent("aaaaaaaaaaaa", "root.jsonl", 1, 3, "healed")
    )
    write(folder / "root.jsonl", whole_run(root))
    write(folder / "fork.jsonl", whole_run(fork))
    write(folder / "half.jsonl", [replace(header(), session="cccccccccccc"), *turns(header())[:3]])
    (folder / "broken.jsonl").write_text("no session\n")
    (folder / "notes.txt").write_text("no session either")


async def open_list(app: LheApp, pilot: Pilot[int]) -> SessionsScreen:
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(app.screen, SessionsScreen))
    screen = app.screen
    assert isinstance(screen, SessionsScreen)
    await wait_until(pilot, lambda: not screen.reading)
    return screen


def put_cursor_on(screen: SessionsScreen, name: str) -> None:
    at = next(i for i, row in enumerate(screen.listing.rows) if row.entry.path.name == name)
    screen.listing.action_move(at - screen.listing.cursor)


async def test_an_empty_list_says_what_to_do() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await wait_until(pilot, lambda: "No session yet." in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_a_session_that_lost_turns_is_listed_as_incomplete_and_can_be_resumed(folder: Path) -> None:
    events = [event for event in whole_run(header()) if getattr(event, "sample", 0) != 2]
    write(folder / "lost.jsonl", events)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        assert "✗ incomplete" in screen_text(app)
        assert screen.listing.rows[0].entry.resumable


async def test_every_file_has_its_line_and_a_fork_hangs_under_what_it_left(folder: Path) -> None:
    write_family(folder)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        rows = {row.entry.path.name: row for row in screen.listing.rows}
        assert set(rows) == {"root.jsonl", "fork.jsonl", "half.jsonl", "broken.jsonl"}
        assert rows["fork.jsonl"].branch == "└ "
        names = [row.entry.path.name for row in screen.listing.rows]
        assert names.index("fork.jsonl") == names.index("root.jsonl") + 1
        shown = screen_text(app)
        for words in ("sim/large simulated", "✓ complete", "… unfinished", "✗ damaged", "5×2"):
            assert words in shown


async def test_a_damaged_file_says_why(folder: Path) -> None:
    write_family(folder)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        put_cursor_on(screen, "broken.jsonl")
        await wait_until(pilot, lambda: "✗ sessions/broken.jsonl is no session" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))


async def test_search_narrows_and_escape_clears_it_before_it_leaves(folder: Path) -> None:
    write_family(folder)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        await pilot.press("slash", *"half")
        await wait_until(pilot, lambda: len(screen.listing.rows) == 1)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.listing.rows) == 4)
        assert screen.query_one("#session-search", Input).value == ""
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_delete_asks_and_keeps_the_file_where_the_answer_is_no(folder: Path) -> None:
    write_family(folder)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        put_cursor_on(screen, "half.jsonl")
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("n")
        await wait_until(pilot, lambda: app.screen is screen)
        assert (folder / "half.jsonl").exists()
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: len(screen.listing.rows) == 3)
        assert not (folder / "half.jsonl").exists()


@pytest.fixture
def shipped(stories: Path) -> Path:
    stories.mkdir()
    write(stories / "story.jsonl", whole_run(header()))
    return stories / "story.jsonl"


def content_of(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("key", ["d", "t", "g", "n"])
async def test_no_key_changes_a_session_that_ships(shipped: Path, key: str) -> None:
    before = content_of(shipped)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        put_cursor_on(screen, "story.jsonl")
        await pilot.press(key)
        await wait_until(pilot, lambda: "ships with lhe-tui" in screen_text(app))
        assert isinstance(app.screen, TextScreen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
    assert content_of(shipped) == before


async def test_enter_replays_on_the_run_screen(folder: Path) -> None:
    write(folder / "one.jsonl", whole_run(header()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.runs.controller is not None
        assert app.runs.controller.replaying
        await app.runs.controller.close()


async def test_an_unfinished_session_goes_on_where_it_stood(folder: Path) -> None:
    head = header()
    path = write(folder / "half.jsonl", [head, *turns(head)[:3]])
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("r")
        await wait_until(pilot, lambda: app.runs.controller is not None and app.runs.controller.finished)
        assert app.runs.controller is not None
        assert app.runs.controller.path == path
        assert app.runs.controller.state.finished_turns == 10
        await app.runs.controller.close()


async def test_a_complete_session_cannot_be_gone_on_with(folder: Path) -> None:
    write(folder / "whole.jsonl", whole_run(header()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("r")
        await wait_until(pilot, lambda: "whole.jsonl is complete" in screen_text(app))


async def test_what_could_not_be_read_of_a_session_is_told_when_it_opens(folder: Path) -> None:
    path = write(folder / "torn.jsonl", whole_run(header()))
    path.write_bytes(path.read_bytes()[:-20])
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "the last line was cut off" in screen_text(app))
        assert app.runs.controller is not None
        await app.runs.controller.close()


async def test_no_file_can_forge_the_list(folder: Path) -> None:
    for index, text in enumerate(ONE_OF_EACH.values()):
        head = replace(
            header(controls=Controls(model=f"x/{text[:200]}")),
            session=f"{index:012x}",
            created=text[:40],
            parent=Parent("f" * 12, text[:50], 1, 1, text[:200]),
            origin=text[:50] or "x",
        )
        write(folder / f"{index}.jsonl", [head, RunFinished("stopped", 1.0)])
    (folder / "red\x1b[31m\u202e.jsonl").write_text("x")
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        assert len(screen.listing.rows) == len(ONE_OF_EACH) + 1
        for _ in screen.listing.rows:
            screen.listing.action_move(1)
            await pilot.pause()
            assert forbidden(screen_text(app), newlines=True) == []


def test_sessions_that_name_each_other_as_parents_are_all_listed(folder: Path) -> None:
    one, two = "a" * 12, "b" * 12
    write(folder / "1.jsonl", [replace(header(), session=one, parent=Parent(two, "", 1, 1))])
    write(folder / "2.jsonl", [replace(header(), session=two, parent=Parent(one, "", 1, 1))])
    rows = arrange(SessionIndex([folder]).entries())
    assert sorted(row.entry.path.name for row in rows) == ["1.jsonl", "2.jsonl"]


def test_a_sparkline_runs_from_empty_to_full_within_its_width() -> None:
    assert sparkline((1.0, 0.5, 0.0), 8) == "█▅▁"
    assert len(sparkline(tuple(i / 99 for i in range(100)), 10)) == 10
    assert sparkline((), 8) == ""


def write_arms(folder: Path) -> None:
    write(folder / "root.jsonl", whole_run(replace(header(), session="aaaaaaaaaaaa")))
    for number, name in enumerate(("as is", "healed", "window 1")):
        parent = Parent("aaaaaaaaaaaa", "root.jsonl", 1, 3, name)
        write(
            folder / f"arm-{number}.jsonl",
            whole_run(replace(header(), session=f"{number:012}", parent=parent)),
        )


async def test_arms_are_folded_under_their_parent_until_f_shows_them(folder: Path) -> None:
    write_arms(folder)
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        assert [row.entry.path.name for row in screen.listing.rows] == ["root.jsonl"]
        assert "+3 forks" in screen_text(app)
        await pilot.press("f")
        await wait_until(pilot, lambda: "window 1" in screen_text(app))
        assert len(screen.listing.rows) == 4
        await pilot.press("f")
        await wait_until(pilot, lambda: len(screen.listing.rows) == 1)
        await pilot.press("slash", *"healed")
        await wait_until(pilot, lambda: [r.entry.path.name for r in screen.listing.rows] == ["arm-1.jsonl"])


def write_story(stories: Path) -> None:
    stories.mkdir()
    annotate(write(stories / "old.jsonl", whole_run(header())), ["The cure"], "title")
    os.utime(stories / "old.jsonl", (1, 1))


async def test_stories_stand_on_top_with_their_titles(folder: Path, stories: Path) -> None:
    write_story(stories)
    write(folder / "new.jsonl", whole_run(replace(header(), session="bbbbbbbbbbbb")))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)
        assert [row.entry.path.name for row in screen.listing.rows] == ["old.jsonl", "new.jsonl"]
        assert "★ The cure simulated · sim/large" in screen_text(app)


async def test_title_tags_and_notes_are_written_by_a_key(folder: Path) -> None:
    path = write(folder / "one.jsonl", whole_run(header()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_list(app, pilot)

        def written() -> tuple[str, tuple[str, ...], str]:
            summary = screen.listing.rows[0].entry.summary
            assert summary is not None
            return summary.title, summary.tags, summary.notes

        await pilot.press("t", *"Mine", "enter")
        await wait_until(pilot, lambda: written() == ("Mine", (), ""))
        await pilot.press("g", *"keep", "space", *"odd", "enter")
        await wait_until(pilot, lambda: written() == ("Mine", ("keep", "odd"), ""))
        await pilot.press("g", "ctrl+u", *"odd", "enter")
        await wait_until(pilot, lambda: written() == ("Mine", ("odd",), ""))
        await pilot.press("n", *"look", "enter")
        await wait_until(pilot, lambda: written() == ("Mine", ("odd",), "look"))
        await wait_until(pilot, lambda: "Mine simulated · sim/large · #odd" in screen_text(app))
        with SessionWriter.append(path):
            await pilot.press("t", *"x", "enter")
            await wait_until(pilot, lambda: "another process is writing" in screen_text(app))
