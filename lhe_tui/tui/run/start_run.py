"""From the setup form's settings, or from a file, to something the run screen can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lhe_tui.engine.events import Event, RunStarted
    from lhe_tui.engine.runner import Run
    from lhe_tui.engine.state import RunState
    from lhe_tui.models.base import ChatModel
    from lhe_tui.record.session_file import SessionWriter
    from lhe_tui.task.controls import Change, Controls
    from lhe_tui.task.prompts import PromptTemplate
    from lhe_tui.task.spec import Task, TaskSpec


@dataclass(frozen=True)
class RunSettings:
    """All that a new run is made of. What is None is filled in with what ships with the package."""

    spec: TaskSpec
    controls: Controls
    task: Task | None = None
    """A task that was read (`--dataset`) instead of drawn; it goes before `spec`."""
    template: PromptTemplate | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    """The name of the variable that holds the key."""
    script: tuple[tuple[int, Change], ...] = ()
    concurrency: int = 8
    speed: float | None = None
    """Tokens per second of simulated models; None: instant."""
    out: Path | None = None
    """The session's file; None: a new one in the default folder."""


@dataclass(frozen=True)
class StartedRun:
    """A run ready to be consumed, its open session file, and where that lies."""

    run: Run
    writer: SessionWriter
    path: Path


def settings_header(settings: RunSettings) -> RunStarted:
    """The header of a new run. Raises TaskError."""
    from lhe_tui.assets.shipped import built_in_template, built_in_words
    from lhe_tui.engine.events import SPEED
    from lhe_tui.launch.models import new_header
    from lhe_tui.task.spec import generate

    header = new_header(
        settings.task or generate(settings.spec, built_in_words()),
        settings.controls,
        settings.template or built_in_template(),
        base_url=settings.base_url or None,
        api_key_env=settings.api_key_env or None,
    )
    if settings.speed is None:
        return header
    return replace(header, extra={**header.extra, SPEED: f"{settings.speed:g}"})


class _Recorder:
    """Takes events to the session file, which is made only once all else is known to be sound."""

    writer: SessionWriter | None = None

    def __call__(self, event: Event) -> None:
        if self.writer is not None:
            self.writer.write(event)


def assemble(
    state: RunState,
    open_model: Callable[[str], ChatModel],
    path: Path,
    *,
    script: Iterable[tuple[int, Change]] = (),
    concurrency: int = 8,
    writer: SessionWriter | None = None,
    first: Iterable[Event] = (),
) -> StartedRun:
    """A run over its state; `writer` is the open file of a session that is gone on with, else one is made at `path`
    with the events that are its `first`.

    Raises ControlError, ModelNotAvailable or SessionError, and leaves no new file behind then. Call it where an
    event loop may be running; nothing is asked before the run's events are consumed.
    """
    from lhe_tui.engine.runner import Run, RunLimits
    from lhe_tui.record.session_file import SessionWriter as Writer

    recorder = _Recorder()
    pace = RunLimits(concurrency=concurrency)
    run = Run(state, open_model, record=recorder, pace=pace, script=script)
    recorder.writer = writer or Writer.create(path, state.header, first)
    return StartedRun(run, recorder.writer, path)


def build_run(settings: RunSettings) -> StartedRun:
    """A new run and its session file. Raises TaskError, ControlError, ModelNotAvailable or SessionError."""
    from lhe_tui.engine.state import RunState
    from lhe_tui.launch.models import ModelOpener
    from lhe_tui.launch.paths import session_folder
    from lhe_tui.record.session_file import new_session_path

    header = settings_header(settings)
    return assemble(
        RunState(header),
        ModelOpener(settings.base_url or None, settings.api_key_env or None, speed=settings.speed),
        settings.out or new_session_path(session_folder(), header),
        script=settings.script,
        concurrency=settings.concurrency,
    )


def resume_run(path: Path) -> StartedRun:
    """Go on with a session that was stopped or killed. Raises SessionError, ModelNotAvailable or ControlError."""
    from lhe_tui.engine.events import KEY_VARIABLE
    from lhe_tui.launch.models import ModelOpener, default_concurrency, models_named, recorded_speed
    from lhe_tui.record.read import read_session
    from lhe_tui.record.session_file import SessionWriter

    # Locked first and read then: nobody can write in between.
    writer = SessionWriter.append(path)
    try:
        recording = read_session(path)
        _refuse_damage(recording.damage)
        state = recording.state
        header = state.header
        opener = ModelOpener(header.base_url, header.extra.get(KEY_VARIABLE), speed=recorded_speed(header))
        names = models_named(header.controls, [(event.turn, event.change) for event in state.changes])
        concurrency = default_concurrency(names, opener, state.spec.samples)
        return assemble(state, opener, path, concurrency=concurrency, writer=writer)
    except BaseException:
        writer.close()
        raise


def _refuse_damage(damage: list[str]) -> None:
    from lhe_tui.record.errors import SessionError

    if damage:
        raise SessionError(f"a damaged session cannot be gone on with: {damage[0]}")


def expected_problem() -> tuple[type[Exception], ...]:
    """What may stand in the way of a run: each says so in one sentence."""
    from lhe_tui.engine.branching import BranchError
    from lhe_tui.models.catalogue import ModelNotAvailable
    from lhe_tui.record.errors import SessionError
    from lhe_tui.task.controls import ControlError
    from lhe_tui.task.spec import TaskError

    return (BranchError, TaskError, ControlError, ModelNotAvailable, SessionError, OSError)
