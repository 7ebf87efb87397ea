"""Samples × turns: wrong is loud, correct is quiet; under a chart over turns, in the chart's columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from textual import events
from textual.message import Message
from textual.strip import Strip

from lhe_tui.charts.turn_axis import TurnColumns, columns_of_turn, last_turn_shown, turns_of_column
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.heat_levels import CORRECT, FAILED, FORMAT, PENDING, WRONG, Cell, HeatLevels
from lhe_tui.tui.widgets.guarded import guarded
from lhe_tui.tui.widgets.inks import Ink, InkedWidget, Piece

_INKS: tuple[Ink, ...] = ("dim", "dim", "calm", "wrong", "odd", "failed")
_SIGNS = " –·█!×"
"""The sign of each level: told apart without colour."""
_SHADES = "░▒▓█"
"""Shares of a cell's turns that are not correct: up to a quarter, a half, three quarters, all."""
_HALVES = {(False, True): "▄", (True, False): "▀", (True, True): "█"}


class HeatStrip(InkedWidget):
    """The grid of outcomes. `poll` brings it up to date; a click picks a sample and a turn."""

    @dataclass
    class Picked(Message):
        """A cell was clicked: the sample, and the first turn of the cell; `opened` where it was clicked twice."""

        sample: int
        turn: int
        opened: bool

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._levels = HeatLevels(controller.state)
        self._seen: tuple[object, ...] = ()
        self._top = 0
        self._followed = 0
        self._chart: Callable[[], TurnColumns | None] = lambda: None
        self._columns: TurnColumns | None = None

    def share_axis(self, chart: Callable[[], TurnColumns | None]) -> None:
        """Stand in the columns of a chart; it gives None while it shows no turns, and this brings its own ruler."""
        self._chart = chart

    # ---- what stands where

    @property
    def label_width(self) -> int:
        """Cells that the sample's number and the mark of the followed one need."""
        return len(str(len(self._levels.rows))) + 2

    @property
    def columns(self) -> TurnColumns:
        """Where the turns stand: as in the chart, else over the whole width."""
        if self._columns is not None:
            return self._columns
        state, left = self._levels.state, self.label_width
        last = last_turn_shown(state.spec.turns, state.built_turns)
        return TurnColumns(left, max(1, self.size.width - left), last)

    @property
    def per_line(self) -> int:
        """Samples on one line: two where they do not all fit one by one."""
        return 1 if len(self._levels.rows) <= self._lines else 2

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - self._ruler_lines)

    @property
    def _ruler_lines(self) -> int:
        return int(self._columns is None)

    @property
    def _shared(self) -> bool:
        """Whether a cell holds several turns."""
        return self.columns.last > self.columns.width

    @property
    def title(self) -> str:
        """What the strip shows, for its pane's title."""
        title = "samples × turns"
        samples, shown = len(self._levels.rows), self._lines * self.per_line
        if self.size.height and shown < samples:
            first = self._top * self.per_line
            title += f" · {first + 1}–{min(samples, first + shown)} of {samples}"
        return title

    @property
    def legend(self) -> str:
        """What the signs mean."""
        if self._shared:
            return f"· all correct  {_SHADES} share not correct  × no reply"
        return (
            "· correct  █ wrong  × no reply"
            if self.per_line > 1
            else "· correct  █ wrong  ! no number  × no reply"
        )

    # ---- keeping up

    @guarded
    def poll(self) -> None:
        """Take in what has happened since the last look."""
        controller = self._controller
        state = controller.state
        if state is not self._levels.state:
            self._levels = HeatLevels(state)
        columns = self._chart()
        seen = (
            id(state),
            sum(state.outcomes.values()),
            len(state.changes),
            controller.followed,
            self.size,
            state.retries,
            columns,
            state.built_turns,
        )
        if seen == self._seen:
            return
        self._seen = seen
        self._columns = columns
        self._levels.sync()
        if controller.followed != self._followed:
            self._followed = controller.followed
            self._show_followed()
        self._bound_top()
        self.refresh()

    def _show_followed(self) -> None:
        line = (self._followed - 1) // self.per_line
        self._top = min(max(self._top, line - self._lines + 1), line)
        self._bound_top()

    def _bound_top(self) -> None:
        lines = -(-len(self._levels.rows) // self.per_line)
        self._top = max(0, min(self._top, lines - self._lines))

    # ---- drawing

    def render_line(self, y: int) -> Strip:
        """The ruler where no chart has one, then the samples."""
        width = self.size.width
        if y < self._ruler_lines:
            return self.inked(self._ruler(), width)
        samples = self._samples_at(y)
        if not samples:
            return self.inked([], width)
        left, room, last = self.columns
        followed = self._followed in samples
        label = f"{self._followed if followed else samples[0]:>{left - 2}}"
        pieces: list[Piece] = [(label, "strong" if followed else "dim"), ("▸ " if followed else "  ", "live")]
        levels = self._levels
        if len(samples) == 1 or self._shared:
            signs = [self._sign(cell) for cell in levels.cells(samples, last, room)]
        else:
            rows = (levels.cells(range(sample, sample + 1), last, room) for sample in samples)
            signs = [_half_blocks(upper, lower) for upper, lower in zip(*rows, strict=True)]
        for ink, run in groupby(signs, key=lambda sign: sign[1]):
            pieces.append(("".join(sign for sign, _ in run), ink))
        return self.inked(pieces, width)

    def _samples_at(self, y: int) -> range:
        first = (self._top + y - self._ruler_lines) * self.per_line + 1
        return range(first, min(first + self.per_line, len(self._levels.rows) + 1))

    def _sign(self, cell: Cell) -> tuple[str, Ink]:
        if self._shared and cell.share > 0:
            return _SHADES[min(3, int(cell.share * 4))], "wrong"
        return _SIGNS[cell.level], _INKS[cell.level]

    def _ruler(self) -> list[Piece]:
        """Turn numbers over their cells, and a mark where controls changed."""
        left, room, last = self.columns
        line = [" "] * room
        for change in self._levels.state.changes:
            if change.turn <= last:
                line[_column(change.turn, last, room)] = "┆"
        step = next(step for step in _nice_steps() if step * room >= 10 * last or step >= last)
        for turn in [1, *range(step, last + 1, step)]:
            at, text = _column(turn, last, room), str(turn)
            if at + len(text) <= room and set(line[max(0, at - 1) : at + len(text) + 1]) == {" "}:
                line[at : at + len(text)] = text
        pieces: list[Piece] = [(" " * left, "plain")]
        for mark, run in groupby(line, key=lambda sign: sign == "┆"):
            pieces.append(("".join(run), "change" if mark else "dim"))
        return pieces

    # ---- the mouse

    def on_click(self, event: events.Click) -> None:
        """Pick the sample, and the turn, that was hit."""
        samples = self._samples_at(event.y)
        left, room, last = self.columns
        if event.y < self._ruler_lines or not samples:
            return
        column = min(max(0, event.x - left), room - 1)
        self.post_message(
            self.Picked(samples[0], turns_of_column(column, last, room).start, event.chain == 2)
        )

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """More samples."""
        event.stop()
        self._scroll(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Earlier samples."""
        event.stop()
        self._scroll(-2)

    def _scroll(self, lines: int) -> None:
        self._top += lines
        self._bound_top()
        self.refresh()

    def on_resize(self) -> None:
        """The followed sample stays in view."""
        self._show_followed()
        self.poll()


def _half_blocks(upper: Cell, lower: Cell) -> tuple[str, Ink]:
    """Two samples in one cell: the upper half and the lower one."""
    if FAILED in (upper.level, lower.level):
        return "×", _INKS[FAILED]
    wrong = tuple(cell.level in (WRONG, FORMAT) for cell in (upper, lower))
    if wrong in _HALVES:
        return _HALVES[wrong[0], wrong[1]], _INKS[WRONG]
    level = CORRECT if CORRECT in (upper.level, lower.level) else PENDING
    return _SIGNS[level], _INKS[level]


def _column(turn: int, last: int, width: int) -> int:
    """The first column of a turn, also where turns share it."""
    return min(width - 1, columns_of_turn(turn, last, width).start)


def _nice_steps() -> list[int]:
    return [digit * 10**power for power in range(8) for digit in (1, 2, 5)]
