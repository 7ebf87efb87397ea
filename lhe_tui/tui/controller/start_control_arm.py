"""Starting a control arm: the branch's first events without the change that it is there to do without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import ControlsChanged, Event
from lhe_tui.engine.state import RunState
from lhe_tui.launch.models import default_concurrency, recorded_speed
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change
from lhe_tui.tui.branch.start_fork import new_session_id, now_utc, opener_of

if TYPE_CHECKING:
    from lhe_tui.tui.run.start_run import StartedRun


def control_arm_events(
    parent: RunState, change: Change, turn: int, samples: tuple[int, ...], note: str, path: str
) -> list[Event]:
    """The header and the past of the arm, the change at `turn` left out."""
    branch = Branch(turn, samples, note=note)
    events = branch_events(parent, branch, session=new_session_id(), created=now_utc(), path=path)
    return [
        event
        for event in events
        if not (isinstance(event, ControlsChanged) and (event.turn, event.change) == (turn, change))
    ]


def start_control_arm(
    events: Sequence[Event],
    later: Sequence[tuple[int, Change]],
    open_model: Callable[[str], ChatModel] | None = None,
    folder: Path | None = None,
) -> StartedRun:
    """The arm's run with its session file; `later` are changes that hold for both. May block: for a thread."""
    from lhe_tui.launch.paths import session_folder
    from lhe_tui.record.session_file import new_session_path
    from lhe_tui.tui.run.start_run import assemble

    state = fold(list(events))
    header = state.header
    opener = open_model or opener_of(header, speed=recorded_speed(header))
    concurrency = default_concurrency([state.controls.model], opener, len(state.samples))
    path = new_session_path(folder or session_folder(), header)
    started = assemble(state, opener, path, script=later, concurrency=concurrency)
    for event in events[1:]:
        started.writer.write(event)
    return started
