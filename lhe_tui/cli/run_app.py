"""Opening the app from a command, and what is said once it has closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.output import message
from lhe_tui.launch.settings import Config, ConfigError, load_config
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.tui.app import LheApp

if TYPE_CHECKING:
    from lhe_tui.tui.run.start_run import StartedRun


def run_app(
    *,
    start: Callable[[], StartedRun] | None = None,
    replay: Path | None = None,
    speed: float = 1.0,
    config: Config | None = None,
) -> int:
    """Open the app; returns the exit code. `start` makes a run to open at once, `replay` is a session to play."""
    if config is None:
        try:
            config = load_config()
        except ConfigError as error:
            message(f"lhe-tui: {visible(str(error), limit=1000)}")
            return 2
    app = LheApp(start=start, replay=replay, speed=speed, config=config)
    code = app.run()
    for line in parting_words(app):
        message(line)
    return 1 if app.crash_words else code or app.return_code or 0


def parting_words(app: LheApp) -> list[str]:
    """What a person should know after the app has closed: a crash, and how to go on with a run."""
    import shlex

    words = [f"lhe-tui: {app.crash_words}"] if app.crash_words else []
    grid = app.grid
    if grid is not None and grid.status == "stopped":
        command = visible_path(shlex.join(grid.resume_command()))
        words.append(f"The experiment can go on where it stood: {command}")
    controller = app.controller
    if controller is None or controller.replaying or controller.path is None:
        return words
    if controller.error:
        words.append(f"lhe-tui: the run broke off: {controller.error}")
    name = visible_path(shlex.quote(str(controller.path)))
    if controller.state.status == "completed":
        words.append(f"Session: {name}\nSee it again with: lhe-tui replay {name}")
    else:
        words.append(f"The session is whole. Go on with: lhe-tui run --resume {name}")
    return words
