"""Keys typed faster than screens open, the palette, and words said in passing."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.widgets import Input

from lhe_tui.tui.dialogs.entry_screen import EntryScreen
from lhe_tui.tui.inspect.search_screen import SearchScreen
from tests.tui.run_screens import scripted_run, watching
from tests.tui.support import lone_app, wait_until


def type_ahead(app: App[int], *keys: str) -> None:
    """All keys at once, before the app has looked at the first."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_keys_typed_ahead_of_a_prompt_reach_the_prompt() -> None:
    async with watching(await scripted_run(turns=500, paused=True)) as watched:
        app = watched.pilot.app
        before = watched.state.controls
        type_ahead(app, "colon", *"inject0.5")
        await watched.until(lambda: isinstance(app.screen, EntryScreen) and app.screen.query(Input))
        await watched.until(lambda: app.screen.query_one(Input).value == "inject0.5")
        assert watched.state.controls == before, "no key threw a switch"


async def test_a_whole_change_can_be_typed_ahead_and_the_keys_after_it_reach_the_run() -> None:
    async with watching(await scripted_run(turns=500, paused=True)) as watched:
        type_ahead(watched.pilot.app, "colon", *"votes=3", "enter", "i")
        await watched.until(lambda: watched.state.controls.votes == 3)
        await watched.until(lambda: watched.state.controls.injection.rate > 0)


async def test_keys_typed_ahead_pass_through_two_screens() -> None:
    async with watching(await scripted_run()) as watched:
        await watched.until_shown("Completed")
        app = watched.pilot.app
        type_ahead(app, "enter", "slash", *"apple")
        await watched.until(lambda: isinstance(app.screen, SearchScreen) and app.screen.query(Input))
        await watched.until(lambda: app.screen.query_one(Input).value == "apple")


async def test_the_palette_opens_once_however_often_its_key_is_pressed() -> None:
    app = lone_app()
    async with app.run_test() as pilot:
        type_ahead(app, "ctrl+p", "ctrl+p", "ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.pause()
        assert len(app.screen_stack) == 2


async def test_words_said_in_passing_go_with_the_next_key_and_hide_no_numbers() -> None:
    async with watching(await scripted_run(), (80, 24)) as watched:
        await watched.until_shown("completed")
        await watched.press("e")
        await watched.until_shown("no wrong turn")
        for words in ("turn acc", "H₀.₈", "tokens", "F1 help"):
            assert words in watched.text
        await watched.press("down")
        await watched.until(lambda: "no wrong turn" not in watched.text)


@pytest.mark.parametrize("key", ["i", "colon", "k", "s", "space", "T"])
async def test_a_key_that_can_change_nothing_any_more_says_why(key: str) -> None:
    async with watching(await scripted_run(turns=2)) as watched:
        await watched.until_shown("Completed")
        await watched.press(key)
        await watched.until_shown("the run is over: f forks it")
