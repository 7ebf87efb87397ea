"""A run without the app: its events drive the progress, a signal or a fault ends it with the session whole."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.progress import Progress
from lhe_tui.cli.signals import stopping_on_signals
from lhe_tui.engine.events import ControlsChanged, Event, NoticeRaised, RunPaused
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.task.controls import ControlError

if TYPE_CHECKING:
    from lhe_tui.cli.prepare_run import PreparedRun, Script
    from lhe_tui.engine.state import RunState
    from lhe_tui.record.session_file import SessionWriter


@dataclass(frozen=True)
class Ending:
    """How a headless run ended; nothing set: all turns were asked."""

    signal_exit: int | None = None
    """The exit code that the signal asks for, where one came."""
    fault: str = ""
    """What paused the run, which nobody is there to resume."""


class _Recorder:
    """Takes events to the session's file, which is made only once all else is known to be sound."""

    writer: SessionWriter

    def __call__(self, event: Event) -> None:
        self.writer.write(event)


def start_run(prepared: PreparedRun) -> tuple[Run, SessionWriter]:
    """The run and its open session file; inside the event loop that will run it. Raises UsageError."""
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.session_file import SessionWriter

    recorder = _Recorder()
    state = prepared.state
    try:
        # A new run's script goes into the file with the header: a kill between the two would lose it.
        planned = [*prepared.first, *([] if prepared.resumed else _plan(state, prepared.script))]
        run = Run(
            state,
            prepared.opener,
            record=recorder,
            pace=RunLimits(concurrency=prepared.concurrency),
            script=prepared.script if prepared.resumed else (),
            live=False,
        )
        writer = prepared.writer or SessionWriter.create(prepared.path, state.header, planned)
    except (ControlError, ModelNotAvailable, SessionError) as error:
        prepared.close()
        raise UsageError(str(error)) from None
    recorder.writer = writer
    return run, writer


def _plan(state: RunState, script: Script) -> list[Event]:
    """The scripted changes as events, already in force in the state."""
    planned = [ControlsChanged(turn, change, "script") for turn, change in script]
    for event in planned:
        state.apply(event)
    return list(planned)


async def run_headless(prepared: PreparedRun) -> Ending:
    """Run to the end, to a fault or to a signal. Raises UsageError before anything is written."""
    run, writer = start_run(prepared)
    progress = Progress(prepared.state)
    ticker = asyncio.create_task(progress.keep_ticking())
    fault = ""
    try:
        with stopping_on_signals(run.stop) as interruption:
            async with aclosing(run.events()) as events:
                async for event in events:
                    if isinstance(event, NoticeRaised):
                        progress.notice(event)
                    elif isinstance(event, RunPaused):
                        fault = event.reason
                        run.stop()
    finally:
        ticker.cancel()
        progress.close()
        try:
            writer.close()
        except OSError as error:
            fault = fault or f"the session cannot be written: {error.strerror or error}"
    if interruption.number is not None:
        return Ending(signal_exit=interruption.exit_code)
    if fault and not prepared.resumed and not prepared.state.finished_turns:
        # A run whose server never answered leaves nothing worth keeping.
        prepared.path.unlink(missing_ok=True)
    return Ending(fault=fault)
