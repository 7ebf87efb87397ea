"""Samples × turns: one row a sample, one sign a turn; shows at a glance which samples failed where."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from textual import events
from textual.message import Message
from textual.strip import Strip

from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.heat_levels import SIGNS, HeatLevels, turns_per_cell
from lhe_tui.tui.widgets.guarded import guarded
from lhe_tui.tui.widgets.inks import Ink, InkedWidget, Piece

_INKS: tuple[Ink, ...] = ("dim", "calm", "wrong", "odd", "failed")
LEGEND = "■ correct  □ wrong  ! no number  × no reply"


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

    @property
    def label_width(self) -> int:
        """Cells before the first turn: the sample's number and the mark of the followed one."""
        return len(str(len(self._levels.rows))) + 2

    @property
    def per_cell(self) -> int:
        """Turns in one cell."""
        return turns_per_cell(self._levels.state.spec.turns, self.size.width - self.label_width)

    @property
    def title(self) -> str:
        """What the strip shows, for its pane's title."""
        per_cell = self.per_cell if self.size.width else 1
        title = "samples × turns"
        if per_cell > 1:
            title += f" · a cell is the worst of {per_cell} turns"
        samples, room = len(self._levels.rows), self.size.height - 1
        if 0 < room < samples:
            title += f" · {self._top + 1}–{min(samples, self._top + room)} of {samples}"
        return title

    @guarded
    def poll(self) -> None:
        """Take in what has happened since the last look."""
        controller = self._controller
        state = controller.state
        if state is not self._levels.state:
            self._levels = HeatLevels(state)
        seen = (
            id(state),
            sum(state.outcomes.values()),
            len(state.changes),
            controller.followed,
            self.size,
            state.retries,
        )
        if seen == self._seen:
            return
        self._seen = seen
        self._levels.sync()
        if controller.followed != self._followed:
            self._followed = controller.followed
            self._show_followed()
        self.refresh()

    def _show_followed(self) -> None:
        room = max(1, self.size.height - 1)
        row = self._followed - 1
        self._top = min(max(self._top, row - room + 1), row)
        self._bound_top()

    def _bound_top(self) -> None:
        room = max(1, self.size.height - 1)
        self._top = max(0, min(self._top, len(self._levels.rows) - room))

    def render_line(self, y: int) -> Strip:
        """The ruler, then one row a sample."""
        width = self.size.width
        if y == 0:
            return self.inked(self._ruler(width), width)
        sample = self._top + y
        if sample > len(self._levels.rows):
            return self.inked([], width)
        followed = sample == self._followed
        label = f"{sample:>{self.label_width - 2}}"
        pieces: list[Piece] = [(label, "strong" if followed else "dim"), ("▸ " if followed else "  ", "live")]
        for level, run in groupby(self._levels.cells(sample, self.per_cell)):
            pieces.append((SIGNS[level] * sum(1 for _ in run), _INKS[level]))
        return self.inked(pieces, width)

    def _ruler(self, width: int) -> list[Piece]:
        """Turn numbers over their cells, and a mark where controls changed."""
        turns, per_cell = self._levels.state.spec.turns, self.per_cell
        room = width - self.label_width
        line = [" "] * room
        step = next(step for step in _nice_steps() if step / per_cell >= 10 or step >= turns)
        for change in self._levels.state.changes:
            line[min(room - 1, (change.turn - 1) // per_cell)] = "┆"
        for turn in [1, *range(step, turns + 1, step)]:
            cell = (turn - 1) // per_cell
            text = str(turn)
            around = line[max(0, cell - 1) : cell + len(text) + 1]
            if cell + len(text) <= room and set(around) == {" "}:
                line[cell : cell + len(text)] = text
        pieces: list[Piece] = [(" " * self.label_width, "plain")]
        for mark, run in groupby(line, key=lambda sign: sign == "┆"):
            pieces.append(("".join(run), "change" if mark else "dim"))
        return pieces

    def on_click(self, event: events.Click) -> None:
        """Pick the sample, and the turn, that was hit."""
        sample = self._top + event.y
        if event.y < 1 or sample > len(self._levels.rows):
            return
        turn = max(0, event.x - self.label_width) * self.per_cell + 1
        turn = min(turn, self._levels.state.spec.turns)
        self.post_message(self.Picked(sample, turn, event.chain == 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """More samples."""
        event.stop()
        self._scroll(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Earlier samples."""
        event.stop()
        self._scroll(-2)

    def _scroll(self, rows: int) -> None:
        self._top += rows
        self._bound_top()
        self.refresh()

    def on_resize(self) -> None:
        """The followed sample stays in view."""
        self._show_followed()
        self.poll()


def _nice_steps() -> list[int]:
    return [digit * 10**power for power in range(8) for digit in (1, 2, 5)][3:]
