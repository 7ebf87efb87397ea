"""An experiment under way, or as it ended: live figure, cells, finding. Reads the controller, owns no run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from lhe_tui.chart_data import Chart
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.figures import against_x_chart, curves_chart, table_rows
from lhe_tui.experiments.grid import FigureKind
from lhe_tui.text_safety import visible
from lhe_tui.tui.actions import bindings_for
from lhe_tui.tui.ask_screen import AskScreen
from lhe_tui.tui.grid_controller import GridController
from lhe_tui.tui.grid_lines import finding_lines, grid_where, horizon_lines, measure_name
from lhe_tui.tui.widgets.cell_list import CellLine, CellList
from lhe_tui.tui.widgets.figure_view import FigureView
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from lhe_tui.tui.app import LheApp

LOOK_EVERY = 0.25
"""Seconds between two looks: figures are drawn no oftener."""
NARROW, WIDE = 100, 160
PANES = {"figure": "figure", "cells": "cells", "finding": "what was found"}
FIGURE_NAMES: dict[str, str] = {
    "turn-accuracy": "turn accuracy",
    "task-accuracy": "task accuracy",
    "horizon": "H_0.5",
}


class GridScreen(Screen[None]):
    """Shows what a controller drives; leaving the screen stops nothing."""

    CSS_PATH = ["inks.tcss", "grid_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("grid")
    ACTIONS_OF = "grid"
    AUTO_FOCUS = ""

    def __init__(self, controller: GridController) -> None:
        super().__init__()
        self.controller = controller
        self.figures = list(controller.experiment.figures)
        self.chosen = 0
        self.reference = True
        self.pane = "figure"
        self._seen: object = None

    def compose(self) -> ComposeResult:
        """How far, the figure, the cells, the finding."""
        yield LinesView(id="grid-where")
        yield TabLine(PANES, self.pane, id="grid-panes")
        with Horizontal(id="grid-body"):
            with Vertical(id="grid-left"):
                yield TabLine(self._figure_titles(), self._figure_name(), id="figure-tabs")
                with Vertical(classes="boxed", id="figure-box"):
                    yield FigureView(every=LOOK_EVERY, id="grid-figure")
                    yield LinesView(id="grid-bars")
                yield TabLine({"cells": "cells"}, "cells", id="cells-tab")
                with Vertical(classes="boxed", id="cells-box"):
                    yield CellList(id="grid-cells")
            with Vertical(id="grid-right"):
                yield TabLine({"finding": "what was found"}, "finding", id="finding-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="grid-finding")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to look."""
        self.show_pane(self.pane)
        self.set_interval(LOOK_EVERY, self.poll)
        self.call_after_refresh(self.poll)

    @property
    def _lhe(self) -> LheApp:
        from lhe_tui.tui.app import LheApp

        assert isinstance(self.app, LheApp)
        return self.app

    # ---- keeping up

    def poll(self) -> None:
        """Show anew what changed."""
        controller = self.controller
        seen = (controller.version, controller.status, int(controller.elapsed), self.chosen, self.reference)
        if seen == self._seen or not self.is_current:
            return
        self._seen = seen
        self.query_one("#grid-where", LinesView).show(lambda width: [grid_where(controller)])
        self._show_figure()
        self._show_cells()
        self.query_one("#grid-finding", LinesView).show(
            lambda width: finding_lines(controller, width), place=None
        )
        self.refresh_bindings()

    def _figure_titles(self) -> dict[str, str]:
        experiment = self.controller.experiment
        names = {
            **FIGURE_NAMES,
            "against-x": f"{experiment.measure} accuracy by {visible(experiment.x_label, limit=60)}",
        }
        return {kind: f"{n} {names[kind]}" for n, kind in enumerate(self.figures, 1)}

    def _figure_name(self) -> FigureKind:
        return self.figures[self.chosen]

    def _show_figure(self) -> None:
        grid, kind, reference = self.controller.grid, self._figure_name(), self.reference
        figure, bars = self.query_one("#grid-figure", FigureView), self.query_one("#grid-bars", LinesView)
        tabs = self.query_one("#figure-tabs", TabLine)
        tabs.set_titles(self._figure_titles(), "p: with the paper's values" if not reference else "")
        tabs.choose(kind)
        figure.display, bars.display = kind != "horizon", kind == "horizon"
        if kind == "horizon":
            bars.show(lambda width: horizon_lines(grid, width, reference=reference), place=None)
            return
        version = ("grid", str(grid.folder), id(grid), self.controller.version, kind, reference)
        figure.show(version, lambda: self._chart(kind))

    def _chart(self, kind: FigureKind) -> Chart:
        if kind == "against-x":
            return against_x_chart(self.controller.grid, reference=self.reference)
        return curves_chart(self.controller.grid, "turn" if kind == "turn-accuracy" else "task")

    def _show_cells(self) -> None:
        grid = self.controller.grid
        lines = [
            CellLine(row, run.turns_asked / max(1, run.turns_to_ask), self._cell_status(run))
            for row, run in zip(table_rows(grid), grid.runs, strict=True)
        ]
        self.query_one(CellList).show(lines, f"{grid.experiment.measure} accuracy")
        self.query_one("#cells-tab", TabLine).set_titles({"cells": "cells"}, measure_name(grid.experiment))

    def _cell_status(self, run: CellRun) -> str:
        if run.finished:
            return "done"
        if run.fault:
            return "fault"
        return "asking" if self.controller.running and run.turns_asked else "waiting"

    # ---- layout

    def on_resize(self) -> None:
        """One pane at a time where three do not fit; the cells take what they need."""
        width, height = self.app.size
        self.set_class(width < NARROW, "-narrow")
        self.set_class(width >= WIDE, "-wide")
        wanted = len(self.controller.grid.runs) + 2
        self.query_one("#cells-box").styles.height = "1fr" if width < NARROW else min(wanted, height // 2 - 4)

    def show_pane(self, name: str) -> None:
        """Narrow layout: show one of the panes."""
        self.pane = name
        self.query_one("#grid-panes", TabLine).choose(name)
        for pane in PANES:
            self.set_class(pane == name, f"-pane-{pane}")

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        if event.line.id == "grid-panes":
            self.show_pane(event.name)
        elif event.line.id == "figure-tabs":
            self._choose_figure([str(kind) for kind in self.figures].index(event.name))

    def _choose_figure(self, number: int) -> None:
        if 0 <= number < len(self.figures):
            self.chosen = number
            self.poll()

    # ---- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what runs can be stopped, only what does not can go on."""
        status = self.controller.status
        if action == "stop":
            return status == "running"
        return action != "go_on" or status in ("ready", "stopped", "stuck")

    def action_figure_1(self) -> None:
        """The first figure."""
        self._choose_figure(0)

    def action_figure_2(self) -> None:
        """The second figure."""
        self._choose_figure(1)

    def action_figure_3(self) -> None:
        """The third figure."""
        self._choose_figure(2)

    def action_next_pane(self) -> None:
        """The next pane; where all are shown, the next figure."""
        if self.has_class("-narrow"):
            names = list(PANES)
            self.show_pane(names[(names.index(self.pane) + 1) % len(names)])
        else:
            self._choose_figure((self.chosen + 1) % len(self.figures))

    def action_paper(self) -> None:
        """The paper's values under the figure, or not."""
        self.reference = not self.reference
        self.poll()

    def action_cell_up(self) -> None:
        """The cell before."""
        self.query_one(CellList).move(-1)

    def action_cell_down(self) -> None:
        """The next cell."""
        self.query_one(CellList).move(1)

    def action_page_up(self) -> None:
        """The finding a page up."""
        view = self.query_one("#grid-finding", LinesView)
        view.scroll_by(-view.page)

    def action_page_down(self) -> None:
        """The finding a page down."""
        view = self.query_one("#grid-finding", LinesView)
        view.scroll_by(view.page)

    @property
    def cell(self) -> CellRun:
        """The cell under the cursor."""
        return self.controller.grid.runs[self.query_one(CellList).cursor]

    @on(CellList.Opened)
    def action_open(self) -> None:
        """The cell's session on the run screen, as far as it is recorded; the experiment goes on."""
        run = self.cell
        if run.path.exists():
            self._lhe.open_session(run.path)
        else:
            self._lhe.show_problem(f"{run.cell.label} has not begun: there is no session yet")

    def action_compare(self) -> None:
        """The cell beside the one that it is held against."""
        from lhe_tui.tui.compare_screen import CompareScreen

        grid, run = self.controller.grid, self.cell
        baseline = grid.run_of(grid.experiment.baseline_of(run.cell))
        # Where each curve is one cell, such as a model, the first one will do.
        baseline = grid.runs[0] if baseline is run else baseline
        if baseline is run:
            self._lhe.show_problem(
                f"{run.cell.label} is what the others are held against: choose another cell"
            )
        elif not (baseline.path.exists() and run.path.exists()):
            self._lhe.show_problem("one of the two cells has not begun: there is no session yet")
        else:
            self.app.push_screen(CompareScreen([baseline.path, run.path]))

    @work(group="ask", exclusive=True)
    async def action_stop(self) -> None:
        """Stop, after a question."""
        question = (
            "Stop this experiment? Every session stays whole, and it can go on later where it stood: "
            "cells that are done are never asked again."
        )
        if await self.app.push_screen_wait(AskScreen(question, "stop it", "keep running")):
            self.controller.stop()

    def action_go_on(self) -> None:
        """Ask what is left to ask."""
        self._lhe.go_on_with_grid(self.controller)

    def action_back(self) -> None:
        """Leave; what runs goes on."""
        self.dismiss(None)
