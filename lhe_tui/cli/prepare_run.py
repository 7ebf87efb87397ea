"""From options to a run that is ready to start: everything that can be wrong is found here, before a file is made."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import RunFailed, UsageError
from lhe_tui.cli.options import (
    CONTROL_OPTIONS,
    TASK_OPTIONS,
    controls_from,
    given,
    script_from,
    task_from,
    template_from,
)
from lhe_tui.cli.output import command
from lhe_tui.cli.session_place import naming, new_session_place, read_recording
from lhe_tui.engine.branching import fold
from lhe_tui.engine.events import KEY_VARIABLE, Event
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.cell_run import given_past
from lhe_tui.launch.models import (
    WATCHABLE_SPEED,
    ModelOpener,
    default_concurrency,
    local_address,
    models_named,
    new_header,
    nothing_listens,
    recorded_speed,
)
from lhe_tui.models.base import ModelFailure
from lhe_tui.models.catalogue import ModelNotAvailable, has_no_server
from lhe_tui.task.controls import Change, ControlError, apply_change

if TYPE_CHECKING:
    from lhe_tui.record.session_file import SessionWriter
    from lhe_tui.task.spec import Task

Script = list[tuple[int, Change]]


@dataclass(frozen=True)
class PreparedRun:
    """A run that is ready to start or to go on. `path` is the session's file."""

    state: RunState
    script: Script
    opener: ModelOpener
    concurrency: int
    path: Path
    writer: SessionWriter | None = None
    """The open file of a session that is gone on with; a new one's is made when the run starts."""
    first: tuple[Event, ...] = ()
    """The past that a new run is given; already in the state."""
    torn: bool = False
    """Whether the file's last line was cut short and has been dropped."""

    @property
    def resumed(self) -> bool:
        """Whether an earlier session is gone on with."""
        return self.writer is not None

    def close(self) -> None:
        """Let go of the session's file where the run will not start."""
        if self.writer is not None:
            self.writer.close()


async def prepare_run(options: argparse.Namespace) -> PreparedRun:
    """The run that the options ask for. Raises CommandError, and leaves no file behind then."""
    prepared = _resumed_run(options) if options.resume is not None else await _new_run(options)
    try:
        _check_script(prepared)
        await _check_servers(prepared)
    except BaseException:
        prepared.close()
        raise
    return prepared


async def _new_run(options: argparse.Namespace) -> PreparedRun:
    options.model = await _chosen_model(options)
    controls = controls_from(options)
    if options.base_url is not None and (why := has_no_server(controls.model)):
        raise UsageError(f"{controls.model} {why}: leave --base-url out")
    if options.speed is not None and not controls.model.startswith("sim/"):
        raise UsageError(f"--speed paces simulated models; {controls.model} answers as fast as it can")
    script = script_from(options)
    speed: float | None = options.speed or (WATCHABLE_SPEED if options.watch else None)
    opener = ModelOpener(
        options.base_url, options.api_key_env, speed=speed, allow_insecure_key=options.allow_insecure_key
    )
    names = models_named(controls, script)
    _open_all(names, opener)
    task = task_from(options)
    header = new_header(
        task,
        controls,
        template_from(options.prompt),
        base_url=options.base_url,
        api_key_env=options.api_key_env,
        speed=speed,
    )
    first = _given_past(options, task, script)
    path = new_session_place(options.out, header)
    concurrency = options.concurrency or default_concurrency(names, opener, task.spec.samples)
    return PreparedRun(fold([header, *first]), script, opener, concurrency, path, first=first)


def _given_past(options: argparse.Namespace, task: Task, script: Script) -> tuple[Event, ...]:
    """The true turns that the run begins after. Raises UsageError."""
    turns: int = options.given or 0
    if not 0 <= turns < task.spec.turns:
        raise UsageError(f"--given {turns} leaves nothing to ask of {task.spec.turns} turns")
    early = min((turn for turn, _ in script), default=turns + 1)
    if early <= turns:
        raise UsageError(f"--at {early}: the first {turns} turns are given and not asked")
    if turns and options.mode == "cot":
        raise UsageError("--given lays down bare answers, which --mode cot cannot go on from: use direct")
    return tuple(given_past(task, turns))


