"""`lhe-tui experiment`: one of the paper's experiments, or a grid of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path
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
from lhe_tui.cli.parsing import at_least_one, whole_number

if TYPE_CHECKING:
    from lhe_tui.experiments.grid import Experiment
    from lhe_tui.experiments.manifest import Manifest
    from lhe_tui.experiments.run_grid import GridRun
    from lhe_tui.launch.models import ModelOpener

NAME = "experiment"
HELP = "measure what the paper measures, over a grid of runs"
DESCRIPTION = (
    "Run one of the paper's experiments (scaling, self-conditioning, context-management, thinking, voting, "
    "self-verification, turns-vs-complexity, components), or a grid of your own from a TOML file. Every cell is a "
    "session; the figure, a table and what was found are printed at the end."
)
_TASK_OPTIONS = {
    "task": "variant",
    "dict_size": "dict_size",
    "min_value": "min_value",
    "max_value": "max_value",
}
"""Options that every cell's task takes over, and its names for them."""
_GRID_OPTIONS = ("models", "samples", "turns", "seed", "full_run", *_TASK_OPTIONS)
_FIXED = (*_GRID_OPTIONS, "base_url", "api_key_env", "temperature", "top_p", "max_tokens", "prompt")
_SIMULATED_AT_ONCE = 32


