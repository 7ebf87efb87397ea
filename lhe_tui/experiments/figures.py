"""An experiment's figures as chart data, like the paper's, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lhe_tui.charts.data import Chart, Series
from lhe_tui.charts.scale import smooth
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.findings import horizon_words, measure_words
from lhe_tui.experiments.grid import INDUCED, FigureKind
from lhe_tui.experiments.measures import Difference, cell_difference, cell_measure
from lhe_tui.experiments.reference_values import TARGET_TURN, reference_values
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.task.scoring import Curve, accuracies, horizon_length, intervals

_SMOOTHED_FROM = 20
_BANDS_UP_TO = 3
"""Curves that are drawn with their bands; of more, the bands would hide the curves."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One cell in the table."""

    label: str
    done: str
    measure: str
    against: str
    """The difference in points from the cell that it is compared with."""
    needed: str
    """About how many samples find a difference of 10 points, where these leave its sign open."""
    horizon: str


def figures_of(grid: GridRun, *, reference: bool = True) -> list[Chart]:
    """The experiment's charts, in its order; with the paper's values laid under them, each labelled."""
    return [
        chart for kind in grid.experiment.figures if (chart := _figure(grid, kind, reference)) is not None
    ]


def _figure(grid: GridRun, kind: FigureKind, reference: bool) -> Chart | None:
    if kind == "against-x":
        return against_x_chart(grid, reference=reference)
    if kind == "horizon":
        return None
    return curves_chart(grid, "turn" if kind == "turn-accuracy" else "task")


def curves_chart(grid: GridRun, curve: Curve) -> Chart:
    """One accuracy curve per cell, turn by turn; a 5-turn mean for turn accuracy, as the paper draws it."""
    runs = grid.runs
    longest = max(run.cell.spec.turns for run in runs)
    calm = curve == "turn" and longest >= _SMOOTHED_FROM
    series = []
    for number, run in enumerate(runs, 1):
        values = accuracies(run.state.tallies, curve)
        shown = smooth(values) if calm else values
        band = _band(run, curve) if len(runs) <= _BANDS_UP_TO else None
        series.append(Series(list(enumerate(shown, 1)), run.cell.label, str(number), band=band))
    return Chart(
        series,
        title=f"{curve} accuracy" + (", 5-turn mean" if calm else ""),
        x_label="turn",
        x_range=(1, max(2, longest)),
        y_range=(0, 1),
        y_percent=True,
    )


def _band(run: CellRun, curve: Curve) -> list[tuple[float, float, float]]:
    found = intervals(run.state.tallies, curve)
    return [(turn, *interval) for turn, interval in enumerate(found, 1) if interval is not None]


def against_x_chart(grid: GridRun, *, reference: bool = True) -> Chart:
    """The measure against x, one series per curve with its intervals."""
    experiment = grid.experiment
    curves = list(dict.fromkeys(run.cell.curve for run in grid.runs if run.cell.x is not None))
    series = []
    for number, curve in enumerate(curves, 1):
        points: list[tuple[float, float | None]] = []
        band = []
        for run in _in_order(grid.runs, curve):
            measure = cell_measure(experiment, run)
            x = run.cell.x or 0.0
            points.append((x, None if measure is None else measure.rate))
            if measure is not None:
                band.append((x, measure.low, measure.high))
        shown = band if len(curves) <= _BANDS_UP_TO else None
        series.append(Series(points, curve, str(number), band=shown))
    xs = [run.cell.x for run in grid.runs if run.cell.x is not None]
    rates = experiment.x_label == INDUCED
    if reference and rates and experiment.target_turn == TARGET_TURN:
        for value in reference_values(experiment.name):
            if len(value.points) > 1:
                series.append(Series(value.points, value.label, "reference"))
    where = f" at turn {experiment.target_turn}" if experiment.target_turn and experiment.span == 1 else ""
    return Chart(
        series,
        title=f"{experiment.measure} accuracy{where}",
        x_label=experiment.x_label,
        x_range=(0.0, 1.0) if rates else (min(xs, default=0), max(xs, default=1)),
        x_whole=not rates,
        y_range=(0, 1),
        y_percent=True,
        empty="nothing measured yet",
    )


def _in_order(runs: Sequence[CellRun], curve: str) -> list[CellRun]:
    members = [run for run in runs if run.cell.curve == curve and run.cell.x is not None]
    return sorted(members, key=lambda run: run.cell.x or 0.0)


def table_rows(grid: GridRun) -> list[TableRow]:
    """The table: each cell with its measure, its difference from what it is compared with, and its horizon."""
    experiment = grid.experiment
    rows = []
    for run in grid.runs:
        baseline = grid.run_of(experiment.baseline_of(run.cell))
        measure = cell_measure(experiment, run)
        difference = cell_difference(experiment, baseline, run)
        whole = run.cell.given == 0 and run.cell.spec.turns > 1
        turns = run.state.complete_turns
        rows.append(
            TableRow(
                run.cell.label,
                f"{run.turns_asked:,}/{run.turns_to_ask:,}",
                "—" if measure is None else measure_words(measure),
                "—" if difference is None else _points(difference),
                f"{difference.needed.samples:,}" if difference is not None and difference.needed else "",
                horizon_words(horizon_length(run.state.tallies, 0.5), turns) if whole and turns else "—",
            )
        )
    return rows


def _points(difference: Difference) -> str:
    said = f"{difference.difference * 100:+.0f}"
    if difference.low is None or difference.high is None:
        return said
    return f"{said} [{difference.low * 100:+.0f}, {difference.high * 100:+.0f}]"


def horizon_bars(grid: GridRun, width: int, *, reference: bool = True) -> list[str]:
    """H_0.5 per cell as bars on a log axis, with its range and the paper's own beneath; lines of plain text."""
    rows: list[tuple[str, float | None, str]] = []
    for run in grid.runs:
        found = horizon_length(run.state.tallies, 0.5)
        rows.append((run.cell.label, found.turn, horizon_words(found, max(1, run.state.complete_turns))))
    if reference:
        for value in reference_values(grid.experiment.name, "H_0.5"):
            rows.append((f"paper: {value.label}", value.points[0][1], f"{value.points[0][1]:g}"))
    return log_bars(rows, width, beyond=max(run.cell.spec.turns for run in grid.runs))


def log_bars(rows: Sequence[tuple[str, float | None, str]], width: int, *, beyond: float) -> list[str]:
    """Bars on a log axis from 1, a line each: label, bar, words. A value of None is drawn to the end, open."""
    from math import log

    names = max((len(label) for label, _, _ in rows), default=0)
    said = max((len(words) for _, _, words in rows), default=0)
    room = max(8, width - names - said - 4)
    top = max([beyond, *(value for _, value, _ in rows if value is not None), 2.0])
    lines = []
    for label, value, words in rows:
        cells = room if value is None else max(1, round(room * log(max(value, 1.0) + 0.2) / log(top + 0.2)))
        bar = "━" * (cells - 1) + ("▶" if value is None else "━")
        lines.append(f"{label:<{names}}  {bar:<{room}}  {words}")
    return lines
