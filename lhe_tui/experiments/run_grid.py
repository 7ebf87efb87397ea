"""Running a grid: its cells under one bound of requests, each a session in the experiment's folder.

All cells run side by side, but for a model that answers one request at a time: there they run one after the other:
such a model keeps the prompts of few conversations in memory and would read those of a whole grid again every turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from lhe_tui.engine.borrowed_model import BorrowedModel
from lhe_tui.engine.events import Event, NoticeRaised
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.experiments.cell_run import CellRun, new_cell_run, reopened_cell_run
from lhe_tui.experiments.grid import Cell, Experiment, GridError
from lhe_tui.experiments.manifest import MANIFEST, Manifest, session_name, write_manifest
from lhe_tui.launch.runs import begin
from lhe_tui.models.base import ChatModel
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.record.errors import SessionError
from lhe_tui.task.controls import ControlError
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate


class GridRun:
    """A grid under way. Iterate `progress()`; `runs` hold the cells' states, in the grid's order.

    A cell that a fault stops keeps its session whole and says why in `fault`; the others go on.
    """

    def __init__(self, manifest: Manifest, folder: Path, runs: Sequence[CellRun]) -> None:
        self.manifest = manifest
        self.experiment: Experiment = manifest.experiment
        self.folder = folder
        self.runs = list(runs)
        self._running: list[Run] = []
        self._stopping = False

    @property
    def faults(self) -> list[CellRun]:
        """The cells that stand still for want of something."""
        return [run for run in self.runs if run.fault]

    @property
    def finished(self) -> bool:
        """Whether every turn of every cell has been answered."""
        return all(run.finished for run in self.runs)

    def run_of(self, cell: Cell) -> CellRun:
        """A cell's run."""
        return next(run for run in self.runs if run.cell.name == cell.name)

    def stop(self) -> None:
        """End all runs at once; their sessions stay whole."""
        self._stopping = True
        for run in self._running:
            run.stop()

    def close(self) -> None:
        """Let go of every session's file."""
        for run in self.runs:
            run.close()

    async def progress(
        self,
        open_model: Callable[[str], ChatModel],
        *,
        concurrency: int,
        on_notice: Callable[[Cell, NoticeRaised], None] = lambda cell, notice: None,
    ) -> AsyncGenerator[CellRun, None]:
        """Ask what is left to ask; yields the cell that has grown, after each of its events.

        Writes the manifest first, where there is none. Raises GridError.
        """
        if not (self.folder / MANIFEST).exists():
            write_manifest(self.folder, self.manifest)
        models: dict[str, ChatModel] = {}

        def borrow(name: str) -> ChatModel:
            if name not in models:
                models[name] = open_model(name)
            return BorrowedModel(models[name])

        grown: asyncio.Queue[CellRun | None] = asyncio.Queue()
        pace = RunLimits(concurrency=max(1, concurrency), gate=asyncio.Semaphore(max(1, concurrency)))

        cells_at_once = asyncio.Semaphore(1 if concurrency <= 1 else len(self.runs) or 1)

        async def run_cell(run: CellRun) -> None:
            try:
                async with cells_at_once:
                    async for event in self._events(run, borrow, pace):
                        if isinstance(event, NoticeRaised):
                            on_notice(run.cell, event)
                        grown.put_nowait(run)
            except (SessionError, ControlError, ModelNotAvailable, OSError) as error:
                run.fault = run.fault or str(error)

        left = [run for run in self.runs if not run.finished and not run.fault]
        tasks = [asyncio.create_task(run_cell(run)) for run in left]
        done = asyncio.gather(*tasks)
        done.add_done_callback(lambda _: grown.put_nowait(None))
        try:
            while (run := await grown.get()) is not None:
                yield run
            await done
        finally:
            done.cancel()
            await asyncio.gather(done, *tasks, return_exceptions=True)
            for model in models.values():
                await model.aclose()

    async def _events(
        self, cell: CellRun, open_model: Callable[[str], ChatModel], pace: RunLimits
    ) -> AsyncGenerator[Event, None]:
        if self._stopping:
            return
        started = begin(cell.plan(open_model), limits=pace, live=False)
        run, cell.writer = started.run, started.writer
        self._running.append(run)
        try:
            async for event in run.events():
                if cell.state.pause is not None and not cell.fault:
                    cell.fault = cell.state.pause.reason
                    run.stop()
                yield event
        finally:
            self._running.remove(run)
            cell.close()
        if not cell.finished and not cell.fault and not self._stopping:
            cell.fault = unanswered(cell)


def unanswered(cell: CellRun) -> str:
    """Why a run that came to its end has turns without an answer."""
    failed = [sample.turns[-1].event for sample in cell.state.samples if sample.failed]
    reason = next((event.error for event in failed if event.error), "no reply")
    return f"{len(failed)} of {len(cell.state.samples)} samples stopped short: {reason}"


def new_grid_run(manifest: Manifest, folder: Path, words: Sequence[str]) -> GridRun:
    """A grid that starts anew in a folder that holds no experiment; nothing is written yet. Raises GridError."""
    if (folder / MANIFEST).exists():
        raise GridError(
            f"{folder} holds an experiment already: name another folder, or resume it with --resume"
        )
    for cell in manifest.experiment.cells:
        if (folder / session_name(cell)).exists():
            raise GridError(
                f"{folder / session_name(cell)} exists and is never overwritten: name another folder"
            )
    return GridRun(manifest, folder, _runs(manifest, folder, words))


def resumed_grid_run(manifest: Manifest, folder: Path, words: Sequence[str]) -> GridRun:
    """A grid that resumes where it stopped; what cannot be resumed becomes its cell's fault."""
    return GridRun(manifest, folder, _runs(manifest, folder, words))


def _runs(manifest: Manifest, folder: Path, words: Sequence[str]) -> list[CellRun]:
    tasks: dict[TaskSpec, Task] = {}
    runs: list[CellRun] = []
    try:
        for cell in manifest.experiment.cells:
            if cell.spec not in tasks:
                tasks[cell.spec] = generate(cell.spec, words)
            new = new_cell_run(cell, manifest, tasks[cell.spec], folder)
            runs.append(_reopened(new, folder) if new.path.exists() else new)
    except TaskError as error:
        for run in runs:
            run.close()
        raise GridError(str(error)) from None
    return runs


def _reopened(new: CellRun, folder: Path) -> CellRun:
    try:
        return reopened_cell_run(new.cell, folder)
    except SessionError as error:
        new.fault = str(error)
        return new
