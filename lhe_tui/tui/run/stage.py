"""The run screen for a room: one pane that fills it, or the chart under a number that is read from the last row."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Digits, Static

from lhe_tui.engine.state import RunState
from lhe_tui.text.content import content
from lhe_tui.tui.run.control_words import switches
from lhe_tui.tui.turn.run_words import percent_words, recent_turn_accuracy

RECENT = 10
"""Turns that the number is taken over."""


class Headline(Horizontal):
    """Turn accuracy now, large; beside it what is going on and which switches are on. Shown to a room only."""

    def compose(self) -> ComposeResult:
        """The number, and two lines."""
        yield Digits("–", id="big-number")
        yield Static(id="big-words")

    def show(self, state: RunState, caption: str) -> None:
        """Bring both up to date; the caption may be foreign text."""
        correct, n, interval = recent_turn_accuracy(state, RECENT)
        self.query_one(Digits).update(f"{100 * correct / n:.0f}" if n else "–")
        on = [switch.words for switch in switches(state) if switch.on]
        accuracy = f"turn accuracy {percent_words(correct, n, interval)} over the last {RECENT} turns"
        lines = [accuracy, caption, " · ".join([*on, "P shows all panes again"])]
        self.query_one("#big-words", Static).update(content("\n".join(lines), multiline=True, limit=600))
