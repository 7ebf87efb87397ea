"""The sessions screen: other people's runs come in with their numbers checked, sessions go out next to their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lhe_tui.record.importing.harness_files import EVAL_NAME
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.dialogs.entry_screen import EntryScreen
from lhe_tui.tui.dialogs.menu_screen import MenuScreen
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.sessions.session_exchange import (
    ExchangeError,
    bring_in,
    complete_path,
    hand_out,
    typed_path,
    why_no_path,
)
from lhe_tui.tui.sessions.sessions_screen import SessionsScreen
from tests.sessions import header, whole_run, write
from tests.tui.support import lone_app, screen_text, wait_until
from tests.tui.test_sessions_screen import SIZE, folder, open_list

__all__ = ["folder"]
RUNS = Path(__file__).parents[2].parent / "shared" / "conformance" / "reference_runs"
needs_runs = pytest.mark.skipif(not RUNS.is_dir(), reason="the reference runs are not here")


async def ask_to_import(app: LheApp, pilot: Pilot[int], path: Path | str) -> SessionsScreen:
    screen = await open_list(app, pilot)
    await pilot.press("i")
    await wait_until(pilot, lambda: isinstance(app.screen, EntryScreen))
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    return screen


@needs_runs
async def test_a_run_is_imported_verified_and_under_the_cursor(folder: Path) -> None:
    write(folder / "other.jsonl", whole_run(header()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await ask_to_import(app, pilot, RUNS / "plain")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        assert f"{EVAL_NAME}: all " in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.listing.rows) == 2 and not screen.reading)
        row = screen.listing.current
        assert row is not None
        assert row.entry.path.name != "other.jsonl"
        assert row.entry.summary is not None
        assert row.entry.summary.origin == "published harness"


@needs_runs
def test_a_run_that_was_imported_before_is_not_written_again(folder: Path) -> None:
    first = bring_in(RUNS / "plain")
    written = first.path.stat().st_mtime_ns
    again = bring_in(RUNS / "plain")
    assert (first.new, again.new, again.path) == (True, False, first.path)
    assert again.path.stat().st_mtime_ns == written


async def test_a_file_that_is_no_run_is_one_sentence(folder: Path) -> None:
    bad = folder.with_name("bad.json")
    bad.write_text("{not json")
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await ask_to_import(app, pilot, bad)
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        assert "bad.json: expected the published harness's" in screen_text(app)
        assert screen.listing.rows == []


async def test_a_path_where_nothing_is_is_said_while_it_can_be_mended(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await ask_to_import(app, pilot, "nowhere.json")
        await wait_until(pilot, lambda: "there is no file or folder nowhere.json" in screen_text(app))
        assert isinstance(app.screen, EntryScreen)


async def test_a_session_is_exported_next_to_its_file_and_the_screen_says_where(folder: Path) -> None:
    write(folder / "one.jsonl", whole_run(header()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, MenuScreen))
        await pilot.press("1")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        assert "written to sessions/one.csv" in screen_text(app)
        assert (folder / "one.csv").read_text().startswith("session")


async def test_a_damaged_session_cannot_be_exported_and_says_why(folder: Path) -> None:
    (folder / "broken.jsonl").write_text("no session\n")
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(app, pilot)
        await pilot.press("x")
        await wait_until(pilot, lambda: "broken.jsonl cannot be exported" in screen_text(app))


def test_no_export_writes_over_a_file(folder: Path) -> None:
    session = write(folder / "one.jsonl", whole_run(header()))
    names = [hand_out(session, to)[0].name for to in ("json", "json", "dataset", "svg", "html", "json")]
    assert names == [
        "one.report.json",
        "one-2.report.json",
        "one.dataset.json",
        "one.svg",
        "one.html",
        "one-3.report.json",
    ]
    assert json.loads((folder / "one-2.report.json").read_text())["format"] == "lhe-report/1"


def test_a_file_that_cannot_be_written_is_named(folder: Path) -> None:
    session = write(folder / ("x" * 249 + ".jsonl"), whole_run(header()))
    with pytest.raises(ExchangeError, match=r"xxx\.report\.json cannot be written: File name too long"):
        hand_out(session, "json")
    assert [path.name for path in folder.iterdir()] == [session.name]


def test_paths_are_taken_as_people_type_them_and_completed() -> None:
    Path("runs").mkdir()
    Path("runs/eval one.json").touch()
    Path("runs/red\x1b[31m").touch()
    Path("runs/.hidden").touch()
    assert complete_path("ru") == ["runs/"]
    assert complete_path("runs/") == ["runs/eval one.json"]
    assert complete_path("nowhere/") == complete_path("~nobody-is-called-so/") == complete_path("\0/") == []
    assert typed_path(" 'runs/eval one.json' ") == Path("runs/eval one.json")
    assert why_no_path("runs") is None
    assert why_no_path("") == "a file or a folder is needed"
    assert "there is no file" in (why_no_path("a\0b") or "")
    assert "cannot be read" in (why_no_path("x" * 5000) or "")
