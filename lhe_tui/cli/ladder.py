"""`lhe-tui ladder`: the largest K that a model gets right in a single turn."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.experiment_options import (
    add_running_options,
    add_server_options,
    new_folder,
    opener_for,
    refuse_with_resume,
    sampling_change,
    with_sampling,
)
from lhe_tui.cli.output import command, message, result_json
from lhe_tui.cli.parsing import at_least_one

if TYPE_CHECKING:
    from lhe_tui.experiments.ladder import LadderRun, LadderSettings
    from lhe_tui.launch.models import ModelOpener

NAME = "ladder"
HELP = "find the largest K that a model gets right in one turn"
DESCRIPTION = (
    "Find the largest number of keys K that a model gets right in a single turn at least 80 % of the time: K doubles "
    "until one fails, then the search closes in between. A K is asked no longer than it takes its interval to clear "
    "the line; the interval stays honest however often it is looked at."
)
_FIXED = ("model", "mode", "samples", "start", "max_k", "seed", "base_url", "api_key_env")
_ALL_FIXED = (*_FIXED, "temperature", "top_p", "max_tokens", "prompt")
_AT_ONCE = 8


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, and how far it is climbed."""
    add = parser.add_argument_group("ladder").add_argument
    add("--model", metavar="NAME", help="provider/model, such as sim/large (the default) or ollama/qwen3")
    add("--mode", metavar="MODE", help="direct, cot or thinking (default direct)")
    add("--samples", type=at_least_one, metavar="N", help="how often one K is asked at most (default 100)")
    add("--start", type=at_least_one, metavar="K", help="the first K (default 1)")
    add("--max-k", type=at_least_one, metavar="K", help="the largest K that is tried (default 512)")
    add_server_options(parser)
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Climb to the end. Raises CommandError."""
    import asyncio

    from lhe_tui.cli.run_experiment import climb_to_the_end
    from lhe_tui.experiments.grid import GridError

    try:
        ladder = _resumed(options) if options.resume else _new(options)
        opener = _ready(options, ladder)
        ending = asyncio.run(climb_to_the_end(ladder, opener, _concurrency(options, ladder, opener)))
    except GridError as error:
        raise UsageError(str(error)) from None
    resume = f"Go on with: {command('ladder', '--out', ladder.folder, '--resume')}"
    if ending is not None:
        message(f"lhe-tui: stopped; the sessions are whole.\n{resume}")
        return ending
    if ladder.fault:
        raise RunFailed(ladder.fault, hint=resume)
    if options.json:
        from lhe_tui.experiments.experiment_report import ladder_document
        from lhe_tui.record.json_text import to_json

        result_json(to_json(ladder_document(ladder)))
    else:
        from lhe_tui.cli.experiment_summary import print_ladder

        print_ladder(ladder)
    return DONE


def _new(options: argparse.Namespace) -> LadderRun:
    from lhe_tui.assets.shipped import built_in_words
    from lhe_tui.experiments.ladder import new_ladder
    from lhe_tui.launch.task_files import load_template

    settings = _settings(options)
    return new_ladder(
        settings,
        load_template(options.prompt),
        new_folder(options, "ladder"),
        built_in_words(),
        base_url=options.base_url,
        api_key_env=options.api_key_env,
    )


def _settings(options: argparse.Namespace) -> LadderSettings:
    from dataclasses import replace

    from lhe_tui.experiments.ladder import LadderSettings
    from lhe_tui.task.controls import ControlError, Controls, apply_change

    change = tuple(
        (name, value) for name in ("model", "mode") if (value := getattr(options, name)) is not None
    )
    try:
        controls = apply_change(Controls(), change, 1)
    except ControlError as error:
        raise UsageError(f"--{error}") from None
    settings = LadderSettings(with_sampling(controls, sampling_change(options)))
    asked = {
        "samples": options.samples,
        "start": options.start,
        "most_keys": options.max_k,
        "seed": options.seed,
    }
    for name, value in asked.items():
        if value is not None:
            settings = replace(settings, **{name: value})
    return settings


def _resumed(options: argparse.Namespace) -> LadderRun:
    from lhe_tui.assets.shipped import built_in_words
    from lhe_tui.experiments.ladder import resumed_ladder

    return resumed_ladder(refuse_with_resume(options, _ALL_FIXED), built_in_words())


def _ready(options: argparse.Namespace, ladder: LadderRun) -> ModelOpener:
    """The model, once its server listens and the cost is agreed to."""
    import asyncio

    from lhe_tui.assets.shipped import built_in_words
    from lhe_tui.cli.cost_question import confirm_cost
    from lhe_tui.experiments.ladder_estimate import estimate_ladder
    from lhe_tui.launch.servers import check_servers

    manifest, settings = ladder.manifest, ladder.settings
    name = settings.controls.model
    opener = opener_for(
        [name],
        manifest.base_url,
        manifest.api_key_env,
        allow_insecure_key=options.allow_insecure_key,
    )
    asyncio.run(check_servers([name], manifest.base_url))
    info = opener(name).info
    if not info.simulated:
        least, most = (
            estimate_ladder(settings, manifest.template, built_in_words(), info, largest)
            for largest in (0, settings.most_keys)
        )
        climbed = f"{most.words()} where all up to {settings.most_keys} do"
        confirm_cost(f"{least.words()} where not even the first K passes, {climbed}", [info], yes=options.yes)
    return opener


def _concurrency(options: argparse.Namespace, ladder: LadderRun, opener: ModelOpener) -> int:
    from lhe_tui.launch.models import default_concurrency

    asked: int | None = options.concurrency
    return asked or default_concurrency([ladder.settings.controls.model], opener, _AT_ONCE)
