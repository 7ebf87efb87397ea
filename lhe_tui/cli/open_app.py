"""Opening the app: the only place of the command line that loads Textual."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, UsageError

if TYPE_CHECKING:
    from lhe_tui.cli.prepare_run import PreparedRun
    from lhe_tui.tui.run.start_run import StartedRun


def open_app() -> int:
    """The app on its first screen. Raises UsageError without a terminal."""
    need_terminal("run a model without one by `lhe-tui run`")
    from lhe_tui.cli.run_app import run_app

    return run_app() or DONE


def replay_session(path: Path, speed: float) -> int:
    """A recorded session on the run screen."""
    need_terminal("print its figures by `lhe-tui report`, its turns by `lhe-tui inspect`")
    from lhe_tui.cli.run_app import run_app

    return run_app(replay=path, speed=speed) or DONE


def watch_run(prepared: PreparedRun) -> int:
    """A run that the command line has prepared, live on the run screen."""
    need_terminal("leave --watch out to run without one")
    from lhe_tui.cli.run_app import run_app

    return run_app(start=partial(_assemble, prepared)) or DONE


def _assemble(prepared: PreparedRun) -> StartedRun:
    from lhe_tui.tui.run.start_run import assemble

    return assemble(
        prepared.state,
        prepared.opener,
        prepared.path,
        script=prepared.script,
        concurrency=prepared.concurrency,
        writer=prepared.writer,
        first=prepared.first,
    )


def need_terminal(instead: str) -> None:
    """Raises UsageError unless a person sits at a terminal that the app can use."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"the app needs a terminal, and this is none: {instead}")
