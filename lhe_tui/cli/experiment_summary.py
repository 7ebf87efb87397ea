"""An experiment's results for a plain terminal: figures, table, what the paper reports, and the finding."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

from lhe_tui.cli.output import colour_wanted, command, result, result_drawing

if TYPE_CHECKING:
    from lhe_tui.charts.data import Chart
    from lhe_tui.experiments.ladder import LadderRun
    from lhe_tui.experiments.run_grid import GridRun

_NARROWEST, _WIDEST = 40, 120
_CHART_HEIGHT = 16
_MOST_SUGGESTED = 3


def print_experiment(grid: GridRun) -> None:
    """Everything that was measured, on stdout."""
    from lhe_tui.experiments.figures import figures_of, horizon_bars, table_rows
    from lhe_tui.experiments.findings import finding, where_words
    from lhe_tui.experiments.recorded import fair_comparisons

    experiment = grid.experiment
    simulated = " (simulated)" if all(name.startswith("sim/") for name in experiment.models) else ""
    result(f"{experiment.name} · {', '.join(experiment.models)}{simulated} · {experiment.question}")
    for chart in figures_of(grid):
        result()
        print_chart(chart)
    if "horizon" in experiment.figures:
        result()
        result("H_0.5: the first turn at which task accuracy is below 50 %, log axis")
        for line in horizon_bars(grid, _width()):
            result(line)
    where = {where_words(experiment, run) for run in grid.runs}
    measured = f"{experiment.measure} accuracy" + (f" {where.pop()}" if len(where) == 1 else " at the end")
    heads = ("cell", "turns", measured, "difference", "N for 10 points", "H_0.5")
    result()
    print_table(heads, [astuple(row) for row in table_rows(grid)])
    print_reference(experiment.name)
    print_finding(finding(grid))
    result()
    result(f"Sessions in {grid.folder}")
    for paths in fair_comparisons(grid)[:_MOST_SUGGESTED]:
        result(f"  compare  {command('compare', *paths)}")


def print_ladder(ladder: LadderRun) -> None:
    """Every K that was tried, and the largest."""
    from lhe_tui.charts.data import Chart, Series
    from lhe_tui.experiments.ladder import LINE, ladder_finding

    simulated = " (simulated)" if ladder.settings.controls.model.startswith("sim/") else ""
    controls = ladder.settings.controls
    result(f"ladder · {controls.model}{simulated} · {controls.mode} · at least 80 % right in a single turn")
    rungs = sorted((rung for rung in ladder.rungs if rung.counts[1]), key=lambda rung: rung.k)
    if len(rungs) > 1:
        points = [(float(r.k), r.counts[0] / r.counts[1]) for r in rungs]
        band = [(float(r.k), *r.interval) for r in rungs]
        result()
        print_chart(
            Chart(
                [Series(points, "accuracy", "turn", band=band, band_label="95 %, at any time")],
                hlines=[LINE],
                x_label="keys in the turn, K",
                y_range=(0, 1),
                y_percent=True,
            )
        )
    result()
    rows = []
    for rung in rungs:
        right, n = rung.counts
        low, high = rung.interval
        verdict = ("passes" if rung.passed else "fails") if rung.decided else "under way"
        rows.append(
            (
                f"{rung.k}",
                f"{right}/{n}",
                f"{right / n * 100:.0f} % [{low * 100:.0f}, {high * 100:.0f}]",
                verdict + ("" if rung.settled else ", not settled"),
            )
        )
    print_table(("K", "right", "accuracy", ""), rows)
    print_reference("ladder")
    print_finding(ladder_finding(ladder))
    result()
    result(f"Sessions in {ladder.folder}")


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in columns as wide as they need be; a column that holds nothing is left out."""
    from lhe_tui.text.widths import cells

    kept = [n for n in range(len(heads)) if any(row[n] not in ("", "—") for row in rows)]
    widths = [max(cells(line[n]) for line in (heads, *rows)) for n in range(len(heads))]
    for line in (heads, *rows):
        padded = [line[n] + " " * (widths[n] - cells(line[n])) for n in kept]
        result("  ".join(padded).rstrip())


def print_reference(name: str) -> None:
    """What the paper reports, each line with how it is known."""
    from lhe_tui.experiments.reference_values import reference_words

    lines = reference_words(name)
    if not lines:
        return
    result()
    result("The paper reports:")
    for line in lines:
        result(textwrap.fill(line, _width(), initial_indent="  ", subsequent_indent="    "))


def print_finding(sentence: str) -> None:
    """The finding, wrapped."""
    result()
    result(textwrap.fill(sentence, _width()))


def print_chart(chart: Chart) -> None:
    """A chart under its title."""
    from lhe_tui.charts.plot import draw

    if chart.title:
        # In a line of its own: beside a long legend it would be dropped.
        result(chart.title)
    untitled = replace(chart, title="")
    result_drawing(draw(untitled, _width(), _CHART_HEIGHT, colour=colour_wanted(sys.stdout)))


def _width() -> int:
    return min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns))
