"""A folder where a session could stand: an experiment, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.output import message

if TYPE_CHECKING:
    from lhe_tui.experiments.ladder import LadderRun
    from lhe_tui.experiments.run_grid import GridRun


def read_folder(folder: Path) -> GridRun | LadderRun:
    """The experiment of a folder; what of it cannot be read is said on stderr. Raises LheError."""
    from lhe_tui.experiments.recorded import recorded_experiment

    experiment, warnings = recorded_experiment(folder)
    for words in warnings:
        message(f"note: {words}")
    return experiment


def experiment_json(experiment: GridRun | LadderRun) -> str:
    """The experiment's results as one JSON document."""
    from lhe_tui.experiments.experiment_report import experiment_document, ladder_document
    from lhe_tui.experiments.run_grid import GridRun
    from lhe_tui.record.json_text import to_json

    if isinstance(experiment, GridRun):
        return to_json(experiment_document(experiment))
    return to_json(ladder_document(experiment))


def print_folder(experiment: GridRun | LadderRun) -> None:
    """The experiment's figures, table and finding on stdout."""
    from lhe_tui.cli.experiment_summary import print_experiment, print_ladder
    from lhe_tui.experiments.run_grid import GridRun

    if isinstance(experiment, GridRun):
        print_experiment(experiment)
    else:
        print_ladder(experiment)


def fair_comparisons(folder: Path) -> list[list[Path]]:
    """The sessions of a folder's cells that may stand beside each other, a baseline first. Raises LheError."""
    from lhe_tui.experiments import recorded
    from lhe_tui.experiments.run_grid import GridRun

    experiment = read_folder(folder)
    if not isinstance(experiment, GridRun):
        raise UsageError(f"{folder} holds a ladder: lhe-tui report tells its K side by side")
    found = recorded.fair_comparisons(experiment)
    if not found:
        raise UsageError(
            f"no two cells of {folder} that were run differ in one setting alone: name the sessions to compare"
        )
    return found
