"""An experiment under way: drives its grid on the app, outlives every screen, never touches a widget."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Literal

from lhe_tui.engine.events import NoticeRaised
from lhe_tui.experiments.grid import Cell, Experiment, GridError
from lhe_tui.experiments.grid_estimate import GridEstimate, estimate_grid
from lhe_tui.experiments.manifest import Manifest, read_manifest
from lhe_tui.experiments.run_grid import GridRun, new_grid_run, resumed_grid_run
from lhe_tui.launch import ModelOpener, default_concurrency, local_address, nothing_listens
from lhe_tui.shipped import built_in_template, built_in_words
from lhe_tui.text_safety import safe_error, visible

STOP_GRACE = 5.0
"""Seconds that the cells have to end by themselves before their task is cancelled."""
MOST_AT_ONCE = 16
_NOTICES = 200

GridStatus = Literal["ready", "running", "finished", "stopped", "stuck"]


class GridController:
    """One grid, its models, and how far it is. Screens poll `version`."""

    def __init__(
        self, grid: GridRun, opener: ModelOpener, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.grid = grid
        self.opener = opener
        self.error = ""
        """Why all of it broke off, where it did: visible text."""
        self.notices: deque[str] = deque(maxlen=_NOTICES)
        self.version = 0
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._started = 0.0
        self._ended = 0.0
        self._asked_before = 0

    # ---- reading

    @property
    def experiment(self) -> Experiment:
        """What is measured."""
        return self.grid.experiment

    @property
    def folder(self) -> Path:
        """Where the cells' sessions lie."""
        return self.grid.folder

    @property
    def running(self) -> bool:
        """Whether anything is being asked."""
        return self._task is not None and not self._task.done()

    @property
    def status(self) -> GridStatus:
        """How it stands; `stuck`: cells stand still for want of something."""
        if self.running:
            return "running"
        if self.grid.finished:
            return "finished"
        if self.error or self.grid.faults:
            return "stuck"
        return "ready" if self._task is None else "stopped"

    @property
    def asked(self) -> int:
        """Turns answered, in all cells."""
        return sum(run.turns_asked for run in self.grid.runs)

    @property
    def to_ask(self) -> int:
        """Turns of the whole grid."""
        return sum(run.turns_to_ask for run in self.grid.runs)

    @property
    def elapsed(self) -> float:
        """Seconds since this start."""
        if not self._task:
            return 0.0
        return (self._clock() if self.running else self._ended) - self._started

    @property
    def seconds_left(self) -> float | None:
        """Until the end at the pace so far; None where it cannot be told."""
        done = self.asked - self._asked_before
        if not self.running or done <= 0:
            return None
        return (self.to_ask - self.asked) * self.elapsed / done

    def estimate(self) -> GridEstimate:
        """What is left to ask. Raises ModelNotAvailable."""
        return estimate_grid(self.grid.runs, lambda name: self.opener(name).info)

    # ---- life

    def start(self) -> None:
        """Ask what is left to ask, in a task of its own."""
        if self._task is None and not self.grid.finished:
            self._started = self._clock()
            self._asked_before = self.asked
            self._task = asyncio.create_task(self._consume(), name="experiment")

    def stop(self) -> None:
        """End it; every session stays whole, and the grid can be gone on with."""
        self.grid.stop()
        self.version += 1

    async def close(self) -> None:
        """End it and let go of its files; returns when nothing of it is under way any more."""
        task = self._task
        if task is not None and not task.done():
            self.grid.stop()
            await asyncio.wait([task], timeout=STOP_GRACE)
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        self.grid.close()

    async def _consume(self) -> None:
        def on_notice(cell: Cell, notice: NoticeRaised) -> None:
            self.notices.append(visible(f"{cell.label}: {notice.text}", limit=500))

        try:
            at_once = default_concurrency(self.experiment.models, self.opener, MOST_AT_ONCE)
            growing = self.grid.progress(self.opener, concurrency=at_once, on_notice=on_notice)
            async with aclosing(growing) as grown:
                async for _ in grown:
                    self.version += 1
        except Exception as error:  # noqa: BLE001  whatever breaks an experiment is shown on its screen, and the app lives on
            self.error = safe_error(error)
        finally:
            self._ended = self._clock()
            self.grid.close()
            self.version += 1


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


async def check_servers(experiment: Experiment, base_url: str | None) -> None:
    """A server on this machine that is not running is said before anything is asked. Raises GridError."""
    checked: set[str] = set()
    for name in experiment.models:
        address = local_address(name, base_url)
        if address is None or address.base_url in checked:
            continue
        checked.add(address.base_url)
        if await nothing_listens(address):
            raise GridError(f"nothing answers at {address.base_url}: start the server first")
