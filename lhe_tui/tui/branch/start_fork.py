"""From a turn of a session to what is asked anew: the models it ran on, a forked run, the arms' sessions."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import KEY_VARIABLE, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.launch.models import ModelOpener, default_concurrency, models_named

if TYPE_CHECKING:
    from lhe_tui.tui.run.start_run import StartedRun


def opener_of(header: RunStarted, *, speed: float | None = None) -> ModelOpener:
    """Opens the models that a session ran on, by the addresses and key variables that its header names."""
    return ModelOpener(header.base_url, header.extra.get(KEY_VARIABLE), speed=speed)


def new_session_id() -> str:
    """Twelve hex digits."""
    return secrets.token_hex(6)


def now_utc() -> str:
    """The time for a new header."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def build_fork(parent: RunState, branch: Branch, parent_path: Path | None) -> StartedRun:
    """A run that leaves `parent` at a turn, with a session file of its own; the parent is only read.

    Raises BranchError, ControlError, ModelNotAvailable, SessionError or OSError, and leaves no new file behind then.
    """
    from lhe_tui.launch.models import recorded_speed
    from lhe_tui.launch.paths import session_folder
    from lhe_tui.record.session_file import new_session_path
    from lhe_tui.tui.run.start_run import assemble

    events = branch_events(
        parent, branch, session=new_session_id(), created=now_utc(), path=str(parent_path or "")
    )
    state = fold(events)
    header = state.header
    opener = opener_of(header, speed=recorded_speed(header))
    names = models_named(header.controls, [(event.turn, event.change) for event in state.changes])
    started = assemble(
        state,
        opener,
        new_session_path(session_folder(), header),
        concurrency=default_concurrency(names, opener, state.spec.samples),
    )
    try:
        for event in events[1:]:
            started.writer.write(event)
    except OSError:
        started.writer.close()
        started.path.unlink(missing_ok=True)
        raise
    return started
