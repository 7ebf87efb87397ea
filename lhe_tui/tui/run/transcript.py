"""The conversation of the followed sample, one line a turn: virtual, so that 10,000 turns cost no more than forty."""

from __future__ import annotations

import time
from dataclasses import dataclass

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhe_tui.engine.events import Attempt
from lhe_tui.engine.state import RunState
from lhe_tui.record.annotations import note_words
from lhe_tui.task.history import ShownAnswers
from lhe_tui.task.spec import Task
from lhe_tui.text.visible import visible
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.transcript_rows import Row, TranscriptRows
from lhe_tui.tui.run.transcript_tail import Line, change_line, tail_lines
from lhe_tui.tui.run.turn_columns import header_pieces, plan_columns, turn_pieces
from lhe_tui.tui.turn.turn_reason import TurnReasons
from lhe_tui.tui.widgets.guarded import guarded
from lhe_tui.tui.widgets.inks import InkedWidget, Piece

_KEPT_STRIPS = 1024
SILENCE_SAID = 3
"""Seconds of silence in a reply before they are counted on the screen."""


class ColumnTitles(InkedWidget):
    """What stands in each column of the transcript under it."""

    def __init__(self, task: Task, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._planned = task

    def render_line(self, y: int) -> Strip:
        """The one line."""
        width = self.size.width
        # One cell of the transcript's own is taken by its scroll bar.
        return self.inked(header_pieces(plan_columns(self._planned, max(20, width - 1))), width)


class Transcript(ScrollView, InkedWidget, can_focus=False, inherit_bindings=False):
    """Shows one sample; `poll` brings it up to date. Follows the newest turn until a person looks elsewhere."""

    @dataclass
    class TurnSelected(Message):
        """The cursor stands on a turn; None: on the newest, wherever that is."""

        sample: int
        turn: int | None

    class Opened(Message):
        """A turn was clicked twice."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._rows = TranscriptRows(controller.state, controller.followed)
        self._reasons = TurnReasons()
        self._tail: list[Line] = []
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._seen: tuple[object, ...] = ()
        self._pruned: frozenset[int] = frozenset()
        self._drawn: tuple[object, ...] = ()
        self._pruned_key: tuple[object, ...] = ()
        self._waiting: tuple[Attempt | None, float] = (None, 0.0)
        self._quiet: tuple[tuple[int, int] | None, float] = (None, 0.0)
        self.selected: int | None = None
        """The turn under the cursor; None while the newest is followed."""
        self.following = True
        """Whether the view stays at the end."""
        self._fitting = False

    # ---- keeping up

    @guarded
    def poll(self) -> None:
        """Take in what has happened since the last look, and repaint if there was anything."""
        controller = self._controller
        state, sample = controller.state, controller.followed
        wait_left = self._wait_left()
        quiet = self._quiet_for()
        seen = (controller.version, self.size, wait_left, quiet, self.selected)
        if seen == self._seen:
            return
        self._seen = seen
        moved = self._rows.state is not state or self._rows.sample != sample
        if moved:
            self._rows = TranscriptRows(state, sample)
        grown = self._rows.sync()
        self._update_pruned(state)
        columns = plan_columns(state.task, self._width)
        self._tail = tail_lines(state, self._rows, columns, wait_left, bool(controller.error), quiet)
        if moved and self.selected is not None:
            self.select(min(self.selected, max(1, len(self._rows.row_of_turn))))
        self._fit()
        place = (self._rows, self.size, self.selected, self._pruned, self.virtual_size.height, self.scroll_y)
        if grown or place != self._drawn:
            self._drawn = place
            self.refresh()
        else:
            # Only what is being said has changed: the lines above it stand.
            self.refresh_lines(len(self._rows.rows), len(self._tail))

    @property
    def _width(self) -> int:
        return max(20, self.scrollable_content_region.width)

    def _fit(self) -> None:
        height = len(self._rows.rows) + len(self._tail)
        if self.virtual_size.height != height:
            self.virtual_size = Size(0, height)
        if self.following:
            # Only a person's scrolling may stop the following. Forced: the scrollbar may not be there yet.
            self._fitting = True
            end = max(0, height - self.scrollable_content_region.height)
            self.scroll_to(y=end, animate=False, immediate=True, force=True)
            self._fitting = False

    def _wait_left(self) -> float | None:
        state = self._controller.state
        live = state.samples[self._controller.followed - 1].live
        waiting = live.waiting if live else None
        if waiting is None:
            return None
        if self._waiting[0] is not waiting:
            self._waiting = (waiting, time.monotonic())
        return round(max(0.0, waiting.wait - (time.monotonic() - self._waiting[1])))

    def _quiet_for(self) -> int:
        """Whole seconds since anything came of the reply under way; 0 while that is nothing to speak of."""
        live = self._controller.state.samples[self._controller.followed - 1].live
        if live is None or not self._controller.alive or self._controller.replaying:
            self._quiet = (None, 0.0)
            return 0
        came = (id(live), len(live.pieces) + len(live.reasoning))
        if self._quiet[0] != came:
            self._quiet = (came, time.monotonic())
        quiet = int(time.monotonic() - self._quiet[1])
        return quiet if quiet >= SILENCE_SAID else 0

    def _update_pruned(self, state: RunState) -> None:
        source = self._rows.source
        controls = state.controls_at(source.next_turn)
        key = (id(source), len(source.turns), controls)
        if key != self._pruned_key:
            self._pruned_key = key
            active = controls.pruning.active and not state.task.stateless
            self._pruned = frozenset(source.history.pruned_turns(controls)) if active else frozenset()

    def _shown(self) -> ShownAnswers:
        state, source = self._rows.state, self._rows.source
        return source.history.shown(state.controls_at(source.next_turn).injection)

    # ---- drawing

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self._width
        number = round(self.scroll_y) + y
        rows = self._rows.rows
        if number < len(rows):
            return self._row_strip(rows[number], width)
        tail = number - len(rows)
        return self.inked(self._tail[tail] if tail < len(self._tail) else [], width)

    def _row_strip(self, row: Row, width: int) -> Strip:
        selected = row.turn == self.selected and row.kind in ("turn", "reason")
        record = self._rows.source.turns[row.turn - 1]
        shown = self._shown()
        known = row.turn <= len(shown.numbers)
        answer = (shown.numbers[row.turn - 1], shown.provenance[row.turn - 1]) if known else (None, "own")
        pruned = row.turn in self._pruned and row.kind in ("turn", "reason")
        key = (row, id(record), selected, answer, pruned, width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= _KEPT_STRIPS:
                self._strips.clear()
            pieces = self._row_pieces(row, width, selected)
            base = self.ink("cursor" if selected else "plain")
            strip = self._strips[key] = self.inked(pieces, width, base=base, dimmed=pruned)
        return strip

    def _row_pieces(self, row: Row, width: int, selected: bool) -> list[Piece]:
        state, sample = self._rows.state, self._rows.sample
        columns = plan_columns(state.task, width)
        indent = " " * columns.text_start
        if row.kind == "change":
            return change_line(self._rows.change(row), columns)
        if row.kind == "notice":
            return [
                (indent[:-2] + "! ", "injected"),
                (visible(state.notices[row.number].text, limit=400), "injected"),
            ]
        if row.kind == "note":
            words = visible(note_words(state.notes[row.number]), limit=400)
            return [(f"{indent[:-2]}◆ {words}", "change")]
        record = self._rows.source.turns[row.turn - 1]
        if row.kind == "reason":
            return [(indent, "plain"), (self._reasons.of(state, sample, record), "dim")]
        shown = self._shown()
        known = row.turn <= len(shown.numbers)
        return turn_pieces(
            record,
            state.task,
            sample,
            columns,
            (shown.numbers[row.turn - 1], shown.provenance[row.turn - 1]) if known else (None, "own"),
            selected,
            row.turn in self._pruned,
        )

    def notify_style_update(self) -> None:
        """Colours changed: nothing drawn before is of use."""
        super().notify_style_update()
        self._strips.clear()

    # ---- looking around

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling away from the end stops following, scrolling back to it goes on."""
        super().watch_scroll_y(old_value, new_value)
        if not self._fitting and round(new_value) != round(old_value):
            self.following = self.selected is None and round(new_value) >= self.max_scroll_y

    def follow(self) -> None:
        """Go to the newest turn and stay with it."""
        self.selected = None
        self.following = True
        self._fit()
        self.refresh()
        self.post_message(self.TurnSelected(self._rows.sample, None))

    def select(self, turn: int) -> None:
        """Put the cursor on a finished turn and show it."""
        if not 1 <= turn <= len(self._rows.row_of_turn):
            return
        self.selected = turn
        self.following = False
        row = self._rows.row_of_turn[turn - 1]
        height = self.scrollable_content_region.height
        top = round(self.scroll_y)
        if row < top + 1 or row > top + height - 3:
            self.scroll_to(y=max(0, row - height // 2), animate=False)
        self.refresh()
        self.post_message(self.TurnSelected(self._rows.sample, turn))

    def move(self, turns: int) -> None:
        """Move the cursor; past the newest turn it follows again."""
        last = len(self._rows.row_of_turn)
        if not last:
            return
        if self.selected is None:
            if turns < 0:
                self.select(max(1, last + 1 + turns))
            return
        if self.selected + turns > last:
            self.follow()
        else:
            self.select(max(1, self.selected + turns))

    def wrong_turns(self) -> list[int]:
        """The followed sample's turns that are not correct."""
        return self._rows.errors

    def next_error(self) -> int | None:
        """Go to the next turn that is not correct; returns it."""
        return self._go(self._rows.error_after(self.selected or 0))

    def previous_error(self) -> int | None:
        """Go to the turn before that is not correct; returns it."""
        before = self.selected if self.selected is not None else len(self._rows.row_of_turn) + 1
        return self._go(self._rows.error_before(before))

    def _go(self, turn: int | None) -> int | None:
        if turn is not None:
            self.select(turn)
        return turn

    def line_text(self, turn: int) -> str:
        """A turn as it stands on the screen, for the clipboard."""
        index = self._rows.row_of_turn[turn - 1] if 1 <= turn <= len(self._rows.row_of_turn) else None
        if index is None:
            return ""
        rows = [
            row for row in self._rows.rows[index : index + 2] if row.turn == turn and row.kind != "change"
        ]
        return "\n".join(
            "".join(text for text, _ in self._row_pieces(row, 200, False)).rstrip() for row in rows
        )

    @property
    def place(self) -> tuple[int | None, bool]:
        """Where the view stands: the turn under the cursor, and whether the end is followed."""
        return self.selected, self.following

    @property
    def page(self) -> int:
        """Turns that a page holds, about."""
        return max(1, self.scrollable_content_region.height - 2)

    @property
    def finished_turns(self) -> int:
        """The followed sample's finished turns."""
        return len(self._rows.row_of_turn)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on the turn that was hit, a second one opens it."""
        turn = self._rows.turn_at(round(self.scroll_y) + event.y)
        if turn is not None:
            self.select(turn)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_resize(self) -> None:
        """The columns are laid out anew at the next look."""
        self._seen = ()
        self.poll()
