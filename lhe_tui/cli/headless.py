"""A run without the app: its events drive the progress, a signal or a fault ends it with the session whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lhe_tui.cli.progress import Progress
from lhe_tui.cli.signals import stopping_on_signals
from lhe_tui.engine.events import Event, NoticeRaised
from lhe_tui.launch.runs import run_to_the_end

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun


@dataclass(frozen=True)
class Ending:
    """How a headless run ended; nothing set: all turns were asked."""

    signal_exit: int | None = None
    """The exit code that the signal asks for, where one came."""
    fault: str = ""
    """What paused the run, which nobody is there to resume."""


async def run_headless(started: StartedRun) -> Ending:
    """Run to the end, to a fault or to a signal."""
    run, writer, state = started.run, started.writer, started.state
    progress = Progress(state)
    ticker = asyncio.create_task(progress.keep_ticking())
    fault = ""

    def told(event: Event) -> None:
        if isinstance(event, NoticeRaised):
            progress.notice(event)

    try:
        with stopping_on_signals(run.stop) as interruption:
            fault = await run_to_the_end(started, told)
    finally:
        ticker.cancel()
        progress.close()
        try:
            writer.close()
        except OSError as error:
            fault = fault or f"the session cannot be written: {error.strerror or error}"
    if interruption.number is not None:
        return Ending(signal_exit=interruption.exit_code)
    if fault and not started.resumed and not state.answered_turns:
        # A run whose server never answered leaves nothing worth keeping.
        started.path.unlink(missing_ok=True)
    return Ending(fault=fault)