def _resumed_run(options: argparse.Namespace) -> PreparedRun:
    extra = given(options, (*TASK_OPTIONS, *CONTROL_OPTIONS, "out"))
    if extra:
        raise UsageError(
            f"{extra[0]} cannot go with --resume: the session says it already; "
            "a change from a turn on is asked for with --at"
        )
    path: Path = options.resume
    script = script_from(options)
    writer, torn = _open_session(path)
    try:
        # Only now: once the file is locked nobody else writes to it.
        state = _read_undamaged(path)
        _refuse_late(script, state)
        header = state.header
        opener = ModelOpener(
            options.base_url or header.base_url,
            options.api_key_env or header.extra.get(KEY_VARIABLE),
            speed=options.speed or recorded_speed(header),
            allow_insecure_key=options.allow_insecure_key,
        )
        names = _all_names(state, script)
        _open_all(names, opener)
        concurrency = options.concurrency or default_concurrency(names, opener, state.spec.samples)
    except BaseException:
        writer.close()
        raise
    return PreparedRun(state, script, opener, concurrency, path, writer, torn=torn)


def _open_session(path: Path) -> tuple[SessionWriter, bool]:
    """The session's file, locked, and whether its last line was torn."""
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.session_file import SessionWriter

    try:
        before = path.stat().st_size
        writer = SessionWriter.append(path)
        return writer, path.stat().st_size < before
    except SessionError as error:
        raise UsageError(naming(path, str(error))) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be gone on with: {error.strerror or error}") from None


def _read_undamaged(path: Path) -> RunState:
    recording = read_recording(path)
    if recording.damage:
        raise UsageError(naming(path, f"a damaged session cannot be gone on with: {recording.damage[0]}"))
    return recording.state


def _refuse_late(script: Script, state: RunState) -> None:
    known = [(event.turn, event.change) for event in state.changes]
    for turn, change in script:
        if turn <= state.built_turns and (turn, change) not in known:
            raise UsageError(
                f"--at {turn}: turn {turn} has been asked already; "
                f"a change can hold from turn {state.built_turns + 1}"
            )


def _all_names(state: RunState, script: Script) -> list[str]:
    """The models that the rest of the run may ask."""
    return models_named(state.header.controls, [(e.turn, e.change) for e in state.changes] + script)


async def _chosen_model(options: argparse.Namespace) -> str | None:
    """The model as typed, else the settings' own, else the only one of a server named by --base-url."""
    if options.model is not None:
        return str(options.model)
    if options.base_url is None:
        return _configured_model()
    from lhe_tui.models.discovery import list_models

    try:
        infos = await list_models(
            options.base_url,
            api_key_env=options.api_key_env,
            allow_insecure_key=options.allow_insecure_key,
        )
    except ModelNotAvailable as error:
        raise UsageError(str(error)) from None
    except ModelFailure as error:
        raise RunFailed(error.message) from None
    names = [info.name.partition("/")[2] for info in infos]
    if len(names) != 1:
        some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise UsageError(f"--base-url needs --model: the server has {some or 'no models'}")
    return names[0]


def _configured_model() -> str | None:
    from lhe_tui.launch.settings import ConfigError, load_config

    try:
        return load_config().model
    except ConfigError as error:
        raise UsageError(str(error)) from None


def _open_all(names: Iterable[str], opener: ModelOpener) -> None:
    try:
        for name in names:
            opener(name)
    except ModelNotAvailable as error:
        raise UsageError(str(error)) from None


def _check_script(prepared: PreparedRun) -> None:
    controls = prepared.state.controls
    turns = prepared.state.spec.turns
    for turn, change in sorted(prepared.script, key=lambda entry: entry[0]):
        if turn > turns:
            raise UsageError(f"--at {turn}: the run ends at turn {turns}")
        try:
            controls = apply_change(controls, change, turn)
        except ControlError as error:
            raise UsageError(f"--at {turn}: {error}") from None


async def _check_servers(prepared: PreparedRun) -> None:
    """A local server that is not running is said at once: no retry will start it."""
    checked: set[str] = set()
    for name in _all_names(prepared.state, prepared.script):
        address = local_address(name, prepared.opener.base_url)
        if address is None or address.base_url in checked:
            continue
        checked.add(address.base_url)
        if await nothing_listens(address):
            hint = f"Then go on with: {command('run', '--resume', prepared.path)}" if prepared.resumed else ""
            raise RunFailed(f"nothing answers at {address.base_url}: start the server first", hint=hint)
