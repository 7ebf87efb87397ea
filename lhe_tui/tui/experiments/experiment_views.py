"""How an experiment is shown, of cells or as a ladder: its figures, its lines, its words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from lhe_tui.charts.data import Chart, Series
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.figures import TableRow, against_x_chart, curves_chart, table_rows
from lhe_tui.experiments.findings import finding, where_words
from lhe_tui.experiments.ladder import LINE, Rung, ladder_finding
from lhe_tui.text.visible import visible
from lhe_tui.tui.controller.cells_controller import CellsController
from lhe_tui.tui.controller.experiment_controller import ExperimentController
from lhe_tui.tui.controller.ladder_controller import LadderController
from lhe_tui.tui.experiments.cell_list import CellLine
from lhe_tui.tui.experiments.experiment_lines import horizon_lines, measure_name
from lhe_tui.tui.widgets.piece_lines import Line

_NAMES = {"turn-accuracy": "turn accuracy", "task-accuracy": "task accuracy", "horizon": "H_0.5"}


class CellPlace(NamedTuple):
    """A line's session, and that of what it is held against; None where it is held against nothing."""

    label: str
    path: Path
    baseline: Path | None


class ExperimentView(Protocol):
    """What the screen shows."""

    @property
    def figures(self) -> Sequence[str]:
        """The names of the figures, as people read them."""
        ...

    def chart(self, number: int, *, reference: bool) -> Chart | None:
        """A figure by its place; None for one that is lines."""
        ...

    def figure_lines(self, number: int, width: int, *, reference: bool) -> list[Line]:
        """A figure that is lines."""
        ...

    @property
    def measure(self) -> tuple[str, str]:
        """(heading of the measure's column, where it is taken)."""
        ...

    def cell_lines(self) -> list[CellLine]:
        """The cells or rungs."""
        ...

    def places(self) -> list[CellPlace]:
        """Their sessions."""
        ...

    def findings(self) -> tuple[list[str], str]:
        """(sentences, where it was measured)."""
        ...


class CellsView:
    """An experiment of cells."""

    def __init__(self, controller: CellsController) -> None:
        self._controller = controller
        self._grid = controller.grid
        self._kinds = controller.experiment.figures

    @property
    def figures(self) -> Sequence[str]:
        """In the experiment's order."""
        experiment = self._grid.experiment
        against = f"{experiment.measure} accuracy by {visible(experiment.x_label, limit=60)}"
        return [_NAMES.get(kind, against) for kind in self._kinds]

    def chart(self, number: int, *, reference: bool) -> Chart | None:
        """A figure by its place; the horizons are lines."""
        kind = self._kinds[number]
        if kind == "horizon":
            return None
        if kind == "against-x":
            return against_x_chart(self._grid, reference=reference)
        return curves_chart(self._grid, "turn" if kind == "turn-accuracy" else "task")

    def figure_lines(self, number: int, width: int, *, reference: bool) -> list[Line]:
        """The horizons as bars."""
        return horizon_lines(self._grid, width, reference=reference)

    @property
    def measure(self) -> tuple[str, str]:
        """The experiment's."""
        return f"{self._grid.experiment.measure} accuracy", measure_name(self._grid.experiment)

    def cell_lines(self) -> list[CellLine]:
        """With what is measured of each."""
        return [
            CellLine(row, run.turns_asked / max(1, run.turns_to_ask), self._status(run))
            for row, run in zip(table_rows(self._grid), self._grid.runs, strict=True)
        ]

    def _status(self, run: CellRun) -> str:
        if run.finished:
            return "done"
        if run.fault:
            return "fault"
        return "asking" if self._controller.running and run.turns_asked else "waiting"

    def places(self) -> list[CellPlace]:
        """Each against the first of its curve; where each curve is one cell, such as a model, against the first."""
        grid = self._grid
        found = []
        for run in grid.runs:
            baseline = grid.run_of(grid.experiment.baseline_of(run.cell))
            baseline = grid.runs[0] if baseline is run else baseline
            path = None if baseline is run else baseline.path
            found.append(CellPlace(run.cell.label, run.path, path))
        return found

    def findings(self) -> tuple[list[str], str]:
        """What is said of each curve by itself."""
        experiment = self._grid.experiment
        text = finding(self._grid)
        for curve in dict.fromkeys(cell.curve for cell in experiment.cells):
            text = text.replace(f". {curve}: ", f".\n{curve}: ")
        where = {where_words(experiment, run) for run in self._grid.runs}
        told = len(where) == 1 and "horizon" not in experiment.figures
        return text.split("\n"), f"measured {where.pop()}; 95 % intervals" if told else ""


class LadderView:
    """A ladder."""

    def __init__(self, controller: LadderController) -> None:
        self._controller = controller

    @property
    def figures(self) -> Sequence[str]:
        """There is one."""
        return ("accuracy by keys in the turn, K",)

    def chart(self, number: int, *, reference: bool) -> Chart | None:
        """Accuracy against K with the line to be reached."""
        rungs = [rung for rung in self._controller.rungs if rung.counts[1]]
        points: list[tuple[float, float | None]] = [(float(r.k), r.counts[0] / r.counts[1]) for r in rungs]
        band = [(float(r.k), *r.interval) for r in rungs]
        most = max([2.0, *(x for x, _ in points)])
        return Chart(
            [Series(points, "accuracy", "turn", band=band, band_label="95 %, at any time")],
            hlines=(LINE,),
            x_label="K",
            x_range=(1.0, most),
            y_range=(0.0, 1.0),
            y_percent=True,
            empty="no K has been answered yet",
        )

    def figure_lines(self, number: int, width: int, *, reference: bool) -> list[Line]:
        """There is none."""
        return []

    @property
    def measure(self) -> tuple[str, str]:
        """Of each K."""
        return "right in one turn", "at least 80 % right passes; a K that is clear is asked no further"

    def cell_lines(self) -> list[CellLine]:
        """The K that were tried, the smallest first."""
        return [self._line(rung) for rung in self._controller.rungs]

    def _line(self, rung: Rung) -> CellLine:
        right, n = rung.counts
        low, high = rung.interval
        share = f"{right / n * 100:.0f} % [{low * 100:.0f}, {high * 100:.0f}]" if n else "—"
        verdict = "" if not rung.decided else "passes" if rung.passed else "fails"
        row = TableRow(f"K = {rung.k} {verdict}".strip(), f"{right}/{n}", share, "—", "", "—")
        asked = 1.0 if rung.decided else n / max(1, self._controller.ladder.settings.samples)
        return CellLine(row, asked, "done" if rung.decided else "asking")

    def places(self) -> list[CellPlace]:
        """A K is held against nothing: their plans are not the same."""
        return [CellPlace(f"K = {rung.k}", rung.run.path, None) for rung in self._controller.rungs]

    def findings(self) -> tuple[list[str], str]:
        """The largest K, and how sure its neighbours are."""
        return [ladder_finding(self._controller.ladder)], "intervals that may be looked at after every sample"


def view_of(controller: ExperimentController) -> ExperimentView:
    """The view that goes with a controller."""
    if isinstance(controller, LadderController):
        return LadderView(controller)
    assert isinstance(controller, CellsController)
    return CellsView(controller)


Build = Callable[[Path], ExperimentController]
"""Makes an experiment in a folder that is not there yet; for a thread."""
