"""The theory screen: Proposition 1 moved by key, and an open session's measured p placed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.theory.theory_figures import doubling_chart, horizon_chart
from lhe_tui.tui.theory.theory_point import Point
from lhe_tui.tui.theory.theory_words import (
    Measured,
    measure,
    measured_lines,
    point_lines,
    table_lines,
    top_line,
)
from lhe_tui.tui.widgets.base_screen import PanedScreen
from lhe_tui.tui.widgets.figure_view import FigureView
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line
from lhe_tui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from lhe_tui.tui.controller.run_controller import RunController

LOOK_EVERY = 0.5
"""Seconds between two looks at a run that may still be going on."""


class TheoryScreen(PanedScreen[None]):
    """Moves p and s; `controller` is the open run or replay, if any."""

    CSS_PATH = ["../widgets/base_screen.tcss", "theory_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("theory")
    ACTIONS_OF = "theory"
    AUTO_FOCUS = ""
    PANES = {"curve": "H_s over p", "numbers": "numbers", "doubling": "doubling"}

    def __init__(self, controller: RunController | None = None) -> None:
        super().__init__()
        self._controller = controller
        self._measured: Measured | None = None
        self._version: object = None
        self.point = Point()

    def compose(self) -> ComposeResult:
        """Where we are, the curve, the numbers, the doubling."""
        yield LinesView(id="where")
        yield TabLine(self.PANES, self.pane, id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TabLine(
                    {"curve": "horizon length H_s over step accuracy p, log axis"}, "curve", id="curve-tab"
                )
                with Vertical(classes="boxed", id="curve-box"):
                    yield FigureView(id="curve")
                yield TabLine(
                    {"doubling": "the accuracy that keeps H_0.5 doubling"}, "doubling", id="doubling-tab"
                )
                with Vertical(classes="boxed", id="doubling-box"):
                    yield FigureView(id="doubling")
            with Vertical(id="right"):
                yield TabLine({"numbers": "in numbers"}, "numbers", id="numbers-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="numbers")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the point, and look at the run now and then."""
        self.poll()
        if self._measured is not None and 0.5 < self._measured.accuracy.p < 1:
            self.point = self.point.at(round(self._measured.accuracy.p, 3))
        self.show_pane(self.pane)
        self.call_after_refresh(self.show_all)
        self.set_interval(LOOK_EVERY, self.poll)

    # ---- showing

    def poll(self) -> None:
        """Measure anew where the run went on."""
        controller = self._controller
        version = None if controller is None else controller.version
        if controller is not None and version != self._version:
            self._version = version
            measured = measure(controller.state)
            if measured != self._measured:
                self._measured = measured
                self.show_all()

    def show_all(self) -> None:
        """Everything anew, for another point or another measure."""
        point, measured = self.point, self._measured
        self.query_one("#where", LinesView).show(lambda width: [top_line(point)])
        key = ("theory", point, measured and (measured.accuracy, measured.name))
        self.query_one("#curve", FigureView).show(key, lambda: horizon_chart(point, measured))
        note = "2^x steps after x periods (METR: of about 7 months)"
        self.query_one("#doubling", FigureView).show(
            ("doubling", point.p), lambda: doubling_chart(point), note
        )
        self.query_one("#numbers", LinesView).show(self._numbers, place=None)

    def _numbers(self, width: int) -> list[Line]:
        parts = [
            point_lines(self.point, width),
            table_lines(self.point, width),
            measured_lines(self._measured, width),
        ]
        roomy = self.query_one("#numbers", LinesView).size.height >= sum(len(part) for part in parts) + 2
        gap: list[Line] = [[]] if roomy else []
        return [*parts[0], *gap, *parts[1], *gap, *parts[2]]

    def _go(self, point: Point) -> None:
        if point != self.point:
            self.point = point
            self.show_all()

    # ---- layout

    def on_resize(self) -> None:
        """The smaller chart goes where the terminal is low."""
        self.set_class(self.app.size.height < 30, "-low")

    @on(FigureView.Picked)
    def _picked(self, event: FigureView.Picked) -> None:
        if event.view.id == "curve":
            self._go(self.point.at(round(event.x, 4)))
        else:
            self._go(self.point.at(2.0 ** -(2.0**-event.x)))

    # ---- actions

    def action_move_p(self, steps: int) -> None:
        """p higher by so many of its last digits (1 or 10 either way)."""
        self._go(self.point.step_p(up=steps > 0, far=abs(steps) > 1))

    def action_move_s(self, hundredths: int) -> None:
        """s higher by so many hundredths."""
        self._go(self.point.step_s(hundredths))

    def action_scale(self, factor: float) -> None:
        """The p of a horizon so many times as long."""
        self._go(self.point.scaled(factor))

    def action_measured(self) -> None:
        """The measured p."""
        if self._measured is not None:
            self._go(self.point.at(self._measured.accuracy.p))

    def action_start(self) -> None:
        """Where the screen began."""
        self._go(Point())

    def action_pane(self, by: int) -> None:
        """The next pane."""
        self.turn_pane(by)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing measured, nowhere to go."""
        return not (action == "measured" and self._measured is None)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)
