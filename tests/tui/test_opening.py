"""Opening a session: what takes its time says so at once, and can be given up."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.geometry import Size

from lhe_tui.launch.settings import Config
from lhe_tui.record import read
from lhe_tui.record.errors import SessionError
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.dialogs.wait_screen import WaitScreen
from lhe_tui.tui.run.run_panes import RunPanes
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.widgets.base_screen import _call_if_there
from tests.tui.support import no_sources, screen_text, wait_until

DEMO = Path(__file__).parents[2] / "sessions" / "self-conditioning-and-cure.jsonl"


class SlowDisk:
    """Reading a session takes until `go`; it fails where `fault` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.fault = ""
        self._read = read.read_session

    def read_session(self, path: Path) -> Any:
        self.go.wait()
        if self.fault:
            raise SessionError(self.fault)
        return self._read(path)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk()
    monkeypatch.setattr(read, "read_session", slow.read_session)
    shutil.copy(DEMO, "[b]demo.jsonl")
    yield slow
    slow.go.set()


def opening() -> LheApp:
    return LheApp(replay=Path("[b]demo.jsonl"), config=Config(), sources=no_sources())


async def test_a_session_that_takes_long_says_that_it_is_being_opened(disk: SlowDisk) -> None:
    app = opening()
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "opening [b]demo.jsonl …" in screen_text(app))
        disk.go.set()
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert not any(isinstance(screen, WaitScreen) for screen in app.screen_stack)


def gone(*_arguments: object, **_options: object) -> None:
    raise AssertionError("widgets go before their screen does, and were asked for something")


async def test_a_new_size_that_comes_while_the_app_ends_does_nothing(
    disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.go.set()
    app = opening()
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        with monkeypatch.context() as ending:
            ending.setattr(app, "_running", False)
            ending.setattr(RunPanes, "share_height", gone)
            await app.screen.on_event(events.Resize(Size(80, 24), Size(80, 24)))
            await _call_if_there(lambda: app.screen.query_one("#gone"), app.screen)


async def test_waiting_can_be_given_up(disk: SlowDisk) -> None:
    app = opening()
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, WaitScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))
        disk.go.set()
        await wait_until(pilot, lambda: not app.workers._workers, "nothing is under way")
        assert app.runs.controller is None


async def test_what_cannot_be_opened_says_why_in_place_of_the_waiting(disk: SlowDisk) -> None:
    app = opening()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, WaitScreen))
        disk.fault = "the disk has gone"
        disk.go.set()
        await wait_until(pilot, lambda: "the disk has gone" in screen_text(app))
        assert not any(isinstance(screen, WaitScreen) for screen in app.screen_stack)
