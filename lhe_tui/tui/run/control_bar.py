"""The lines under the panes: the switches, and the numbers that answer them. A click on a switch throws it."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.widgets import Static

from lhe_tui.task.controls import percent
from lhe_tui.text.counts import counted
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.control_words import Switch, switches
from lhe_tui.tui.run.run_figures import seen_tallies
from lhe_tui.tui.turn.run_words import horizon_told, in_view, percent_words, recent_turn_accuracy, token_words
from lhe_tui.tui.widgets.guarded import Guarded, guarded

GAP = 3
RECENT = 10
"""Turns that the turn accuracy in the bar is taken over."""


class BarPiece(NamedTuple):
    """Some words of the bar, and the screen's action that a click on them runs."""

    words: Content
    action: str = ""


class ControlBar(Guarded, Static):
    """Switches first, then accuracy and horizons, what is wrong in view, tokens; wrapped between pieces only."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._seen: tuple[object, ...] = ()
        self._known: tuple[tuple[object, ...], list[BarPiece]] = ((), [])
        self._lines: list[list[BarPiece]] = []

    @guarded
    def poll(self) -> None:
        """Bring the numbers up to date."""
        controller = self._controller
        state = controller.state
        speed = controller.meter.tokens_per_second()
        seen = (
            id(state),
            state.finished_turns,
            state.built_turns,
            len(state.changes),
            state.retries,
            None if speed is None else round(speed),
            controller.watch and controller.watch.breakpoints,
            controller.control_arm_wanted,
            controller.control_arm and controller.control_arm.status,
            self.content_size,
        )
        if seen == self._seen or not self.content_size.width:
            return
        self._seen = seen
        throwing = [_switch_piece(switch) for switch in switches(state)]
        groups = [
            [*throwing, *self._breakpoints(), *self._control_arm()],
            self._numbers(),
            self._view_pieces(speed),
        ]
        self._lines = _flow(groups, self.content_size.width, self.content_size.height)
        lines = [Content(" " * GAP).join([piece.words for piece in line]) for line in self._lines]
        self.update(Content("\n").join(lines), layout=False)

    def _breakpoints(self) -> list[BarPiece]:
        watch = self._controller.watch
        if watch is None or not watch.breakpoints.active:
            return []
        words = f"‖ breakpoints: {watch.breakpoints.words()}"
        return [BarPiece(Content.assemble((words, "$accent bold")), "breakpoints")]

    def _control_arm(self) -> list[BarPiece]:
        controller = self._controller
        if controller.control_arm_wanted:
            words = Content.assemble(("◐ control arm at the next switch", "$accent bold"))
            return [BarPiece(words, "control_arm")]
        if controller.control_arm is None:
            return []
        return [BarPiece(Content.assemble((f"● {controller.control_arm.status}", "$dim")))]

    def _numbers(self) -> list[BarPiece]:
        """Worked out once for what is finished: a horizon looks at every turn."""
        state = self._controller.state
        key = (id(state), state.finished_turns, state.outcomes["failed"])
        if key != self._known[0]:
            self._known = (key, self._count())
        return self._known[1]

    def _count(self) -> list[BarPiece]:
        tallies = seen_tallies(self._controller.state)
        last = min(RECENT, len(tallies))
        over = f" (last {last} turns)" if last > 1 else ""
        pieces = [
            _number(
                "turn accuracy", percent_words(*recent_turn_accuracy(self._controller.state, RECENT)), over
            )
        ]
        for name, s in (("H₀.₅", 0.5), ("H₀.₈", 0.8)):
            pieces.append(_number(name, horizon_told(tallies, s)))
        return pieces

    def _view_pieces(self, speed: float | None) -> list[BarPiece]:
        controller = self._controller
        state = controller.state
        rates = in_view(state)
        pieces: list[BarPiece] = []
        if rates is not None:
            asked = percent(controller.controls_now.injection.rate)
            pieces.append(_number("wrong steps in view", f"{100 * rates[1]:.0f} %", f" (asked {asked})"))
        pieces.append(_number("tokens", token_words(state, speed)))
        if state.retries:
            words = counted(state.retries, "retry", "retries")
            pieces.append(BarPiece(Content.assemble((words, "$injected")), "notices"))
        return pieces

    def on_resize(self) -> None:
        """Another width wraps elsewhere."""
        self._seen = ()
        self.poll()

    async def on_click(self, event: events.Click) -> None:
        """Throw the switch that was hit."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= len(self._lines):
            return
        left = 0
        for piece in self._lines[offset.y]:
            right = left + piece.words.cell_length
            if left <= offset.x < right and piece.action:
                await self.run_action(f"screen.{piece.action}")
            left = right + GAP


def _switch_piece(switch: Switch) -> BarPiece:
    sign = "◐" if switch.coming else "●" if switch.on else "○"
    style = "$accent bold" if switch.on or switch.coming else "$dim"
    if not switch.coming:
        return BarPiece(Content.assemble((f"{sign} {switch.words}", style)), switch.action)
    words = Content.assemble(
        (f"{sign} {switch.coming}", style), (f" — holds from turn {switch.turn}", "$injected")
    )
    return BarPiece(words, switch.action)


def _number(name: str, value: str, after: str = "") -> BarPiece:
    return BarPiece(Content.assemble((f"{name} ", "$dim"), (value, "bold"), (after, "$dim")))


def _flow(groups: list[list[BarPiece]], width: int, height: int) -> list[list[BarPiece]]:
    """Pieces on lines of at most `width` cells; each group begins a line of its own where the height allows."""
    lines = [line for group in groups for line in _lines(group, width)]
    if len(lines) > height:
        lines = _lines([piece for group in groups for piece in group], width)
    return lines[: max(1, height)]


def _lines(pieces: list[BarPiece], width: int) -> list[list[BarPiece]]:
    lines: list[list[BarPiece]] = []
    left = 0
    for piece in pieces:
        if lines and left + GAP + piece.words.cell_length <= width:
            lines[-1].append(piece)
            left += GAP + piece.words.cell_length
        else:
            lines.append([piece])
            left = piece.words.cell_length
    return lines
