"""The one road from a description to a run with its session: new, resumed, forked, or a control arm.

A `PlannedRun` is a run before its models are opened and its file is made; `begin` does both, in that order.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import (
    KEY_VARIABLE,
    SPEED,
    ControlsChanged,
    Event,
    RunPaused,
    RunStarted,
    TurnFinished,
)
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.launch.models import ModelOpener, default_concurrency, models_named
from lhe_tui.launch.paths import session_folder
from lhe_tui.launch.servers import check_servers
from lhe_tui.launch.task_files import load_task, load_template
from lhe_tui.models.base import ChatModel
from lhe_tui.models.catalogue import ModelNotAvailable, has_no_server
from lhe_tui.models.openai.server_address import recordable
from lhe_tui.record.errors import SessionError
from lhe_tui.record.session_file import SessionWriter, new_session_path
from lhe_tui.record.shards import shard_of
from lhe_tui.task.answers import with_number
from lhe_tui.task.controls import Change, Controls
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import Task

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig
    from lhe_tui.record.read import Recording


@dataclass
class PlannedRun:
    """A run that has not begun: nothing of it is opened or written, but for the file of a session that is resumed."""

    state: RunState
    path: Path
    open_model: Callable[[str], ChatModel]
    first: tuple[Event, ...] = ()
    """What a new session's file holds after its header; already in the state."""
    script: tuple[tuple[int, Change], ...] = ()
    """Changes that a resumed run adds."""
    concurrency: int | None = None
    base_url: str | None = None
    writer: SessionWriter | None = None
    """The open file of a session that is resumed."""
    torn: bool = False
    """Whether that file's last line was cut short and has been dropped."""

    @property
    def models(self) -> list[str]:
        """Every model that may be asked."""
        changes = [(event.turn, event.change) for event in self.state.changes]
        return models_named(self.state.header.controls, [*changes, *self.script])

    def open_models(self) -> None:
        """Open every model that may be asked; what is open stays so. Raises ModelNotAvailable."""
        for name in self.models:
            self.open_model(name)

    def close(self) -> None:
        """Let go of the file of a session that is not resumed after all."""
        if self.writer is not None:
            self.writer.close()


@dataclass(frozen=True)
class StartedRun:
    """A run ready to be consumed, and its open session file."""

    run: Run
    writer: SessionWriter
    resumed: bool = False
    torn: bool = False
    """Whether the resumed file's last line was cut short and has been dropped."""

    @property
    def path(self) -> Path:
        """Where the session lies; another place than at first where another program changed its file."""
        return self.writer.path

    @property
    def state(self) -> RunState:
        """The run's fold."""
        return self.run.state


# ---- a run that has not begun


def new_identity() -> tuple[str, str]:
    """(twelve hex digits, the time in UTC) for a new header."""
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return secrets.token_hex(6), created


def new_header(task: Task, controls: Controls, template: PromptTemplate) -> RunStarted:
    """The header of a new run, with an identifier and a time of its own."""
    session, created = new_identity()
    seed, texts = task.spec.seed, template.for_variant(task.spec.variant)
    return RunStarted(session, created, task, controls, texts, injection_seed=seed, draw_seed=seed)


def header_of(config: RunConfig, task: Task | None = None) -> RunStarted:
    """The header of the run that is described; `task` where it has been drawn already. Raises LheError."""
    header = new_header(task or load_task(config), config.controls, load_template(config.prompt))
    extra = dict(config.labels)
    if config.api_key_env:
        extra[KEY_VARIABLE] = config.api_key_env
    if config.speed is not None:
        extra[SPEED] = f"{config.speed:g}"
    whole = replace(
        header,
        draw_seed=header.draw_seed if config.draw_seed is None else config.draw_seed,
        base_url=recordable(config.base_url) if config.base_url else None,
        extra=extra,
    )
    return whole if config.shard is None else shard_of(whole, *map(int, config.shard.split("/")))


def plan_run(config: RunConfig, task: Task | None = None) -> PlannedRun:
    """A new run; `task` where it has been drawn already. Raises LheError."""
    header = header_of(config, task)
    script = [ControlsChanged(turn, change, "script") for turn, change in config.script]
    first: tuple[Event, ...] = (*given_past(header.task, config.given), *script)
    return PlannedRun(
        fold([header, *first]),
        config.out or new_session_path(session_folder(), header),
        ModelOpener(
            config.base_url,
            config.api_key_env,
            speed=config.speed,
            allow_insecure_key=config.allow_insecure_key,
        ),
        first,
        concurrency=config.concurrency,
        base_url=config.base_url,
    )


def given_past(task: Task, turns: int) -> Iterator[TurnFinished]:
    """The first turns of every sample as if they had been answered with the truth."""
    truths = [task.truths(sample) for sample in range(1, task.spec.samples + 1)] if turns else []
    for turn in range(1, turns + 1):
        for sample, right in enumerate(truths, 1):
            yield TurnFinished(sample, turn, 0.0, with_number("", right[turn - 1]), edited=True)


def plan_resumed(
    path: Path,
    *,
    script: Iterable[tuple[int, Change]] = (),
    base_url: str | None = None,
    api_key_env: str | None = None,
    allow_insecure_key: bool = False,
    speed: float | None = None,
    concurrency: int | None = None,
) -> PlannedRun:
    """A session that was stopped or killed; what is given goes before what it says. Raises LheError or OSError."""
    from lhe_tui.record.read import read_session

    script = tuple(script)
    size = path.stat().st_size if path.exists() else 0
    # Locked first and read then: nobody can write in between.
    writer = SessionWriter.append(path)
    try:
        torn = path.stat().st_size < size
        recording = read_session(path)
        state = _undamaged(recording)
        _refuse_late(script, state)
        opener = ModelOpener.of(state.header)
        opener = replace(
            opener,
            base_url=base_url or opener.base_url,
            api_key_env=api_key_env or opener.api_key_env,
            speed=speed or opener.speed,
            allow_insecure_key=allow_insecure_key,
        )
        plan = PlannedRun(
            state,
            path,
            opener,
            script=script,
            concurrency=concurrency,
            base_url=opener.base_url,
            writer=writer,
            torn=torn,
        )
        _refuse_server(base_url, plan.models)
        return plan
    except BaseException:
        writer.close()
        raise


