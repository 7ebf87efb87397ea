"""The footer: as many keys as fit whole, and the way to all of them always at the right end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from lhe_tui.text.content import content

HELP = "app.help"
"""The binding that stays whatever the width."""


class Place(NamedTuple):
    """Where a key stands on the line: its first column, and the one after its last."""

    first: int
    end: int
    key: ActiveBinding


class KeyFooter(Widget, can_focus=False):
    """The screen's keys on one line. One widget: with one for each key, every change of focus was slow."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "KeyFooter { dock: bottom; height: 1; background: $footer-background; }"

    hovered: reactive[str] = reactive("")
    """The key under the mouse, by Textual's name."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []
        """The keys that are shown, from left to right."""

    def on_mount(self) -> None:
        """Keys change with the focus, and with what the screen offers."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[Any]) -> None:
        if self.app.app_focus and self.is_attached and screen is self.screen:
            self.refresh()

    def render(self) -> Content:
        """The line; where each key stands is kept for the mouse."""
        # One key for each action: an action may have several, and help has its own place.
        by_action = {key.binding.action: key for key in reversed(self.screen.active_bindings.values())}
        shown = [key for key in reversed(by_action.values()) if key.binding.show]
        pinned = [key for key in shown if key.binding.id == HELP]
        help_words = Content("").join(self._words(key, key.binding.description) for key in pinned)
        start = self.size.width - 1 - help_words.cell_length
        places, line = list[Place](), Content("")
        for keys, label in _parts([key for key in shown if key not in pinned]):
            part, here = line, list[Place]()
            for key in keys:
                first = part.cell_length
                part += self._words(key, "" if label else key.binding.description)
                here.append(Place(first, part.cell_length, key))
            part += content(f" {label}", "$footer-description-foreground") if label else ""
            if part.cell_length >= start:
                break
            places += here
            line = part + " "
        self.places = places + [Place(start, self.size.width - 1, key) for key in pinned]
        return line.pad_right(start - line.cell_length) + help_words if pinned else line

    def _words(self, key: ActiveBinding, description: str) -> Content:
        shown = content(self.app.get_key_display(key.binding), "bold $footer-key-foreground")
        words = shown + content(f" {description}", "$footer-description-foreground") if description else shown
        if not key.enabled:
            return words.stylize("dim")
        return words.stylize("on $block-hover-background") if key.binding.key == self.hovered else words

    def _at(self, event: events.MouseEvent) -> ActiveBinding | None:
        return next((key for first, end, key in self.places if first <= event.x < end), None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click is the key."""
        key = self._at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.binding.key)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The key under the mouse lights up and says what it does."""
        key = self._at(event)
        self.hovered = key.binding.key if key is not None else ""
        self.tooltip = content(key.tooltip) if key is not None and key.tooltip else None

    def on_leave(self) -> None:
        """No key is under the mouse."""
        self.hovered = ""


def _parts(keys: Sequence[ActiveBinding]) -> Iterator[tuple[list[ActiveBinding], str]]:
    """Keys that stand together with the label that they share; a key alone has none."""
    for group, grouped in groupby(keys, lambda key: key.binding.group):
        together = list(grouped)
        if group is not None and len(together) > 1:
            yield together, group.description
        else:
            yield from (([key], "") for key in together)
