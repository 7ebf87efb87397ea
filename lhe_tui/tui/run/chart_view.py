"""A chart that redraws itself at most four times a second, and only where it is seen and its data changed."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from textwrap import wrap

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message

from lhe_tui.charts.data import Chart
from lhe_tui.charts.layout import Plot, lay_out
from lhe_tui.charts.plot import draw_cached
from lhe_tui.charts.run_curves import run_turns
from lhe_tui.charts.turn_axis import TurnColumns
from lhe_tui.text.widths import clip
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.control_arm_figure import with_control_arm
from lhe_tui.tui.run.run_figures import (
    SLOW_FIGURES,
    Figure,
    FigureName,
    figure,
    self_conditioning_figure,
)
from lhe_tui.tui.run.slow_figure import SlowFigure
from lhe_tui.tui.widgets.figure_view import screen_theme
from lhe_tui.tui.widgets.guarded import Guarded, guarded

REDRAW_EVERY = 0.25
"""Seconds between two drawings, at least."""
CHEAP = 0.03
"""Seconds that a picture may cost to be drawn before the screen is painted."""
SHARE = 12
"""A chart is drawn no oftener than takes one in so many parts of the time."""


class ChartView(Guarded):
    """Shows one figure of a run, with its sentence on the last line."""

    @dataclass
    class Picked(Message):
        """A turn was clicked."""

        turn: int

    def __init__(self, controller: RunController, name: FigureName, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self.figure_name: FigureName = name
        self.smoothed = True
        self._bold = False
        self.least_left = 0
        """Cells left of the plot, at least: what stands below needs room for its names."""
        self._picture = Content("")
        self._plot: Plot | None = None
        self._seen: Hashable = None
        self._next = 0.0
        self._figure: tuple[Hashable, Figure] | None = None
        # The first picture costs an import too: the rest of the screen does not wait for it.
        self._cost = CHEAP
        self.slow = SlowFigure(self, self_conditioning_figure, self.poll)
        """What of the figures is made in a thread, and only while it is the one shown."""

    def show(self, name: FigureName) -> None:
        """Show another figure."""
        if name != self.figure_name:
            self.figure_name = name
            self._next = 0.0
            self.poll()

    def set_bold(self, bold: bool) -> None:
        """Thick curves with their names at their ends, to be read from afar; or not."""
        if bold != self._bold:
            self._bold = bold
            self._next = 0.0
            self.poll()

    def toggle_smooth(self) -> None:
        """Smooth the curves for the eye, or show them as they are."""
        self.smoothed = not self.smoothed
        self._next = 0.0
        self.poll()

    @guarded
    def poll(self) -> None:
        """Draw anew if there is anything new to draw, and it is time."""
        if not self.size.width or not self.is_on_screen:
            return
        if self.figure_name in SLOW_FIGURES:
            self.slow.want(self._controller.state)
        data = self._data_version()
        seen = (data, self.size, screen_theme(self.app))
        now = time.monotonic()
        if seen == self._seen or now < self._next:
            return
        self._seen = seen
        if self._figure is None or self._figure[0] != data:
            made = self._make()
            chart = enlarged(made.chart) if self._bold else made.chart
            self._figure = (data, made._replace(chart=replace(chart, left=self.least_left)))
        self._draw(seen, self._figure[1])
        self._cost = time.monotonic() - now
        self._next = now + max(REDRAW_EVERY, SHARE * self._cost)
        self.refresh()

    def _make(self) -> Figure:
        if self.figure_name in SLOW_FIGURES:
            return self.slow.figure
        controller = self._controller
        made = figure(self.figure_name, controller.state, controller.followed, self.smoothed)
        arm = controller.control_arm if self.figure_name == "accuracy" else None
        return made if arm is None else with_control_arm(made, arm, controller.state, self.smoothed)

    def _data_version(self) -> Hashable:
        if self.figure_name in SLOW_FIGURES:
            return self.figure_name, self.slow.version
        controller = self._controller
        state = controller.state
        followed: Hashable = controller.followed
        done: Hashable = len(state.samples[controller.followed - 1].turns)
        if self.figure_name == "accuracy":
            followed, done = 0, state.complete_turns
        return (
            self.figure_name,
            state.header.session,
            id(state),
            followed,
            done,
            run_turns(state),
            len(state.changes),
            state.outcomes["failed"],
            self.smoothed,
            self._bold,
            controller.control_arm and controller.control_arm.status,
        )

    def _draw(self, version: Hashable, shown: Figure) -> None:
        width, height = self.size
        lines = note_lines(shown, width) if height > 4 else []
        rows = max(1, height - len(lines))
        picture = draw_cached(version, lambda: shown.chart, width, rows, screen_theme(self.app))
        self._plot = None if self.figure_name in SLOW_FIGURES else lay_out(shown.chart, width, rows)
        self._picture = Content.assemble(picture, *(("\n" + line, "$dim") for line in lines))

    @property
    def turn_columns(self) -> TurnColumns | None:
        """Where the picture's axis of turns stands; None while it shows none."""
        plot = self._plot
        return TurnColumns(plot.left, plot.width, int(plot.x.high)) if plot and self.is_on_screen else None

    def render(self) -> RenderResult:
        """The picture drawn last."""
        return self._picture

    def on_click(self, event: events.Click) -> None:
        """Tell which turn was hit, where the x axis counts turns."""
        plot = self._plot
        if plot is not None and event.x >= plot.left:
            share = min(1.0, (event.x - plot.left + 0.5) / plot.width)
            self.post_message(self.Picked(round(plot.x.value(share))))

    def on_resize(self) -> None:
        """Another size is another picture: at once where that is cheap, else when the screen has been painted."""
        self._next = 0.0
        if self._cost < CHEAP:
            self.poll()


def enlarged(chart: Chart) -> Chart:
    """The chart for a room: solid curves in quarter blocks, and each curve's name at its end."""
    series = [
        replace(one, stroke="bold") if one.line in ("thin", "thick") and not one.dimmed else one
        for one in chart.series
    ]
    return replace(chart, series=series, end_labels=True)


def note_lines(shown: Figure, width: int) -> list[str]:
    """The figure's sentence on as many lines as it may take; where it is longer, the last one is cut."""
    lines = wrap(shown.note, width) or [""]
    rest = " ".join(lines[shown.note_lines - 1 :])
    return [*lines[: shown.note_lines - 1], clip(rest, width)]
