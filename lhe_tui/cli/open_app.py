"""Opening the app: the only place of the command line that loads Textual."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import message

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun


def open_app() -> int:
    """The app on its first screen. Raises UsageError without a terminal."""
    need_terminal("run a model without one by `lhe-tui run`")
    from lhe_tui.cli.run_app import run_app
    from lhe_tui.launch.plugins import load_plugins

    # Before the form is made, which offers them.
    load_plugins(message)
    return run_app() or DONE


def replay_session(path: Path, speed: float) -> int:
    """A recorded session on the run screen."""
    need_terminal("print its figures by `lhe-tui report`, its turns by `lhe-tui inspect`")
    from lhe_tui.cli.run_app import run_app

    return run_app(replay=path, speed=speed) or DONE


def watch_run(started: StartedRun) -> int:
    """A run that the command line has started, live on the run screen."""
    from lhe_tui.cli.run_app import run_app

    return run_app(started=started) or DONE


def need_terminal(instead: str) -> None:
    """Raises UsageError without a terminal that the app can use, or a browser that stands for one."""
    if "TEXTUAL_DRIVER" in os.environ:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"the app needs a terminal, and this is none: {instead}")
