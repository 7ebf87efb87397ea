"""The options of task, model and controls, and the run that they describe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.parsing import file_path, whole_number

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig

MAY_RESUME = ("base_url", "api_key_env", "allow_insecure_key", "at", "concurrency", "speed")
"""Where argparse keeps the options that a resumed run may be given."""


def add_task_options(parser: argparse.ArgumentParser, *, dataset: bool = True) -> None:
    """The options that say what the task is."""
    from lhe_tui.task.variants.registry import variant_names

    group = parser.add_argument_group("task")
    add = group.add_argument
    add("--task", metavar="NAME", help=f"{variant_names()} (default dict-sum); MODULE:NAME: one of your own")
    add("--turns", type=whole_number, metavar="N", help="turns of each sample (default 100)")
    add(
        "-k",
        "--turn-complexity",
        type=whole_number,
        metavar="K",
        help="keys per turn (default 1)",
    )
    add("--samples", type=whole_number, metavar="N", help="conversations in the run (default 8)")
    add("--dict-size", type=whole_number, metavar="N", help="words in the dictionary (default 100)")
    add("--min-value", type=whole_number, metavar="N", help="smallest value (default -99)")
    add("--max-value", type=whole_number, metavar="N", help="largest value (default 99)")
    add("--seed", type=whole_number, metavar="N", help="draws dictionary, plans and corruption (default 0)")
    add("--words", type=file_path, metavar="FILE", help="word list to draw from (default: the package's own)")
    if dataset:
        add("--dataset", type=file_path, metavar="FILE", help="a task from a file, in place of a drawn one")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which model is asked, and how."""
    add = parser.add_argument_group("model").add_argument
    add("--model", metavar="NAME", help="provider/model, such as sim/large (the default) or ollama/qwen3")
    add("--base-url", metavar="URL", help="any other OpenAI-compatible server")
    add("--api-key-env", metavar="NAME", help="the environment variable that holds the key")
    add(
        "--allow-insecure-key",
        action="store_true",
        help="send the key over plain http to another machine: everyone on the way can read it",
    )
    add("--mode", metavar="MODE", help="direct, cot or thinking (default direct)")
    add("--temperature", metavar="X", help="sent to the server (default: not sent)")
    add("--top-p", metavar="X", help="sent to the server (default: not sent)")
    add("--max-tokens", metavar="N", help="sent to the server (default: not sent)")
    add("--votes", metavar="N", help="replies per turn, the majority's answer counts (default 1)")
    add(
        "--vote-lead",
        metavar="N",
        help="end a vote once one answer leads by N (default: all votes are taken)",
    )
    add("--verify", action="store_true", default=None, help="ask the model to check each answer once more")
    add(
        "--prompt",
        type=file_path,
        metavar="FILE",
        help="prompt texts of your own, as TOML; tiny: for very small models",
    )


def add_control_options(parser: argparse.ArgumentParser) -> None:
    """The options that say what the model is shown of its past, and when that changes."""
    from lhe_tui.task.pruning.registry import forms

    add = parser.add_argument_group("controls").add_argument
    add(
        "--inject",
        metavar="RATE",
        help="share of past answers shown corrupted, 0 to 1; mix: each sample its own",
    )
    add("--inject-base", metavar="BASE", help="corrupt the model's own answers or the truth: own, truth")
    add("--inject-size", metavar="N", help="largest offset of a corrupted answer (default 10)")
    add("--inject-since", metavar="TURN", help="first turn whose shown answer is touched")
    add("--heal", action="store_true", default=None, help="show past answers as the true sums")
    add(
        "--prune",
        metavar="POLICY",
        help=f"{forms()} (default off)",
    )
    add(
        "--given",
        type=whole_number,
        metavar="N",
        help="the first N turns are given with their true answers: shown to the model, not asked, not counted",
    )
    add(
        "--at",
        action="append",
        metavar="TURN:NAME=VALUE[,NAME=VALUE]",
        help="a change from a turn on, repeatable: --at 30:inject=0.5 --at 60:prune=window:5",
    )


def option_name(place: str) -> str:
    """An option as it is typed."""
    return "-k" if place == "turn_complexity" else "--" + place.replace("_", "-")


def described(options: argparse.Namespace, **more: object) -> dict[str, Any]:
    """The options that describe a run, as typed, and `more` of them."""
    from lhe_tui.launch.options import OPTIONS

    return {**{name: getattr(options, name) for name in OPTIONS if hasattr(options, name)}, **more}


def config_from(options: argparse.Namespace, **more: object) -> RunConfig:
    """The run that the options describe, `more` of them given here. Raises UsageError."""
    from lhe_tui.launch.options import option_name, read_options
    from lhe_tui.launch.run_config import RunConfigError

    try:
        return read_options(described(options, **more))
    except RunConfigError as error:
        option, words = next(iter(error.problems.items()))
        raise UsageError(f"--{words}" if words.startswith(option_name(option)) else words) from None
