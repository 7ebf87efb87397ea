"""The options that experiments and ladders share, and the models, prompt and folder that they mean."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.options import option_name
from lhe_tui.cli.parsing import at_least_one, file_path, whole_number
from lhe_tui.launch.paths import session_folder

if TYPE_CHECKING:
    from lhe_tui.launch.models import ModelOpener
    from lhe_tui.task.controls import Change, Controls

_SAMPLING = ("temperature", "top_p", "max_tokens")


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Which server is asked, and how."""
    add = parser.add_argument_group("model").add_argument
    add("--base-url", metavar="URL", help="any other OpenAI-compatible server")
    add("--api-key-env", metavar="NAME", help="the environment variable that holds the key")
    add(
        "--allow-insecure-key",
        action="store_true",
        help="send the key over plain http to another machine: everyone on the way can read it",
    )
    add("--temperature", metavar="X", help="sent to the server (default: not sent)")
    add("--top-p", metavar="X", help="sent to the server (default: not sent)")
    add("--max-tokens", metavar="N", help="sent to the server (default: not sent)")
    add(
        "--prompt",
        type=file_path,
        metavar="FILE",
        help="prompt texts of your own, as TOML; tiny: for very small models",
    )


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Where it is written and how it is run."""
    add = parser.add_argument_group("run").add_argument
    add("--seed", type=whole_number, metavar="N", help="draws dictionary, plans and corruption (default 0)")
    add(
        "--concurrency",
        type=at_least_one,
        metavar="N",
        help="requests at once over all cells (default: 1 on this machine, 32 simulated, else 8)",
    )
    add("--out", type=file_path, metavar="FOLDER", help="the folder (default: a new one in sessions/)")
    add("--resume", action="store_true", help="go on in the folder that --out names")
    add("--yes", action="store_true", help="start without asking, whatever it may cost")
    add("--json", action="store_true", help="print the results as one JSON document")


def refuse_with_resume(options: argparse.Namespace, places: Iterable[str]) -> Path:
    """The folder that is gone on with. Raises UsageError where an option contradicts what it says."""
    if options.out is None:
        raise UsageError("--resume goes on in a folder: name it with --out FOLDER")
    asked = [place for place in places if getattr(options, place) not in (None, False)]
    if asked:
        raise UsageError(f"{option_name(asked[0])} cannot go with --resume: the folder says it already")
    return Path(options.out)


def new_folder(options: argparse.Namespace, name: str) -> Path:
    """The folder of something new: as named, or one in the sessions' folder by name and time."""
    if options.out is not None:
        folder = Path(options.out)
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"--out {folder} is no folder")
        return folder
    from lhe_tui.experiments.manifest import fresh_folder

    return fresh_folder(session_folder(), name, datetime.now().astimezone())


def sampling_change(options: argparse.Namespace) -> Change:
    """What was set of the sampling. Raises UsageError."""
    from lhe_tui.task.controls import ControlError, Controls, apply_change

    change = tuple(
        (place.replace("_", "-"), value)
        for place in _SAMPLING
        if (value := getattr(options, place)) is not None
    )
    try:
        apply_change(Controls(), change, 1)
    except ControlError as error:
        raise UsageError(f"--{error}") from None
    return change


def with_sampling(controls: Controls, change: Change) -> Controls:
    """The controls with the sampling that was set."""
    from lhe_tui.task.controls import apply_change

    return apply_change(controls, change, 1) if change else controls


def opener_for(
    names: Iterable[str], base_url: str | None, api_key_env: str | None, *, allow_insecure_key: bool
) -> ModelOpener:
    """Opens the models, all tried once. Raises UsageError."""
    from lhe_tui.launch.models import ModelOpener
    from lhe_tui.models.catalogue import ModelNotAvailable, has_no_server

    opener = ModelOpener(base_url, api_key_env, allow_insecure_key=allow_insecure_key)
    try:
        for name in names:
            if base_url is not None and (why := has_no_server(name)):
                raise UsageError(f"{name} {why}: leave --base-url out")
            opener(name)
    except ModelNotAvailable as error:
        raise UsageError(str(error)) from None
    return opener