def add_options(parser: argparse.ArgumentParser) -> None:
    """NAME and what may be set of it."""
    parser.add_argument("name", metavar="NAME|SPEC.toml", help="an experiment's name, or a file of your own")
    add = parser.add_argument_group("experiment").add_argument
    add("--models", metavar="A,B", help="the models (default: simulated ones that suit the experiment)")
    add("--samples", type=at_least_one, metavar="N", help="conversations in each cell")
    add("--turns", type=at_least_one, metavar="N", help="turns of each, or the turn that is measured")
    add(
        "--full-run",
        action="store_true",
        help="self-conditioning and thinking: run every turn, in place of one request at the turn that is measured",
    )
    add("--task", metavar="NAME", help="every cell's task, as for run (default dict-sum)")
    add("--dict-size", type=at_least_one, metavar="N", help="words in the dictionary (default 100)")
    add("--min-value", type=whole_number, metavar="N", help="smallest value (default -99)")
    add("--max-value", type=whole_number, metavar="N", help="largest value (default 99)")
    add_server_options(parser)
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the grid to the end. Raises CommandError."""
    import asyncio

    from lhe_tui.cli.run_experiment import run_to_the_end
    from lhe_tui.experiments.grid import GridError

    try:
        grid = _resumed(options) if options.resume else _new(options)
        try:
            opener = _ready(options, grid)
            ending = asyncio.run(run_to_the_end(grid, opener, _concurrency(options, grid, opener)))
        finally:
            grid.close()
    except GridError as error:
        raise UsageError(str(error)) from None
    resume = f"Go on with: {command('experiment', options.name, '--out', grid.folder, '--resume')}"
    if ending is not None:
        message(f"lhe-tui: stopped; the sessions are whole.\n{resume}")
        return ending
    faults = grid.faults
    if not options.json and any(run.turns_asked for run in grid.runs):
        from lhe_tui.cli.experiment_summary import print_experiment

        print_experiment(grid)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise RunFailed(f"{faults[0].cell.label}: {faults[0].fault}{more}", hint=resume)
    if options.json:
        from lhe_tui.experiments.experiment_report import experiment_document
        from lhe_tui.record.json_text import to_json

        result_json(to_json(experiment_document(grid)))
    return DONE


def _new(options: argparse.Namespace) -> GridRun:
    from lhe_tui.assets.shipped import built_in_words
    from lhe_tui.experiments.manifest import Manifest
    from lhe_tui.experiments.run_grid import new_grid_run
    from lhe_tui.launch.task_files import load_template

    experiment = _sampled(_experiment(options), options)
    folder = new_folder(options, experiment.name)
    manifest = Manifest(experiment, load_template(options.prompt), options.base_url, options.api_key_env)
    _open(options, manifest)
    _say_given(experiment)
    return new_grid_run(manifest, folder, built_in_words())


def _say_given(experiment: Experiment) -> None:
    given = sum(cell.given * cell.spec.samples for cell in experiment.cells)
    if given > 20_000:
        message(f"laying down {given:,} past turns …")


def _resumed(options: argparse.Namespace) -> GridRun:
    from lhe_tui.assets.shipped import built_in_words
    from lhe_tui.experiments.manifest import read_manifest
    from lhe_tui.experiments.run_grid import resumed_grid_run

    folder = refuse_with_resume(options, _FIXED)
    manifest = read_manifest(folder)
    if options.name != manifest.experiment.name and not _is_file(options.name):
        raise UsageError(f"{folder} holds the experiment {manifest.experiment.name}, not {options.name}")
    _open(options, manifest)
    return resumed_grid_run(manifest, folder, built_in_words())


def _is_file(name: str) -> bool:
    return name.endswith(".toml")


def _experiment(options: argparse.Namespace) -> Experiment:
    from lhe_tui.experiments.named_grids import GridSettings, named_grid

    if _is_file(options.name):
        given = [name for name in _GRID_OPTIONS if getattr(options, name) not in (None, False)]
        if given:
            raise UsageError(f"--{given[0].replace('_', '-')} cannot go with a file: {options.name} says it")
        return _from_file(Path(options.name))
    if options.name == "ladder":
        raise UsageError("the ladder is a command of its own: lhe-tui ladder --model NAME")
    models = tuple(name.strip() for name in (options.models or "").split(",") if name.strip())
    if options.models is not None and not models:
        raise UsageError("--models takes names with commas between, such as sim/large,ollama/qwen3")
    task = {
        name: value
        for option, name in _TASK_OPTIONS.items()
        if (value := getattr(options, option)) is not None
    }
    settings = GridSettings(models, options.samples, options.turns, options.seed or 0, options.full_run, task)
    return named_grid(options.name, settings)


def _from_file(path: Path) -> Experiment:
    import tomllib

    from lhe_tui.experiments.grid_file import grid_from_table
    from lhe_tui.launch.task_files import read_named

    try:
        table = tomllib.loads(read_named(path, "the experiment"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    return grid_from_table(table, path.name)


def _sampled(experiment: Experiment, options: argparse.Namespace) -> Experiment:
    """The experiment with the sampling that was asked for in every cell."""
    from dataclasses import replace

    change = sampling_change(options)
    if not change:
        return experiment
    cells = tuple(replace(cell, controls=with_sampling(cell.controls, change)) for cell in experiment.cells)
    return replace(experiment, cells=cells)


def _open(options: argparse.Namespace, manifest: Manifest) -> ModelOpener:
    return opener_for(
        manifest.experiment.models,
        manifest.base_url,
        manifest.api_key_env,
        allow_insecure_key=options.allow_insecure_key,
    )


def _ready(options: argparse.Namespace, grid: GridRun) -> ModelOpener:
    """The models, once their servers listen and the cost is agreed to."""
    import asyncio

    from lhe_tui.cli.cost_question import confirm_cost
    from lhe_tui.experiments.grid_estimate import estimate_grid
    from lhe_tui.launch.servers import check_servers

    manifest = grid.manifest
    opener = _open(options, manifest)
    names = grid.experiment.models
    asyncio.run(check_servers(names, manifest.base_url))
    if not grid.finished:
        estimate = estimate_grid(grid.runs, lambda name: opener(name).info)
        confirm_cost(estimate.words(), [opener(name).info for name in names], yes=options.yes)
    return opener


def _concurrency(options: argparse.Namespace, grid: GridRun, opener: ModelOpener) -> int:
    from lhe_tui.launch.models import default_concurrency

    asked: int | None = options.concurrency
    return asked or default_concurrency(grid.experiment.models, opener, _SIMULATED_AT_ONCE)
