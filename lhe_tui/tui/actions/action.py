"""What an action of the registry is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ScreenName = Literal[
    "app", "setup", "run", "inspect", "arms", "sessions", "compare", "theory", "experiments", "grid"
]
SCREEN_TITLES: Mapping[ScreenName, str] = {
    "run": "Run and replay",
    "inspect": "Inspector",
    "arms": "Arms",
    "setup": "Setup",
    "sessions": "Sessions",
    "compare": "Compare",
    "experiments": "Experiments",
    "grid": "An experiment under way",
    "theory": "Theory",
    "app": "Everywhere",
}


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do on a screen; the screen (or the app) has a method `action_<name>` for it."""

    id: str
    """`screen.name`: what a keymap remaps by."""
    keys: tuple[str, ...]
    """Textual's key names; empty where only the palette offers it."""
    label: str
    """One to three words, for the footer."""
    help: str
    """One sentence, for the palette, the help and the README."""
    group: str
    footer: bool = False
    together: str = ""
    """A word under which the footer shows this action's key beside its neighbours'."""
    shown: str = ""
    """The key that the footer shows, where that is not the first one."""

    @property
    def screen(self) -> ScreenName:
        """Where it works; `app` is everywhere."""
        name = self.id.partition(".")[0]
        return next(screen for screen in SCREEN_TITLES if screen == name)

    @property
    def name(self) -> str:
        """The method's name without `action_`."""
        return self.id.partition(".")[2]
