"""Searching a session's messages from the inspector, and copying parts of a turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from textual.widgets import Input

from lhe_tui.engine.events import Event, TurnFinished
from lhe_tui.engine.requests import build_request
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.inspect.message_search import search_messages
from lhe_tui.tui.inspect.search_screen import SearchScreen
from lhe_tui.tui.inspect.turn_texts import turn_texts
from lhe_tui.tui.terminal.clipboard import clipboard_tools, copy_text
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place
from tests.hostile_texts import HOSTILE, HOSTILE_NAMES, forbidden
from tests.sessions import header, turns
from tests.tui.recordings import at_end
from tests.tui.support import lone_app, screen_text, wait_until


def some_events(reply_at_3: str = "<answer>5</answer>", reasoning: str = "") -> list[Event]:
    head = header(samples=2, turns=5)
    events = [head, *turns(head)]
    return [
        TurnFinished(2, 3, 33.0, reply_at_3, reasoning=reasoning)
        if isinstance(event, TurnFinished) and (event.sample, event.turn) == (2, 3)
        else event
        for event in events
    ]


def test_search_finds_replies_reasoning_questions_and_the_system_message() -> None:
    state = at_end(some_events("Needle here", "a needLE too")).state
    found = [(m.sample, m.turn, m.where) for m in search_messages(state, "needle")]
    assert found == [(2, 3, "reply"), (2, 3, "reasoning")]
    key = state.task.keys(1, 2)[0]
    assert (1, 2, "user") in [(m.sample, m.turn, m.where) for m in search_messages(state, key)]
    assert next(search_messages(state, key)).where == "system"
    assert list(search_messages(state, "")) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES[::9])
def test_an_excerpt_of_anything_holds_what_was_found(name: str) -> None:
    state = at_end(some_events(f"İ{HOSTILE[name][:300]} needle", "")).state
    match = next(search_messages(state, "NEEDLE"))
    assert "needle" in match.excerpt


async def test_a_match_is_listed_and_jumped_to_and_marked() -> None:
    controller = at_end(some_events("some needle here"))
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = InspectScreen(controller, Place(1, 1))
        await app.push_screen(screen)
        await wait_until(pilot, lambda: len(screen.shown.view("findings").lines) > 3)
        await pilot.press("slash")
        await wait_until(pilot, lambda: isinstance(app.screen, SearchScreen))
        search = app.screen
        assert isinstance(search, SearchScreen)
        search.query_one(Input).value = "needle"
        await wait_until(pilot, lambda: len(search.matches) == 1 and search.listing.highlighted == 0)
        assert "sample 2 · turn 3" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen and screen.place == (2, 3))
        await wait_until(
            pilot,
            lambda: ("needle", "found") in [p for ln in screen.shown.view("findings").lines for p in ln],
        )
        await pilot.press("escape")
        assert app.screen is screen
        assert screen.shown.query == ""


async def test_hostile_matches_do_not_act() -> None:
    names = [name for name in HOSTILE_NAMES if len(HOSTILE[name]) < 3000]
    everything = "".join(f"needle {HOSTILE[name]}" for name in names)[:200_000]
    controller = at_end(some_events(everything))
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        search = SearchScreen(controller.state, 1, "needle")
        await app.push_screen(search)
        await wait_until(pilot, lambda: search.matches)
        await pilot.pause()
        assert forbidden(screen_text(app), newlines=True) == []
        search.query_one(Input).value = "[/x]"
        await pilot.pause(0.3)
        assert app.is_running


# ---- copy


async def test_json_copies_are_exact_and_texts_are_harmless() -> None:
    state = at_end(some_events("\x1b[31mred <answer>5</answer>")).state
    texts = turn_texts(TurnDetail(state, 2, 4))
    request = json.loads(texts["request as JSON"]())
    sent = build_request(state, 2, 4)
    assert request == [{"role": m.role, "content": m.content} for m in sent]
    assert "\x1b[31m" in "".join(message["content"] for message in request)
    assert forbidden(texts["request as text"](), newlines=True) == []
    whole = json.loads(turn_texts(TurnDetail(state, 2, 3))["whole turn as JSON"]())
    assert whole["reply"].startswith("\x1b[31m")
    assert "sample 2, turn 4" in texts["diagnosis"]()


async def test_a_copy_says_which_road_took_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = lone_app()
    async with app.run_test():
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("DISPLAY", ":9")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        words = await copy_text(app, "some text \ud800")
        assert "OSC 52" in words
        assert "no clipboard tool found" in words
        tool = tmp_path / "xclip"
        tool.write_text(f"#!/bin/sh\n/bin/cat > '{tmp_path}/taken'\n")
        tool.chmod(0o700)
        words = await copy_text(app, "grüße")
        assert words.startswith("copied 5 characters: xclip took it")
        assert (tmp_path / "taken").read_text() == "grüße"
        tool.write_text("#!/bin/sh\nexit 3\n")
        assert "xclip failed with code 3" in await copy_text(app, "x")
        words = await copy_text(app, "x" * 200_000)
        assert words.startswith("not copied: xclip failed")


def test_the_tool_fits_the_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("wl-copy", "xsel", "pbcopy"):
        (tmp_path / name).write_text("")
        os.chmod(tmp_path / name, 0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    def tools(env: dict[str, str], platform: str) -> list[str]:
        return [command[0] for command in clipboard_tools(env, platform)]

    assert tools({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux") == ["wl-copy", "xsel"]
    assert tools({"DISPLAY": ":0", "TMUX": "/tmp/x,1,0"}, "linux") == ["xsel"], "tmux is not installed here"
    assert tools({}, "darwin") == ["pbcopy"]
    assert tools({}, "linux") == []


async def test_a_tool_that_fails_leaves_the_text_to_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, script in (("wl-copy", "exit 1"), ("xsel", f"/bin/cat > {tmp_path}/taken")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        os.chmod(tmp_path / name, 0o700)
    for name, value in (("PATH", str(tmp_path)), ("DISPLAY", ":9"), ("WAYLAND_DISPLAY", "w"), ("TMUX", "")):
        monkeypatch.setenv(name, value)
    app = lone_app()
    async with app.run_test():
        assert (await copy_text(app, "x")).startswith("copied 1 character: xsel took it")
    assert (tmp_path / "taken").read_text() == "x"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="asks a real tmux")
async def test_inside_tmux_its_own_buffer_takes_the_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    socket = tmp_path / "tmux.sock"

    def tmux(*words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(socket), *words], capture_output=True, text=True, check=True
        ).stdout

    monkeypatch.delenv("TMUX", raising=False)
    tmux("-f", "/dev/null", "new-session", "-d", "sleep 60")
    try:
        monkeypatch.setenv("TMUX", f"{socket},1,0")
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)
        app = lone_app()
        async with app.run_test():
            monkeypatch.setattr(app, "copy_to_clipboard", lambda text: pytest.fail("tmux swallows OSC 52"))
            assert await copy_text(app, "grüße") == "copied 5 characters: tmux took it"
        assert tmux("show-buffer") == "grüße"
    finally:
        tmux("kill-server")
