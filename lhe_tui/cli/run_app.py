"""Opening the app from a command, and what is said once it has closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.output import message
from lhe_tui.launch.settings import Config, ConfigError, load_config
from lhe_tui.text.visible import visible
from lhe_tui.tui.app import LheApp

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun


def run_app(
    *,
    started: StartedRun | None = None,
    replay: Path | None = None,
    speed: float = 1.0,
    config: Config | None = None,
) -> int:
    """Open the app; returns the exit code. `started` is a run to open at once, `replay` is a session to play."""
    if config is None:
        try:
            config = load_config()
        except ConfigError as error:
            message(f"lhe-tui: {visible(str(error), limit=1000)}")
            return 2
    app = LheApp(started=started, replay=replay, speed=speed, config=config)
    code = app.run()
    for line in app.parting_words():
        message(line)
    return 1 if app.crash_words else code or app.return_code or 0
