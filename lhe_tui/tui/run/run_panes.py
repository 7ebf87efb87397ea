"""The panes of the run screen: the conversation, one or two charts, the grid of outcomes."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from lhe_tui.text.content import content
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.heat_strip import HeatStrip
from lhe_tui.tui.run.run_figures import FIGURE_TITLES, FigureName
from lhe_tui.tui.run.transcript import ColumnTitles, Transcript
from lhe_tui.tui.widgets.tab_line import TabLine

CHART_ROWS = 15
"""Rows that a chart needs to be read, its frame and its sentence counted in."""
CHART_SHARE = 0.62
"""The part of the height that charts get at least: the largest thing on the screen."""
FRAME = 2
"""Rows of the strip that hold no sample: its title and its lower edge."""


class RunPanes(Horizontal):
    """Transcript on the left; charts over the grid of outcomes on the right."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller

    def compose(self) -> ComposeResult:
        """Each pane under its tabs."""
        controller = self._controller
        heat = HeatStrip(controller, id="heat")
        # The strip stands in the columns of the chart above it.
        heat.share_axis(lambda: self._last_chart.turn_columns)
        chart, second = (
            ChartView(controller, "accuracy", id="chart"),
            ChartView(controller, "running_sum", id="second-chart"),
        )
        chart.least_left = second.least_left = heat.label_width
        with Vertical(id="left"):
            yield TabLine({"transcript": ""}, "transcript", id="transcript-tab")
            with Vertical(classes="boxed"):
                yield ColumnTitles(controller.state.task, id="columns")
                yield Transcript(controller, id="transcript")
        with Vertical(id="right"):
            with Vertical(id="charts", classes="pane"):
                titles = {name: f"{n} {title}" for n, (name, title) in enumerate(FIGURE_TITLES.items(), 1)}
                yield TabLine(
                    {str(name): title for name, title in titles.items()}, "accuracy", id="chart-tabs"
                )
                with Vertical(classes="boxed"):
                    yield chart
            with Vertical(id="second", classes="pane"):
                yield TabLine({"second": "running sum"}, "second", id="second-tab")
                with Vertical(classes="boxed"):
                    yield second
            with Vertical(id="samples"):
                yield TabLine({"heat": ""}, "heat", id="heat-tab")
                with Vertical(classes="boxed", id="heat-box"):
                    yield heat

    @property
    def _last_chart(self) -> ChartView:
        second = self.query_one("#second-chart", ChartView)
        return second if second.is_on_screen else self.chart

    @property
    def transcript(self) -> Transcript:
        """The conversation of the followed sample."""
        return self.query_one(Transcript)

    @property
    def heat(self) -> HeatStrip:
        """The grid of outcomes."""
        return self.query_one(HeatStrip)

    @property
    def chart(self) -> ChartView:
        """The chart with the tabs."""
        return self.query_one("#chart", ChartView)

    @property
    def sample_words(self) -> str:
        """Which sample is followed."""
        return f"sample {self._controller.followed} of {len(self._controller.state.samples)}"

    def poll(self) -> None:
        """Bring every pane up to date."""
        self.transcript.poll()
        for chart in self.query(ChartView):
            chart.poll()
        self.heat.poll()
        wrong = self.transcript.wrong_turns()
        words = f"{len(wrong):,} not correct, first {wrong[0]}" if wrong else ""
        note = words if self.transcript.following else "end: back to the newest"
        self.query_one("#transcript-tab", TabLine).set_titles({"transcript": self.sample_words}, note)
        self.query_one("#heat-tab", TabLine).set_titles({"heat": self.heat.title})
        box = self.query_one("#heat-box")
        if str(box.border_subtitle) != self.heat.legend:
            box.border_subtitle = content(self.heat.legend)

    def share_height(self, height: int, *, charts: int) -> None:
        """Charts get most of `height` rows, the strip what it needs of the rest; no charts: all is the strip's."""
        samples = len(self._controller.state.samples)
        room = max(6, height - max(CHART_ROWS * charts, round(CHART_SHARE * height)))
        # Two samples share a line where they do not all fit.
        wanted = (samples if samples + FRAME <= room else -(-samples // 2)) + FRAME
        self.query_one("#samples").styles.height = min(wanted, room) if charts else "1fr"

    def show_figure(self, name: FigureName) -> None:
        """Show a chart by its name; the second one shows another."""
        self.query_one("#chart-tabs", TabLine).choose(name)
        second: FigureName = "accuracy" if name == "running_sum" else "running_sum"
        self.chart.show(name)
        self.query_one("#second-chart", ChartView).show(second)
        self.query_one("#second-tab", TabLine).set_titles({"second": FIGURE_TITLES[second]})

    def set_bold(self, bold: bool) -> None:
        """Draw curves thick, with their names at their ends, or not."""
        for chart in self.query(ChartView):
            chart.set_bold(bold)

    def next_figure(self, by: int) -> FigureName:
        """The chart so many places after the one that is shown."""
        names = list(FIGURE_TITLES)
        return names[(names.index(self.chart.figure_name) + by) % len(names)]

    def toggle_smooth(self) -> None:
        """Smooth the curves for the eye, or show them as they are."""
        for chart in self.query(ChartView):
            chart.toggle_smooth()

    @on(TabLine.Chosen, "#chart-tabs")
    def _figure_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_figure(next(name for name in FIGURE_TITLES if name == event.name))
