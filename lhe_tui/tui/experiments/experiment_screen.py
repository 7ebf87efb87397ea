"""One experiment, under way or as it ended: live figure, cells, finding. Reads the controller, owns no run."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.controller.experiment_controller import ExperimentController
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.experiments.cell_list import CellList
from lhe_tui.tui.experiments.experiment_lines import finding_lines, where_line
from lhe_tui.tui.experiments.experiment_views import CellPlace, view_of
from lhe_tui.tui.messages import GoTo, OpenSession, Problem, ResumeExperiment
from lhe_tui.tui.routes import CompareRoute
from lhe_tui.tui.widgets.base_screen import PanedScreen
from lhe_tui.tui.widgets.figure_view import FigureView
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.tab_line import TabLine

LOOK_EVERY = 0.25
"""Seconds between two looks: figures are drawn no oftener."""


class ExperimentScreen(PanedScreen[None]):
    """Shows what a controller drives; leaving the screen stops nothing."""

    CSS_PATH = ["../widgets/base_screen.tcss", "experiment_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("experiment")
    ACTIONS_OF = "experiment"
    AUTO_FOCUS = ""
    PANES = {"figure": "figure", "cells": "cells", "finding": "what was found"}

    def __init__(self, controller: ExperimentController) -> None:
        super().__init__()
        self.controller = controller
        self.view = view_of(controller)
        self.chosen = 0
        self.reference = True
        self._seen: object = None
        self._status = ""

    def compose(self) -> ComposeResult:
        """How far, the figure, the cells, the finding."""
        yield LinesView(id="where")
        yield TabLine(self.PANES, self.pane, id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TabLine(self._figure_titles(), "1", id="figure-tabs")
                with Vertical(classes="boxed", id="figure-box"):
                    yield FigureView(every=LOOK_EVERY, id="figure")
                    yield LinesView(id="bars")
                yield TabLine({"cells": "cells"}, "cells", id="cells-tab")
                with Vertical(classes="boxed", id="cells-box"):
                    yield CellList(id="cells")
            with Vertical(id="right"):
                yield TabLine({"finding": "what was found"}, "finding", id="finding-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="finding")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to look."""
        self.show_pane(self.pane)
        self.set_interval(LOOK_EVERY, self.poll)
        self.call_after_refresh(self.poll)

    # ---- keeping up

    def poll(self) -> None:
        """Show anew what changed."""
        controller = self.controller
        seen = (controller.version, controller.status, int(controller.elapsed), self.chosen, self.reference)
        if seen == self._seen or not self.is_current:
            return
        self._seen = seen
        self.query_one("#where", LinesView).show(lambda width: [where_line(controller)])
        self._show_figure()
        self._show_cells()
        findings = self.view.findings()
        self.query_one("#finding", LinesView).show(
            lambda width: finding_lines(controller, findings, width), place=None
        )
        if controller.status != self._status:
            self._status = controller.status
            self.refresh_bindings()

    def _figure_titles(self) -> dict[str, str]:
        return {str(n): f"{n} {name}" for n, name in enumerate(self.view.figures, 1)}

    def _show_figure(self) -> None:
        view, number, reference = self.view, self.chosen, self.reference
        figure, bars = self.query_one("#figure", FigureView), self.query_one("#bars", LinesView)
        tabs = self.query_one("#figure-tabs", TabLine)
        tabs.set_titles(self._figure_titles(), "" if reference else "p: with the paper's values")
        tabs.choose(str(number + 1))
        chart = view.chart(number, reference=reference)
        figure.display, bars.display = chart is not None, chart is None
        if chart is None:
            bars.show(lambda width: view.figure_lines(number, width, reference=reference), place=None)
            return
        controller = self.controller
        version = (
            "experiment",
            str(controller.folder),
            id(controller),
            controller.version,
            number,
            reference,
        )
        figure.show(version, lambda: chart)

    def _show_cells(self) -> None:
        heading, where = self.view.measure
        self.query_one(CellList).show(self.view.cell_lines(), heading)
        self.query_one("#cells-tab", TabLine).set_titles({"cells": "cells"}, where)
        self._share_height()

    # ---- layout

    def on_resize(self) -> None:
        """The cells take what they need, the figure the rest."""
        self._share_height()

    def _share_height(self) -> None:
        wanted = max(3, len(self.query_one(CellList).lines) + 2)
        box = self.query_one("#cells-box")
        box.styles.height = "1fr" if self.narrow else min(wanted, self.app.size.height // 2 - 4)

    @on(TabLine.Chosen, "#figure-tabs")
    def _figure_chosen(self, event: TabLine.Chosen) -> None:
        self.action_figure(int(event.name))

    # ---- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what runs can be stopped, only what does not can be resumed."""
        status = self.controller.status
        if action == "stop":
            return status == "running"
        return action != "resume" or status in ("ready", "stopped", "stuck")

    def action_figure(self, number: int) -> None:
        """A figure by its number, from 1."""
        if number <= len(self.view.figures):
            self.chosen = number - 1
            self.poll()

    def action_pane(self, by: int) -> None:
        """The next pane; where all are shown, the next figure."""
        if self.narrow:
            self.turn_pane(by)
        else:
            self.action_figure((self.chosen + by) % len(self.view.figures) + 1)

    def action_paper(self) -> None:
        """The paper's values under the figure, or not."""
        self.reference = not self.reference
        self.poll()

    def action_cursor(self, by: int) -> None:
        """The cursor so many cells down."""
        self.query_one(CellList).move(by)

    def action_scroll_page(self, by: int) -> None:
        """The finding so many pages down."""
        view = self.query_one("#finding", LinesView)
        view.scroll_by(by * view.page)

    @property
    def place(self) -> CellPlace | None:
        """The cell under the cursor; None while there is none."""
        places, cursor = self.view.places(), self.query_one(CellList).cursor
        return places[cursor] if cursor < len(places) else None

    @on(CellList.Opened)
    def action_open(self) -> None:
        """The cell's session on the run screen, as far as it is recorded."""
        place = self.place
        if place is None or not place.path.exists():
            what = "this" if place is None else place.label
            self.post_message(Problem(f"{what} has not begun: there is no session yet"))
        else:
            self.post_message(OpenSession(place.path))

    def action_compare(self) -> None:
        """The cell beside its reference cell."""
        place = self.place
        if place is None:
            return
        if place.baseline is None:
            self.post_message(Problem(f"{place.label} is compared with no other cell: choose another cell"))
        elif not (place.baseline.exists() and place.path.exists()):
            self.post_message(Problem("one of the two cells has not begun: there is no session yet"))
        else:
            self.post_message(GoTo(CompareRoute((place.baseline, place.path))))

    def action_stop(self) -> None:
        """Stop, after a question."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.controller.stop()

        question = (
            "Stop this experiment? Every session stays whole, and it can be resumed later: finished cells are "
            "never asked again."
        )
        self.app.push_screen(AskScreen(question, "stop it", "keep running"), answered)

    def action_resume(self) -> None:
        """Ask what is left to ask."""
        self.post_message(ResumeExperiment(self.controller))

    def action_back(self) -> None:
        """Leave; what runs keeps running."""
        self.dismiss(None)
