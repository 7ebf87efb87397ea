"""The lines under the panes: the switches, and the numbers that answer them."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from lhe_tui.task.controls import percent
from lhe_tui.tui.run.control_words import Switch, switches
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.run.run_figures import seen_tallies
from lhe_tui.tui.run.run_words import horizon_told, in_view, percent_words, recent_turn_accuracy, token_words

GAP = 3
RECENT = 10
"""Turns that the turn accuracy in the bar is taken over."""


class ControlBar(Static):
    """Switches first, then accuracy and horizons, what is wrong in view, tokens; wrapped between pieces only."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._seen: tuple[object, ...] = ()
        self._known: tuple[tuple[object, ...], list[Content]] = ((), [])

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
            controller.twin_wanted,
            controller.twin and controller.twin.status,
            self.content_size,
        )
        if seen == self._seen or not self.content_size.width:
            return
        self._seen = seen
        groups = [
            [*(_switch_piece(switch) for switch in switches(state)), *self._breakpoints(), *self._twin()],
            self._numbers(),
            self._view_pieces(speed),
        ]
        self.update(_flow(groups, self.content_size.width, self.content_size.height), layout=False)

    def _breakpoints(self) -> list[Content]:
        watch = self._controller.watch
        if watch is None or not watch.breakpoints.active:
            return []
        return [Content.assemble((f"‖ breakpoints: {watch.breakpoints.words()}", "$accent bold"))]

    def _twin(self) -> list[Content]:
        controller = self._controller
        if controller.twin_wanted:
            return [Content.assemble(("◐ twin at the next switch", "$accent bold"))]
        if controller.twin is None:
            return []
        return [Content.assemble((f"● {controller.twin.status}", "$dim"))]

    def _numbers(self) -> list[Content]:
        """Worked out once for what is finished: a horizon looks at every turn."""
        state = self._controller.state
        key = (id(state), state.finished_turns, state.outcomes["failed"])
        if key != self._known[0]:
            self._known = (key, self._count())
        return self._known[1]

    def _count(self) -> list[Content]:
        tallies = seen_tallies(self._controller.state)
        last = min(RECENT, len(tallies))
        over = f" last {last}" if last > 1 else ""
        pieces = [_number(f"turn acc{over}", percent_words(*recent_turn_accuracy(tallies, RECENT)))]
        for name, s in (("H₀.₅", 0.5), ("H₀.₈", 0.8)):
            pieces.append(_number(name, horizon_told(tallies, s)))
        return pieces

    def _view_pieces(self, speed: float | None) -> list[Content]:
        controller = self._controller
        state = controller.state
        rates = in_view(state)
        pieces: list[Content] = []
        if rates is not None:
            asked = percent(controller.controls_now.injection.rate)
            words = f"asked {asked} · states {100 * rates[0]:.0f} % · transitions {100 * rates[1]:.0f} %"
            pieces.append(_number("wrong in view", words))
        pieces.append(_number("tokens", token_words(state, speed)))
        if state.retries:
            pieces.append(Content.assemble((f"{state.retries:,} retries", "$injected")))
        return pieces

    def on_resize(self) -> None:
        """Another width wraps elsewhere."""
        self._seen = ()
        self.poll()


def _switch_piece(switch: Switch) -> Content:
    sign = "◐" if switch.coming else "●" if switch.on else "○"
    style = "$accent bold" if switch.on or switch.coming else "$dim"
    if not switch.coming:
        return Content.assemble((f"{sign} {switch.words}", style))
    return Content.assemble(
        (f"{sign} {switch.coming}", style), (f" — holds from turn {switch.turn}", "$injected")
    )


def _number(name: str, value: str) -> Content:
    return Content.assemble((f"{name} ", "$dim"), (value, "bold"))


def _flow(groups: list[list[Content]], width: int, height: int) -> Content:
    """Pieces on lines of at most `width` cells; each group begins a line of its own where the height allows."""
    lines = [line for group in groups for line in _lines(group, width)]
    if len(lines) > height:
        lines = _lines([piece for group in groups for piece in group], width)
    return Content("\n").join(lines[: max(1, height)])


def _lines(pieces: list[Content], width: int) -> list[Content]:
    lines: list[Content] = []
    for piece in pieces:
        if lines and lines[-1].cell_length + GAP + piece.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], " " * GAP, piece)
        else:
            lines.append(piece)
    return lines
