"""lhe-tui from Python: describe a run, run it, read sessions. Nothing here imports a screen.

import lhe_tui

session = lhe_tui.run(model="sim/large", samples=32, turns=60, at=["30:inject=0.5"])
session.report()["horizon"]["0.5"]
session.turns()                       # one plain record for each finished turn
lhe_tui.open_session("old.jsonl").to_pandas()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState
from lhe_tui.errors import FAILED, LheError
from lhe_tui.launch.options import read_options
from lhe_tui.launch.run_config import RunConfig
from lhe_tui.launch.runs import PlannedRun, launch, plan_resumed, plan_run, run_to_the_end
from lhe_tui.record.exporting.export_csv import COLUMNS, turn_rows
from lhe_tui.record.read import Recording, read_session
from lhe_tui.record.report import report
from lhe_tui.task.pruning.registry import register_policy
from lhe_tui.task.scoring import Rules
from lhe_tui.task.variants.registry import register_variant

__all__ = [
    "RunConfig",
    "RunStopped",
    "Session",
    "arun",
    "open_session",
    "register_policy",
    "register_variant",
    "resume",
    "run",
]


class RunStopped(LheError):
    """A run that a fault of the infrastructure stopped; `session` holds what was asked until then."""

    exit_code = FAILED

    def __init__(self, reason: str, session: Session) -> None:
        super().__init__(reason, hint=f"resume it with lhe_tui.resume({str(session.path)!r})")
        self.session = session


class Session:
    """A recorded session, read when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._recording: Recording | None = None

    @property
    def recording(self) -> Recording:
        """What its file holds, and what of it could not be read. Raises SessionError."""
        if self._recording is None:
            self._recording = read_session(self.path)
        return self._recording

    @property
    def state(self) -> RunState:
        """The run's fold: header, samples, turns."""
        return self.recording.state

    def turns(self) -> list[dict[str, Any]]:
        """One record for each finished turn, with the columns of `export --to csv`."""
        return [dict(zip(COLUMNS, row, strict=True)) for row in turn_rows([("", self.state)])]

    def report(self, rules: Rules | None = None) -> dict[str, Any]:
        """The figures, as `report --json` prints them."""
        return report(self.state, rules or self.state.rules)

    def to_pandas(self) -> Any:
        """`turns` as a pandas.DataFrame. Raises ImportError where pandas is not installed."""
        return import_module("pandas").DataFrame(self.turns())

    def to_polars(self) -> Any:
        """`turns` as a polars.DataFrame. Raises ImportError where polars is not installed."""
        return import_module("polars").DataFrame(self.turns(), infer_schema_length=None)


def open_session(path: str | Path) -> Session:
    """A session from its file. Raises SessionError where it is none."""
    session = Session(Path(path))
    session.recording  # noqa: B018  a file that is no session is said here, and not at the first use
    return session


def run(
    config: RunConfig | None = None, on_event: Callable[[Event], None] | None = None, **options: Any
) -> Session:
    """Run to the end, from a RunConfig or from the options of `lhe-tui run` with `_` for `-`.

    `on_event` sees every event as it happens. Raises LheError where the run cannot start, and RunStopped where a fault
    stops it.
    """
    return asyncio.run(arun(config, on_event, **options))


async def arun(
    config: RunConfig | None = None, on_event: Callable[[Event], None] | None = None, **options: Any
) -> Session:
    """The same, from a program that has an event loop of its own."""
    if config is not None and options:
        raise TypeError("give a RunConfig or options, not both")
    described = config or read_options(options)
    return await _to_the_end(partial(plan_run, described), on_event)


def resume(path: str | Path, on_event: Callable[[Event], None] | None = None) -> Session:
    """Ask what is left of a session that was stopped or killed. Raises LheError."""
    return asyncio.run(_to_the_end(partial(plan_resumed, Path(path)), on_event))


async def _to_the_end(plan: Callable[[], PlannedRun], on_event: Callable[[Event], None] | None) -> Session:
    started = await launch(plan, live=False)
    try:
        fault = await run_to_the_end(started, on_event or (lambda event: None))
    finally:
        started.writer.close()
    session = Session(started.path)
    if fault:
        raise RunStopped(fault, session)
    return session
