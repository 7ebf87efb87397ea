"""An experiment's results as one document of plain values, for `experiment --json` and `ladder --json`."""

from __future__ import annotations

from typing import Any

from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.comparison import asked_from_the_start, bootstrap_horizons
from lhe_tui.experiments.findings import finding
from lhe_tui.experiments.grid import INDUCED
from lhe_tui.experiments.ladder import LINE, LadderRun, Rung, ladder_finding
from lhe_tui.experiments.measures import cell_difference, cell_measure, pooled_self_conditioning
from lhe_tui.experiments.reference_values import reference_values, reference_words
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.record.report import report

FORMAT = "lhe-experiment-report/1"
LADDER_FORMAT = "lhe-ladder-report/1"


def experiment_document(grid: GridRun) -> dict[str, Any]:
    """The experiment: its finding, and every cell's measure, difference and report."""
    experiment = grid.experiment
    return {
        "format": FORMAT,
        "name": experiment.name,
        "question": experiment.question,
        "finding": finding(grid),
        "finished": grid.finished,
        "folder": str(grid.folder),
        "measure": f"{experiment.measure}_accuracy",
        "target_turn": experiment.target_turn,
        "span": experiment.span,
        "x_label": experiment.x_label or None,
        "cells": [_cell(grid, run) for run in grid.runs],
        "self_conditioning": _self_conditioning(grid),
        "reference": _reference(experiment.name),
    }


def _self_conditioning(grid: GridRun) -> dict[str, dict[str, object]] | None:
    """Per curve, where the cells differ in their induced error rate."""
    if grid.experiment.x_label != INDUCED:
        return None
    curves = dict.fromkeys(run.cell.curve for run in grid.runs)
    return {
        curve: pooled_self_conditioning([run for run in grid.runs if run.cell.curve == curve]).as_dict()
        for curve in curves
    }


def _horizon(run: CellRun) -> dict[str, Any] | None:
    """H_s with a bootstrap interval by sample; None over a past that was given."""
    if not asked_from_the_start(run.state):
        return None
    return {str(s): found._asdict() for s, found in bootstrap_horizons(run.state).items()}


def _cell(grid: GridRun, run: CellRun) -> dict[str, Any]:
    experiment = grid.experiment
    measure = cell_measure(experiment, run)
    baseline = experiment.baseline_of(run.cell)
    difference = cell_difference(experiment, grid.run_of(baseline), run)
    return {
        "name": run.cell.name,
        "label": run.cell.label,
        "model": run.cell.model,
        "curve": run.cell.curve,
        "x": run.cell.x,
        "given_turns": run.cell.given,
        "session": str(run.path),
        "finished": run.finished,
        "fault": run.fault or None,
        "measured": None if measure is None else measure._asdict(),
        "against": baseline.name,
        "difference": None if difference is None else difference._asdict(),
        "horizon": _horizon(run),
        "report": report(run.state, run.state.header.rules),
    }


def _reference(name: str) -> list[dict[str, Any]]:
    return [
        {
            "subject": value.subject,
            "quantity": value.quantity,
            "how": value.how,
            "points": [list(point) for point in value.points],
        }
        for value in reference_values(name)
    ] + [{"words": words} for words in reference_words(name)]


def ladder_document(ladder: LadderRun) -> dict[str, Any]:
    """The ladder: the largest K, and every K that was tried."""
    search = ladder.search
    return {
        "format": LADDER_FORMAT,
        "model": ladder.settings.controls.model,
        "mode": ladder.settings.controls.mode,
        "line": LINE,
        "largest": search.largest,
        "smallest_failed": search.smallest_failed,
        "stopped_by_bound": search.stopped_by_bound,
        "finished": ladder.finished,
        "finding": ladder_finding(ladder),
        "folder": str(ladder.folder),
        "rungs": [_rung(rung) for rung in ladder.rungs],
        "reference": _reference("ladder"),
    }


def _rung(rung: Rung) -> dict[str, Any]:
    right, n = rung.counts
    return {
        "k": rung.k,
        "right": right,
        "n": n,
        "interval": list(rung.interval),
        "passed": rung.passed if rung.decided else None,
        "settled": rung.settled,
        "session": str(rung.run.path),
    }
