"""One cell as a session: made new with its given past, or resumed where an earlier process left it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from lhe_tui.engine.branching import fold
from lhe_tui.engine.events import ControlsChanged, Event, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.grid import Cell
from lhe_tui.experiments.manifest import Manifest, session_name
from lhe_tui.launch.models import new_header
from lhe_tui.record.errors import SessionError
from lhe_tui.record.read import Recording, read_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.spec import Task


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

    def close(self) -> None:
        """Let go of the session's file."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def new_cell_run(cell: Cell, manifest: Manifest, task: Task, folder: Path) -> CellRun:
    """A cell that has not been started; no file is made yet."""
    header = new_header(
        task,
        cell.controls,
        manifest.template,
        base_url=manifest.base_url,
        api_key_env=manifest.api_key_env,
    )
    header.extra.update(experiment=manifest.experiment.name, cell=cell.name)
    # Plans are shared, so that cells can be paired by them; luck is not, or cells would fail together.
    header = replace(header, draw_seed=cell_draw_seed(cell))
    first: list[Event] = list(given_past(task, cell.given))
    first += [ControlsChanged(turn, change, "script") for turn, change in cell.script]
    return CellRun(cell, folder / session_name(cell), fold([header, *first]), tuple(first))


def cell_draw_seed(cell: Cell) -> int:
    """The seed of a cell's simulated draws: its own, so that the cells of a grid err independently of each other."""
    return int.from_bytes(blake2b(f"{cell.spec.seed}:{cell.name}".encode(), digest_size=7).digest())


def given_past(task: Task, turns: int) -> Iterator[TurnFinished]:
    """The first turns of every sample as if they had been answered with the truth."""
    truths = [task.truths(sample) for sample in range(1, task.spec.samples + 1)] if turns else []
    for turn in range(1, turns + 1):
        for sample, right in enumerate(truths, 1):
            yield TurnFinished(sample, turn, 0.0, f"<answer>{right[turn - 1]}</answer>", edited=True)


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
