"""The one registry of actions, read from `actions.txt`: bindings, footer, palette, help and key tables come from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from textual.binding import Binding, BindingType

ScreenName = Literal[
    "run", "inspect", "arms", "setup", "sessions", "compare", "experiments", "experiment", "theory", "app"
]
SCREEN_TITLES: Mapping[ScreenName, str] = {
    "run": "Run and replay",
    "inspect": "Inspector",
    "arms": "Arms",
    "setup": "Setup",
    "sessions": "Sessions",
    "compare": "Compare",
    "experiments": "Experiments",
    "experiment": "One experiment",
    "theory": "Theory",
    "app": "Everywhere",
}
_KEY_NAMES = {
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "!": "exclamation_mark",
    "?": "question_mark",
    ":": "colon",
    "=": "equals_sign",
    "/": "slash",
    "+": "plus",
    "-": "minus",
    ".": "full_stop",
    ",": "comma",
    "<": "less_than_sign",
    ">": "greater_than_sign",
}
"""Textual's names of the keys that `actions.txt` writes as they are printed."""
_SHOWN_KEYS = {name: sign for sign, name in _KEY_NAMES.items()} | {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "page up",
    "pagedown": "page down",
    "escape": "esc",
}
# Keys that must work while a field has the focus.
_PRIORITY = frozenset({"app.interrupt"})


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do on a screen (or, under `app`, everywhere)."""

    id: str
    """`screen.name`: what a keymap remaps by."""
    keys: tuple[str, ...]
    """Textual's key names; empty where only the palette offers it."""
    label: str
    """One to three words, for the footer."""
    group: str
    footer: bool
    together: str
    """A word under which the footer shows this action's key beside its neighbours'."""
    shown: str
    """The key that the footer shows, where that is not the first one."""
    call: str
    """Textual's action string: the method's name without `action_`, with its parameters."""
    help: str
    """One sentence, for the palette, the help and the key tables."""

    @property
    def screen(self) -> ScreenName:
        """Where it works; `app` is everywhere."""
        name = self.id.partition(".")[0]
        return next(screen for screen in SCREEN_TITLES if screen == name)

    @property
    def method(self) -> str:
        """The method's name without `action_`."""
        return self.call.partition("(")[0]


def _read(text: str) -> Iterator[Action]:
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        id_, keys, label, group, footer, call, help_ = (cell.strip() for cell in line.split(" | ", 6))
        together, _, shown = footer.removeprefix("yes").removeprefix("with ").partition(", as ")
        names = tuple(_KEY_NAMES.get(key, key) for key in keys.split())
        call = call or id_.partition(".")[2]
        yield Action(id_, names, label, group, bool(footer), together, shown, call, help_)


ACTIONS: tuple[Action, ...] = tuple(
    _read(files("lhe_tui.tui.actions").joinpath("actions.txt").read_text(encoding="utf-8"))
)


def actions_for(screen: ScreenName) -> list[Action]:
    """The actions of one screen, in the registry's order."""
    return [entry for entry in ACTIONS if entry.screen == screen]


def bindings_for(screen: ScreenName) -> list[BindingType]:
    """The bindings of one screen, their ids the actions' ids, so that a keymap remaps them."""
    return [
        Binding(
            ",".join(entry.keys),
            entry.call,
            entry.label,
            show=entry.footer,
            key_display=entry.shown or shown_key(entry.keys[0]),
            priority=entry.id in _PRIORITY,
            tooltip=entry.help,
            group=Binding.Group(entry.together, compact=True) if entry.together else None,
            id=entry.id,
        )
        for entry in actions_for(screen)
        if entry.keys
    ]


def shown_key(key: str) -> str:
    """A key as people read it: `[`, `space`, `ctrl+r`, `F5`, `S`."""
    key = key.strip()
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN_KEYS.get(key, key)


def shown_keys(entry: Action, keymap: Mapping[str, str] | None = None) -> str:
    """All keys of an action as people read them, remapped where the keymap says so."""
    keys = (keymap or {}).get(entry.id, ",".join(entry.keys)).split(",")
    return " ".join(shown_key(key) for key in keys if key.strip())


def key_table() -> str:
    """Every action as Markdown tables, one per screen."""
    lines: list[str] = []
    for screen, title in SCREEN_TITLES.items():
        lines += [f"**{title}**", "", "| key | does | id |", "|---|---|---|"]
        for entry in actions_for(screen):
            keys = " ".join(f"`{shown_key(key)}`" for key in entry.keys) or "palette"
            lines.append(f"| {keys} | {entry.help} | `{entry.id}` |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
