"""One cell as a session: made new with its given past, or resumed where an earlier process left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.grid import Cell
from lhe_tui.experiments.manifest import Manifest, session_name
from lhe_tui.launch.runs import PlannedRun, plan_run
from lhe_tui.models.base import ChatModel
from lhe_tui.models.catalogue import has_no_server
from lhe_tui.record.errors import SessionError
from lhe_tui.record.read import Recording, read_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.spec import Task

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig


@dataclass
class CellRun:
    """A cell with its session: the fold so far, and why it stands still where it does."""

    cell: Cell
    path: Path
    state: RunState
    first: tuple[Event, ...] = ()
    """The events that a new session begins with, its header left out."""
    writer: SessionWriter | None = None
    """The open file of a session that is resumed."""
    fault: str = ""

    @property
    def finished(self) -> bool:
        """Whether every turn of every sample has been answered."""
        turns = self.state.spec.turns
        return all(len(sample.turns) == turns and not sample.failed for sample in self.state.samples)

    @property
    def turns_to_ask(self) -> int:
        """How many turns the whole cell asks, in all samples together."""
        return (self.cell.spec.turns - self.cell.given) * self.cell.spec.samples

    @property
    def turns_asked(self) -> int:
        """How many of them have been answered."""
        return self.state.answered_turns

    def plan(self, open_model: Callable[[str], ChatModel]) -> PlannedRun:
        """The cell as a run that has not begun, or not again."""
        return PlannedRun(self.state, self.path, open_model, self.first, writer=self.writer)

    def close(self) -> None:
        """Let go of the session's file."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def cell_config(cell: Cell, manifest: Manifest, folder: Path) -> RunConfig:
    """A cell as a description of its run."""
    from lhe_tui.launch.run_config import RunConfig

    return RunConfig(
        task=cell.spec,
        given=cell.given,
        controls=cell.controls,
        script=cell.script,
        prompt=manifest.template,
        base_url=None if has_no_server(cell.model) else manifest.base_url,
        api_key_env=manifest.api_key_env,
        out=folder / session_name(cell),
        # Plans are shared, so that cells can be paired by them; luck is not, or cells would fail together.
        draw_seed=cell_draw_seed(cell),
        labels={"experiment": manifest.experiment.name, "cell": cell.name},
    )


def new_cell_run(cell: Cell, manifest: Manifest, task: Task, folder: Path) -> CellRun:
    """A cell that has not been started; no file is made yet."""
    plan = plan_run(cell_config(cell, manifest, folder), task)
    return CellRun(cell, plan.path, plan.state, plan.first)


def cell_draw_seed(cell: Cell) -> int:
    """The seed of a cell's simulated draws: its own, so that the cells of a grid err independently of each other."""
    return int.from_bytes(blake2b(f"{cell.spec.seed}:{cell.name}".encode(), digest_size=7).digest())


def reopened_cell_run(cell: Cell, folder: Path) -> CellRun:
    """A cell whose session exists, locked unless nothing is left to ask. Raises SessionError."""
    path = folder / session_name(cell)
    # Locked before it is read: nobody else can write between the two.
    writer = SessionWriter.append(path)
    try:
        state = _undamaged(read_session(path), cell)
    except BaseException:
        writer.close()
        raise
    run = CellRun(cell, path, state, writer=writer)
    if run.finished:
        run.close()
    return run


def _undamaged(recording: Recording, cell: Cell) -> RunState:
    path, state = recording.path, recording.state
    if recording.damage:
        raise SessionError(f"the session {path} is damaged and cannot be resumed: {recording.damage[0]}")
    if state.spec != cell.spec or state.header.controls != cell.controls:
        raise SessionError(f"the session {path} holds another run than cell {cell.name}")
    return state
