"""A grid under way on the app."""

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
from lhe_tui.tui.experiments.study_controller import MOST_AT_ONCE, REAL_CLOCK, StudyController
from lhe_tui.tui.run.run_words import clock_time
from lhe_tui.tui.run.yielding_model import yielding


class GridController(StudyController):
    """One grid, its models, and how far it is."""

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
        """Turns of the whole grid."""
        return sum(run.turns_to_ask for run in self.grid.runs)

    @property
    def seconds_left(self) -> float | None:
        """Until the end at the pace so far; None where it cannot be told."""
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

    def reopened(self) -> StudyController:
        """The grid as its folder holds it now."""
        return reopened_grid(self.folder)

    def _growing(self) -> AsyncGenerator[object, None]:
        def on_notice(cell: Cell, notice: NoticeRaised) -> None:
            self._take_notice(cell.label, notice.text)

        at_once = default_concurrency(self.models, self.opener, MOST_AT_ONCE)
        return self.grid.progress(yielding(self.opener), concurrency=at_once, on_notice=on_notice)

    def _stop_runs(self) -> None:
        self.grid.stop()

    def _close_files(self) -> None:
        self.grid.close()


def new_grid(
    experiment: Experiment, folder: Path, *, base_url: str | None = None, api_key_env: str | None = None
) -> GridController:
    """An experiment that starts anew; lays down given past turns, so call it in a thread. Raises GridError."""
    manifest = Manifest(experiment, built_in_template(), base_url, api_key_env)
    return GridController(
        new_grid_run(manifest, folder, built_in_words()), ModelOpener(base_url, api_key_env)
    )


def reopened_grid(folder: Path) -> GridController:
    """An experiment as its folder holds it, to look at or to go on with; call it in a thread. Raises GridError."""
    manifest = read_manifest(folder)
    grid = resumed_grid_run(manifest, folder, built_in_words())
    return GridController(grid, ModelOpener(manifest.base_url, manifest.api_key_env))
