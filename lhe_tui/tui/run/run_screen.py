"""The run screen: a run or a replay as it goes, and the switches to steer it. Reads the controller, owns no run."""

from __future__ import annotations

import time
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from lhe_tui.text.content import content
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.run.banner import Banner
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.control_bar import ControlBar
from lhe_tui.tui.run.heat_strip import LEGEND, HeatStrip
from lhe_tui.tui.run.run_branching import RunApart
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.run.run_figures import FIGURE_TITLES, FigureName
from lhe_tui.tui.run.run_title import RunTitle
from lhe_tui.tui.run.transcript import ColumnTitles, Transcript
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.tab_line import TabLine

CHART_ROWS = 15
"""Rows that a chart needs to be read, its frame and its sentence counted in."""
LOOK_EVERY = 0.1
"""Seconds between two looks at the run."""
STAY_AWAKE = 3.0
"""Seconds that the screen goes on looking closely after the last change."""
Layout = Literal["small", "normal", "large"]
PANES = {"transcript": "transcript", "charts": "charts", "samples": "samples"}


class RunScreen(RunApart):
    """Shows what a controller drives; everything on it is read off `controller.state`."""

    CSS_PATH = "run_screen.tcss"
    BINDINGS: ClassVar = bindings_for("run")
    ACTIONS_OF = "run"
    AUTO_FOCUS = ""

    def __init__(self, controller: RunController) -> None:
        super().__init__(controller)
        self.pane = "transcript"
        self._layout_name: Layout = "normal"
        self._seen: tuple[object, ...] = ()
        self._awake_until = 0.0

    def compose(self) -> ComposeResult:
        """Title, panes, switches, keys."""
        controller = self.controller
        yield RunTitle(controller, id="title")
        yield Banner(controller, id="run-banner")
        yield TabLine(PANES, self.pane, id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TabLine({"transcript": ""}, "transcript", id="transcript-tab")
                with Vertical(classes="boxed"):
                    yield ColumnTitles(controller.state.task, id="columns")
                    yield Transcript(controller, id="transcript")
            with Vertical(id="right"):
                with Vertical(id="charts", classes="pane"):
                    yield TabLine(_numbered(FIGURE_TITLES), "accuracy", id="chart-tabs")
                    with Vertical(classes="boxed"):
                        yield ChartView(controller, "accuracy", id="chart")
                with Vertical(id="second", classes="pane"):
                    yield TabLine({"second": "running sum"}, "second", id="second-tab")
                    with Vertical(classes="boxed"):
                        yield ChartView(controller, "running_sum", id="second-chart")
                with Vertical(id="samples"):
                    yield TabLine({"heat": ""}, "heat", id="heat-tab")
                    with Vertical(classes="boxed") as box:
                        box.border_subtitle = content(LEGEND)
                        yield HeatStrip(controller, id="heat")
        yield ControlBar(controller, id="control-bar")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_interval(LOOK_EVERY, self.poll)
        self.call_after_refresh(self.poll)

    # ---- keeping up

    def poll(self) -> None:
        """Look at the run; every widget repaints itself only where something changed."""
        controller = self.controller
        controller.observe()
        now = time.monotonic()
        seen = (controller.version, int(controller.elapsed), self.size, self.app.theme, self.transcript.place)
        if seen != self._seen:
            self._seen = seen
            # Charts are drawn some time after what they show has changed.
            self._awake_until = now + STAY_AWAKE
        elif now > self._awake_until:
            return
        self.query_one(RunTitle).poll()
        self.query_one(Banner).poll()
        self.transcript.poll()
        for chart in self.query(ChartView):
            chart.poll()
        self.heat.poll()
        self.query_one(ControlBar).poll()
        self._name_panes()

    def _name_panes(self) -> None:
        samples = len(self.controller.state.samples)
        sample = f"sample {self.controller.followed} of {samples}"
        transcript = self.transcript
        wrong = transcript.wrong_turns()
        words = f"{len(wrong):,} not correct, first {wrong[0]}" if wrong else ""
        note = words if transcript.following else "end: back to the newest"
        self.query_one("#transcript-tab", TabLine).set_titles({"transcript": sample}, note)
        self.query_one("#heat-tab", TabLine).set_titles({"heat": self.heat.title})
        panes = self.query_one("#panes", TabLine)
        panes.set_titles(
            {"transcript": sample, "charts": "charts", "samples": "samples × turns"}, "tab: next · ?: keys"
        )

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

    # ---- layout

    @property
    def small(self) -> bool:
        """Whether one pane is shown at a time."""
        return self._layout_name == "small"

    def on_resize(self) -> None:
        """Choose the layout that fits."""
        width, height = self.app.size
        name: Layout = "normal"
        if width < 100 or height < 24:
            name = "small"
        elif width >= 160 and height >= 45:
            name = "large"
        self._layout_name = name
        for layout in ("small", "large"):
            self.set_class(layout == name, f"-{layout}")
        self._share_height(name, height)
        self.show_pane(self.pane)

    def _share_height(self, name: Layout, height: int) -> None:
        """The grid takes what its samples need, the charts the rest."""
        samples = self.query_one("#samples")
        if name == "small":
            samples.styles.height = "1fr"
            return
        body = height - 6
        left_to_grid = max(6, body - CHART_ROWS * (2 if name == "large" else 1))
        samples.styles.height = min(len(self.controller.state.samples) + 3, left_to_grid)

    def show_pane(self, name: str) -> None:
        """Small layout: show one of the panes."""
        self.pane = name
        self.query_one("#panes", TabLine).choose(name)
        for pane in PANES:
            self.set_class(pane == name, f"-pane-{pane}")

    def show_figure(self, name: FigureName) -> None:
        """Show a chart by its name."""
        if self.small:
            self.show_pane("charts")
        self.query_one("#chart-tabs", TabLine).choose(name)
        second: FigureName = "accuracy" if name == "running_sum" else "running_sum"
        self.chart.show(name)
        self.query_one("#second-chart", ChartView).show(second)
        self.query_one("#second-tab", TabLine).set_titles({"second": FIGURE_TITLES[second]})

    def turn_pane(self, by: int) -> None:
        """The pane, or where all panes are shown the chart, after or before the one that is shown."""
        names: list[str] = list(PANES) if self.small else list(FIGURE_TITLES)
        now: str = self.pane if self.small else self.chart.figure_name
        chosen = names[(names.index(now) + by) % len(names)]
        if self.small:
            self.show_pane(chosen)
        for name in FIGURE_TITLES:
            if name == chosen:
                self.show_figure(name)

    # ---- what the widgets tell

    @on(TabLine.Chosen)
    def _choose_tab(self, event: TabLine.Chosen) -> None:
        if event.line.id == "panes":
            self.show_pane(event.name)
        for name in FIGURE_TITLES:
            if event.line.id == "chart-tabs" and event.name == name:
                self.show_figure(name)

    @on(Transcript.TurnSelected)
    def _turn_selected(self) -> None:
        self._name_panes()

    @on(HeatStrip.Picked)
    def _pick(self, event: HeatStrip.Picked) -> None:
        self.controller.follow(event.sample)
        self.transcript.poll()
        self.transcript.select(event.turn)
        self.poll()


def _numbered(titles: dict[FigureName, str]) -> dict[str, str]:
    return {name: f"{number} {title}" for number, (name, title) in enumerate(titles.items(), 1)}