def _undamaged(recording: Recording) -> RunState:
    if recording.damage:
        raise SessionError(f"{recording.path}: a damaged session cannot be resumed: {recording.damage[0]}")
    return recording.state


def _refuse_server(base_url: str | None, models: list[str]) -> None:
    if base_url is not None and all(map(has_no_server, models)):
        raise ModelNotAvailable(f"{models[0]} {has_no_server(models[0])}: leave --base-url out")


def _refuse_late(script: Iterable[tuple[int, Change]], state: RunState) -> None:
    known = [(event.turn, event.change) for event in state.changes]
    for turn, change in script:
        if turn <= state.built_turns and (turn, change) not in known:
            raise SessionError(
                f"--at {turn}: turn {turn} has been asked already; "
                f"a change can hold from turn {state.built_turns + 1}"
            )


def plan_branch(
    parent: RunState,
    branch: Branch,
    parent_path: Path | None,
    *,
    changes: Iterable[tuple[int, Change]] | None = None,
    open_model: Callable[[str], ChatModel] | None = None,
    folder: Path | None = None,
) -> PlannedRun:
    """A run that leaves `parent` at a turn; the parent is only read. Raises BranchError or ControlError.

    `changes` (by turn) take the place of those that the parent made from that turn on.
    """
    session, created = new_identity()
    events = branch_events(parent, branch, session=session, created=created, path=str(parent_path or ""))
    if changes is not None:
        events = [e for e in events if not (isinstance(e, ControlsChanged) and e.turn >= branch.turn)]
        events += [ControlsChanged(turn, change, "script") for turn, change in changes]
    state = fold(events)
    header = state.header
    opener = ModelOpener.of(header)
    return PlannedRun(
        state,
        new_session_path(folder or session_folder(), header),
        open_model or opener,
        tuple(events[1:]),
        base_url=opener.base_url,
    )


# ---- a run that begins


def check_place(path: Path) -> None:
    """Refuse a place where no new session can be. Raises SessionError."""
    if path.is_dir():
        raise SessionError(f"{path} is a folder: name a file in it")
    if path.exists() or path.is_symlink():
        raise SessionError(
            f"{path} exists and is never overwritten: name another file, or resume it with --resume"
        )


def begin(
    plan: PlannedRun,
    *,
    live: bool = True,
    limits: RunLimits | None = None,
    watch: Callable[[RunState, TurnRecord, int], str | None] = lambda state, record, sample: None,
) -> StartedRun:
    """Open the models, then the session's file. May ask the keyring and the disk: for a thread.

    `live` False: nothing that only a screen shows comes among the events. Raises LheError, and leaves no new file and
    nothing open behind then.
    """
    writer = plan.writer

    def record(event: Event) -> None:
        if writer is not None:
            writer.write(event)

    try:
        if writer is None:
            check_place(plan.path)
        plan.open_models()
        if limits is None:
            samples = plan.state.spec.samples
            at_once = plan.concurrency or default_concurrency(plan.models, plan.open_model, samples)
            limits = RunLimits(concurrency=at_once)
        run = Run(
            plan.state,
            plan.open_model,
            record=record,
            pace=limits,
            script=plan.script,
            live=live,
            watch=watch,
        )
        writer = plan.writer or SessionWriter.create(plan.path, plan.state.header, plan.first)
    except BaseException:
        plan.close()
        raise
    writer.keep_whole(plan.state, run.notify)
    return StartedRun(run, writer, plan.writer is not None, plan.torn)


async def run_to_the_end(started: StartedRun, on_event: Callable[[Event], None] = lambda event: None) -> str:
    """Ask all turns; a fault that pauses the run stops it, since nobody is there to resume it: its reason, else ""."""
    fault = ""
    async with aclosing(started.run.events()) as events:
        async for event in events:
            on_event(event)
            if isinstance(event, RunPaused):
                fault = event.reason
                started.run.stop()
    return fault


async def launch(plan: Callable[[], PlannedRun], *, live: bool = True) -> StartedRun:
    """Plan and begin a run in threads; a server on this machine that is not running is said before anything is made.

    Where nobody waits for it any more, its session is closed. Raises LheError or OSError.
    """
    launching = asyncio.ensure_future(_launch(plan, live))
    try:
        return await asyncio.shield(launching)
    except asyncio.CancelledError:
        launching.add_done_callback(_close_unwanted)
        raise


async def _launch(make: Callable[[], PlannedRun], live: bool) -> StartedRun:
    plan = await asyncio.to_thread(make)
    try:
        # Keys before servers: a missing key is wrong wherever the server is.
        await asyncio.to_thread(plan.open_models)
        await check_servers(plan.models, plan.base_url)
        return await asyncio.to_thread(begin, plan, live=live)
    except BaseException:
        plan.close()
        if isinstance(plan.open_model, ModelOpener):
            await plan.open_model.aclose()
        raise


def _close_unwanted(launching: asyncio.Future[StartedRun]) -> None:
    if not launching.cancelled() and launching.exception() is None:
        launching.result().writer.close()
