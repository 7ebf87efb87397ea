"""The theory screen: Proposition 1 moved by key, and an open session's measured p placed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

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
from lhe_tui.tui.widgets.figure_view import FigureView
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line
from lhe_tui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from lhe_tui.tui.run.run_controller import RunController

LOOK_EVERY = 0.5
"""Seconds between two looks at a run that may still be going on."""
PANES = {"curve": "H_s over p", "numbers": "numbers", "doubling": "doubling"}
NARROW = 100


class TheoryScreen(Screen[None]):
    """Moves p and s; `controller` is the open run or replay, if any."""

    CSS_PATH = ["../widgets/inks.tcss", "theory_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("theory")
    ACTIONS_OF = "theory"
    AUTO_FOCUS = ""

    def __init__(self, controller: RunController | None = None) -> None:
        super().__init__()
        self._controller = controller
        self._measured: Measured | None = None
        self._version: object = None
        self.point = Point()
        self.pane = "curve"

    def compose(self) -> ComposeResult:
        """Where we are, the curve, the numbers, the doubling."""
        yield LinesView(id="theory-where")
        yield TabLine(PANES, self.pane, id="theory-panes")
        with Horizontal(id="theory-body"):
            with Vertical(id="theory-left"):
                yield TabLine(
                    {"curve": "horizon length H_s over step accuracy p, log axis"}, "curve", id="curve-tab"
                )
                with Vertical(classes="boxed", id="curve-box"):
                    yield FigureView(id="theory-curve")
                yield TabLine(
                    {"doubling": "the accuracy that keeps H_0.5 doubling"}, "doubling", id="doubling-tab"
                )
                with Vertical(classes="boxed", id="doubling-box"):
                    yield FigureView(id="theory-doubling")
            with Vertical(id="theory-right"):
                yield TabLine({"numbers": "in numbers"}, "numbers", id="numbers-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="theory-numbers")
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
        self.query_one("#theory-where", LinesView).show(lambda width: [top_line(point)])
        key = ("theory", point, measured and (measured.accuracy, measured.name))
        self.query_one("#theory-curve", FigureView).show(key, lambda: horizon_chart(point, measured))
        note = "2^x steps after x periods (METR: of about 7 months)"
        self.query_one("#theory-doubling", FigureView).show(
            ("doubling", point.p), lambda: doubling_chart(point), note
        )
        self.query_one("#theory-numbers", LinesView).show(self._numbers, place=None)

    def _numbers(self, width: int) -> list[Line]:
        parts = [
            point_lines(self.point, width),
            table_lines(self.point, width),
            measured_lines(self._measured, width),
        ]
        roomy = (
            self.query_one("#theory-numbers", LinesView).size.height >= sum(len(part) for part in parts) + 2
        )
        gap: list[Line] = [[]] if roomy else []
        return [*parts[0], *gap, *parts[1], *gap, *parts[2]]

    def _go(self, point: Point) -> None:
        if point != self.point:
            self.point = point
            self.show_all()

    # ---- layout

    def on_resize(self) -> None:
        """One pane at a time where three do not fit."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.set_class(self.app.size.height < 30, "-low")

    def show_pane(self, name: str) -> None:
        """Narrow layout: show one of the panes."""
        self.pane = name
        self.query_one("#theory-panes", TabLine).choose(name)
        for pane in PANES:
            self.set_class(pane == name, f"-pane-{pane}")

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        if event.line.id == "theory-panes":
            self.show_pane(event.name)

    @on(FigureView.Picked)
    def _picked(self, event: FigureView.Picked) -> None:
        if event.view.id == "theory-curve":
            self._go(self.point.at(round(event.x, 4)))
        else:
            self._go(self.point.at(2.0 ** -(2.0**-event.x)))

    # ---- actions

    def action_p_down(self) -> None:
        """p one last digit lower."""
        self._go(self.point.step_p(up=False))

    def action_p_up(self) -> None:
        """p one last digit higher."""
        self._go(self.point.step_p(up=True))

    def action_p_down_far(self) -> None:
        """p ten last digits lower."""
        self._go(self.point.step_p(up=False, far=True))

    def action_p_up_far(self) -> None:
        """p ten last digits higher."""
        self._go(self.point.step_p(up=True, far=True))

    def action_s_down(self) -> None:
        """s lower by 0.01."""
        self._go(self.point.step_s(-1))

    def action_s_up(self) -> None:
        """s higher by 0.01."""
        self._go(self.point.step_s(1))

    def action_s_down_far(self) -> None:
        """s lower by 0.1."""
        self._go(self.point.step_s(-10))

    def action_s_up_far(self) -> None:
        """s higher by 0.1."""
        self._go(self.point.step_s(10))

    def action_double(self) -> None:
        """The p of a horizon twice as long."""
        self._go(self.point.scaled(2))

    def action_halve(self) -> None:
        """The p of a horizon half as long."""
        self._go(self.point.scaled(0.5))

    def action_measured(self) -> None:
        """The measured p."""
        if self._measured is not None:
            self._go(self.point.at(self._measured.accuracy.p))

    def action_start(self) -> None:
        """Where the screen began."""
        self._go(Point())

    def action_next_pane(self) -> None:
        """The next pane."""
        names = list(PANES)
        self.show_pane(names[(names.index(self.pane) + 1) % len(names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing measured, nowhere to go."""
        return not (action == "measured" and self._measured is None)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)
