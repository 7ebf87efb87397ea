"""From the options of `run` to a run that has started: a description first, or a session that is resumed."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import RunFailed, UsageError
from lhe_tui.cli.options import MAY_RESUME, config_from, described, option_name
from lhe_tui.cli.output import command
from lhe_tui.cli.session_place import naming
from lhe_tui.models.base import ModelFailure
from lhe_tui.record.errors import SessionError

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig
    from lhe_tui.launch.runs import PlannedRun, StartedRun

WATCHABLE_SPEED = 15.0
"""Tokens per second at which simulated models answer where a person watches."""


async def start(options: argparse.Namespace) -> StartedRun:
    """The run that the options ask for, ready to be consumed. Raises LheError, and leaves no file behind then."""
    from lhe_tui.launch.runs import launch, plan_run
    from lhe_tui.launch.servers import ServerDown

    new = options.resume is None
    plan = partial(plan_run, await run_config(options)) if new else partial(_resumed, options)
    try:
        return await launch(plan, live=options.watch)
    except ServerDown as error:
        hint = f"Then go on with: {command('run', '--resume', options.resume)}" if options.resume else ""
        raise RunFailed(str(error), hint=hint) from None


async def run_config(options: argparse.Namespace) -> RunConfig:
    """The description of a new run. Raises CommandError."""
    model = await _chosen_model(options)
    config = config_from(options, model=model)
    if options.watch and config.speed is None and config.controls.model.startswith("sim/"):
        return config_from(options, model=model, speed=WATCHABLE_SPEED)
    return config


def _resumed(options: argparse.Namespace) -> PlannedRun:
    from lhe_tui.launch.runs import plan_resumed

    asked = [name for name, value in described(options).items() if value is not None and value is not False]
    if extra := [name for name in asked if name not in MAY_RESUME]:
        raise UsageError(
            f"{option_name(extra[0])} cannot go with --resume: the session says it already; "
            "a change from a turn on is asked for with --at"
        )
    path: Path = options.resume
    # Only what may be given anew is read here: the session describes all else.
    script = config_from(argparse.Namespace(at=options.at)).script
    given = {name: getattr(options, name) for name in MAY_RESUME if name != "at"}
    try:
        return plan_resumed(path, script=script, **given)
    except SessionError as error:
        raise UsageError(naming(path, str(error))) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be resumed: {error.strerror or error}") from None


async def _chosen_model(options: argparse.Namespace) -> str | None:
    """The model as typed, else the settings' own, else the only one of a server named by --base-url."""
    if options.model is not None:
        return str(options.model)
    if options.base_url is None:
        from lhe_tui.launch.settings import load_config

        return load_config().model
    from lhe_tui.models.discovery import list_models

    try:
        infos = await list_models(
            options.base_url,
            api_key_env=options.api_key_env,
            allow_insecure_key=options.allow_insecure_key,
        )
    except ModelFailure as error:
        raise RunFailed(error.message) from None
    names = [info.name.partition("/")[2] for info in infos]
    if len(names) != 1:
        some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise UsageError(f"--base-url needs --model: the server has {some or 'no models'}")
    return names[0]
