"""One line that tells a stranger what is going on: the task at first, then what the last change of controls did."""

from __future__ import annotations

import time

from textual.widgets import Static

from lhe_tui.charts.run_curves import control_marks
from lhe_tui.engine.overall import Segment, change_between, segments
from lhe_tui.engine.state import RunState
from lhe_tui.text.content import content
from lhe_tui.text.counts import points_words
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.turn.run_words import percent_words
from lhe_tui.tui.widgets.guarded import Guarded, guarded

AGAIN_AFTER = 0.5
"""Seconds between two looks at the whole run, at least."""
_SHARE = 20
"""Such a look takes at most one in so many parts of the time."""


class Caption(Guarded, Static):
    """Brings itself up to date where the run has gone on, or was changed."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._seen: tuple[object, ...] = ()
        self._next = 0.0
        self.words = ""
        """What it says; foreign text."""

    @guarded
    def poll(self) -> None:
        """Say what holds now."""
        controller = self._controller
        state = controller.state
        seen = (id(state), state.finished_turns, len(state.changes), state.status)
        now = time.monotonic()
        if seen == self._seen or (now < self._next and not controller.finished):
            return
        self._seen = seen
        self.words = caption_words(state, steered=not controller.replaying and not controller.finished)
        self._next = now + max(AGAIN_AFTER, _SHARE * (time.monotonic() - now))
        self.update(content(self.words, limit=300), layout=False)


def caption_words(state: RunState, *, steered: bool) -> str:
    """What is asked, or what the last change did; foreign text. `steered`: whether a person can change it now."""
    found = segments(state)
    if len(found) > 1:
        return _change_words(state, *found[-2:])
    task = state.task.variant.summary()
    if steered:
        return f"{task}. Press i to put errors in view, p to prune the history"
    if not found:
        return task
    accuracy = percent_words(found[0].correct, found[0].n, found[0].interval)
    return f"{task}. Turn accuracy {accuracy} over {found[0].last - found[0].first + 1} turns"


def _change_words(state: RunState, before: Segment, after: Segment) -> str:
    changed = next((mark.label for mark in control_marks(state) if mark.x == after.first), "other controls")
    ends = [percent_words(segment.correct, segment.n, None) for segment in (before, after)]
    words = f"turn accuracy {' → '.join(ends)}"
    change = change_between(before, after)
    if change is not None:
        clear = "" if change.interval is None or change.clear else ", no clear change"
        words += f", {points_words(change.mean, change.interval)}{clear}"
    # What was changed comes last: a narrow terminal cuts it.
    return f"{words} since turn {after.first}: {changed}"
