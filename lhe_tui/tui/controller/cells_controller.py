"""An experiment of cells under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import NoticeRaised
from lhe_tui.experiments.grid import Cell, Experiment
from lhe_tui.experiments.grid_estimate import estimate_grid
from lhe_tui.experiments.manifest import Manifest, read_manifest
from lhe_tui.experiments.run_grid import GridRun, new_grid_run, resumed_grid_run
from lhe_tui.launch.models import ModelOpener, default_concurrency
from lhe_tui.tui.controller.experiment_controller import MOST_AT_ONCE, REAL_CLOCK, ExperimentController
from lhe_tui.tui.controller.yielding_model import yielding
from lhe_tui.tui.turn.run_words import clock_time


class CellsController(ExperimentController):
    """One set of cells, its models, and how far it is."""

    def __init__(
        self, grid: GridRun, opener: ModelOpener, *, clock: Callable[[], float] = REAL_CLOCK
    ) -> None:
        super().__init__(opener, clock)
        self.grid = grid

    @property
    def experiment(self) -> Experiment:
        """What is measured."""
        return self.grid.experiment

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment.name

    @property
    def folder(self) -> Path:
        """Where the cells' sessions lie."""
        return self.grid.folder

    @property
    def models(self) -> Sequence[str]:
        """Of all cells."""
        return self.experiment.models

    @property
    def base_url(self) -> str | None:
        """Another server, where one is asked."""
        return self.grid.manifest.base_url

    @property
    def finished(self) -> bool:
        """Whether every turn of every cell has been answered."""
        return self.grid.finished

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """The cells that stand still, and why."""
        return [(run.cell.label, run.fault) for run in self.grid.faults]

    @property
    def asked(self) -> int:
        """Turns answered, in all cells."""
        return sum(run.turns_asked for run in self.grid.runs)

    @property
    def to_ask(self) -> int:
        """Turns of all cells."""
        return sum(run.turns_to_ask for run in self.grid.runs)

    @property
    def seconds_left(self) -> float | None:
        """Until the end at the pace so far; None where it is not known."""
        done = self.asked - self._asked_before
        if not self.running or done <= 0:
            return None
        return (self.to_ask - self.asked) * self.elapsed / done

    def progress_words(self) -> str:
        """`43 % · 1/4 cells · 4,100/9,600 turns · 0:31  ETA 0:44`."""
        done = sum(run.finished for run in self.grid.runs)
        share = self.asked / max(1, self.to_ask)
        words = (
            f"{share * 100:.0f} % · {done}/{len(self.grid.runs)} cells · {self.asked:,}/{self.to_ask:,} turns"
        )
        if self.running:
            words += f" · {clock_time(self.elapsed)}  ETA {clock_time(self.seconds_left)}"
        return words

    def resume_command(self) -> Sequence[str]:
        """`lhe-tui experiment NAME --out FOLDER --resume`."""
        return ("lhe-tui", "experiment", self.name, "--out", str(self.folder), "--resume")

    def estimate_words(self) -> str:
        """Requests and tokens of the cells that are not finished."""
        return estimate_grid(self.grid.runs, lambda name: self.opener(name).info).words()

    def reopened(self) -> ExperimentController:
        """The experiment as its folder holds it now."""
        return reopened_cells(self.folder)

    def _growing(self) -> AsyncGenerator[object, None]:
        def on_notice(cell: Cell, notice: NoticeRaised) -> None:
            self._take_notice(cell.label, notice.text)

        at_once = default_concurrency(self.models, self.opener, MOST_AT_ONCE)
        return self.grid.progress(yielding(self.opener), concurrency=at_once, on_notice=on_notice)

    def _stop_runs(self) -> None:
        self.grid.stop()

    def _close_files(self) -> None:
        self.grid.close()


def new_cells(
    experiment: Experiment, folder: Path, *, base_url: str | None = None, api_key_env: str | None = None
) -> CellsController:
    """An experiment that starts anew; lays down given past turns, so call it in a thread. Raises GridError."""
    manifest = Manifest(experiment, built_in_template(), base_url, api_key_env)
    return CellsController(
        new_grid_run(manifest, folder, built_in_words()), ModelOpener(base_url, api_key_env)
    )


def reopened_cells(folder: Path) -> CellsController:
    """An experiment as its folder holds it, to be looked at or resumed; call it in a thread. Raises GridError."""
    manifest = read_manifest(folder)
    grid = resumed_grid_run(manifest, folder, built_in_words())
    return CellsController(grid, ModelOpener(manifest.base_url, manifest.api_key_env))
