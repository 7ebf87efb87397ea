"""The registry of actions: what bindings, footer, palette, help and README are read off."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest
from textual.keys import _character_to_key

from lhe_tui.tui.actions.registry import (
    ACTIONS,
    SCREEN_TITLES,
    Action,
    actions_for,
    bindings_for,
    key_table,
    shown_key,
)
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.run.run_screen import LIVE_ONLY, REPLAY_ONLY
from tests.each import each

ROOT = Path(__file__).parents[2]


def owner(screen: str) -> type:
    if screen == "app":
        return LheApp
    (path,) = (ROOT / "lhe_tui" / "tui").rglob(f"{screen}_screen.py")
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return cast(type, getattr(import_module(module), f"{screen.title()}Screen"))


# Keys that terminals, multiplexers or editors' terminals keep for themselves.
EATEN = {"ctrl+enter", "ctrl+s", "ctrl+z", "ctrl+q+q", "ctrl+b", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h"}


@each("action", ACTIONS)
def test_every_action_has_a_method_on_its_screen(action: Action) -> None:
    assert callable(getattr(owner(action.screen), f"action_{action.method}", None))


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []


@pytest.mark.parametrize("screen", list(SCREEN_TITLES))
def test_no_key_does_two_things_on_one_screen(screen: str) -> None:
    here = [action for name in {screen, "app"} for action in ACTIONS if action.screen == name]
    live = [action for action in here if action.method not in REPLAY_ONLY]
    replay = [action for action in here if action.method not in LIVE_ONLY]
    for shown in (live, replay):
        keys = Counter(key for action in shown for key in action.keys)
        assert [key for key, count in keys.items() if count > 1] == []


@each("action", ACTIONS)
def test_keys_are_such_as_a_terminal_sends(action: Action) -> None:
    for key in action.keys:
        # Where a terminal takes ctrl+z for itself, it suspends as well.
        assert key not in EATEN or action.id == "app.suspend"
        assert len(key) > 1 or _character_to_key(key) == key


@each("action", ACTIONS)
def test_every_action_says_what_it_does_in_a_sentence(action: Action) -> None:
    assert action.help.endswith(".")
    assert action.help[0].isupper()
    assert 0 < len(action.label) <= 20
    assert "|" not in action.help


def test_bindings_carry_the_ids_that_a_keymap_remaps_by() -> None:
    for screen in SCREEN_TITLES:
        bound = [binding.id for binding in bindings_for(screen) if not isinstance(binding, tuple)]
        assert bound == [action.id for action in actions_for(screen) if action.keys]


def test_the_key_table_names_every_action_and_every_key() -> None:
    table = key_table()
    for action in ACTIONS:
        line = next(line for line in table.splitlines() if f"`{action.id}`" in line)
        assert action.help in line
        for key in action.keys:
            assert f"`{shown_key(key)}`" in line
