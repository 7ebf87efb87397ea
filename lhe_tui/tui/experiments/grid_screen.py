"""An experiment under way, or as it ended: live figure, cells, finding. Reads the controller, owns no run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.experiments.cell_list import CellList
from lhe_tui.tui.experiments.grid_lines import finding_lines, study_where
from lhe_tui.tui.experiments.study_controller import StudyController
from lhe_tui.tui.experiments.study_views import CellPlace, view_of
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


class GridScreen(Screen[None]):
    """Shows what a controller drives; leaving the screen stops nothing."""

    CSS_PATH = ["../widgets/inks.tcss", "grid_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("grid")
    ACTIONS_OF = "grid"
    AUTO_FOCUS = ""

    def __init__(self, controller: StudyController) -> None:
        super().__init__()
        self.controller = controller
        self.view = view_of(controller)
        self.chosen = 0
        self.reference = True
        self.pane = "figure"
        self._seen: object = None
        self._status = ""

    def compose(self) -> ComposeResult:
        """How far, the figure, the cells, the finding."""
        yield LinesView(id="grid-where")
        yield TabLine(PANES, self.pane, id="grid-panes")
        with Horizontal(id="grid-body"):
            with Vertical(id="grid-left"):
                yield TabLine(self._figure_titles(), "1", id="figure-tabs")
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
        self.query_one("#grid-where", LinesView).show(lambda width: [study_where(controller)])
        self._show_figure()
        self._show_cells()
        findings = self.view.findings()
        self.query_one("#grid-finding", LinesView).show(
            lambda width: finding_lines(controller, findings, width), place=None
        )
        if controller.status != self._status:
            self._status = controller.status
            self.refresh_bindings()

    def _figure_titles(self) -> dict[str, str]:
        return {str(n): f"{n} {name}" for n, name in enumerate(self.view.figures, 1)}

    def _show_figure(self) -> None:
        view, number, reference = self.view, self.chosen, self.reference
        figure, bars = self.query_one("#grid-figure", FigureView), self.query_one("#grid-bars", LinesView)
        tabs = self.query_one("#figure-tabs", TabLine)
        tabs.set_titles(self._figure_titles(), "" if reference else "p: with the paper's values")
        tabs.choose(str(number + 1))
        chart = view.chart(number, reference=reference)
        figure.display, bars.display = chart is not None, chart is None
        if chart is None:
            bars.show(lambda width: view.figure_lines(number, width, reference=reference), place=None)
            return
        controller = self.controller
        version = ("grid", str(controller.folder), id(controller), controller.version, number, reference)
        figure.show(version, lambda: chart)

    def _show_cells(self) -> None:
        heading, where = self.view.measure
        self.query_one(CellList).show(self.view.cell_lines(), heading)
        self.query_one("#cells-tab", TabLine).set_titles({"cells": "cells"}, where)
        self._share_height()

    # ---- layout

    def on_resize(self) -> None:
        """One pane at a time where three do not fit; the cells take what they need."""
        width = self.app.size.width
        self.set_class(width < NARROW, "-narrow")
        self.set_class(width >= WIDE, "-wide")
        self._share_height()

    def _share_height(self) -> None:
        """The cells take what they need, the figure the rest."""
        width, height = self.app.size
        wanted = max(3, len(self.query_one(CellList).lines) + 2)
        box = self.query_one("#cells-box")
        box.styles.height = "1fr" if width < NARROW else min(wanted, height // 2 - 4)

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
            self._choose_figure(int(event.name) - 1)

    def _choose_figure(self, number: int) -> None:
        if 0 <= number < len(self.view.figures):
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
            self._choose_figure((self.chosen + 1) % len(self.view.figures))

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
    def place(self) -> CellPlace | None:
        """The cell under the cursor; None while there is none."""
        places, cursor = self.view.places(), self.query_one(CellList).cursor
        return places[cursor] if cursor < len(places) else None

    @on(CellList.Opened)
    def action_open(self) -> None:
        """The cell's session on the run screen, as far as it is recorded; the experiment goes on."""
        place = self.place
        if place is None or not place.path.exists():
            what = "this" if place is None else place.label
            self._lhe.show_problem(f"{what} has not begun: there is no session yet")
        else:
            self._lhe.open_session(place.path)

    def action_compare(self) -> None:
        """The cell beside the one that it is held against."""
        from lhe_tui.tui.compare.compare_screen import CompareScreen

        place = self.place
        if place is None:
            return
        if place.baseline is None:
            self._lhe.show_problem(f"{place.label} is held against no other: choose another cell")
        elif not (place.baseline.exists() and place.path.exists()):
            self._lhe.show_problem("one of the two cells has not begun: there is no session yet")
        else:
            self.app.push_screen(CompareScreen([place.baseline, place.path]))

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
