"""The options of task, model and controls, and what they mean: a task, controls, a script, a prompt (DESIGN §7)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.parsing import file_path, whole_number

if TYPE_CHECKING:
    from lhe_tui.task.controls import Change, Controls
    from lhe_tui.task.prompts import PromptTemplate
    from lhe_tui.task.spec import Task, TaskSpec

# An option that is not given is None: so a resumed run knows that nobody asked for other settings.
_SPEC_FIELDS = {
    "task": "variant",
    "turns": "turns",
    "turn_complexity": "turn_complexity",
    "samples": "samples",
    "dict_size": "dict_size",
    "min_value": "min_value",
    "max_value": "max_value",
    "seed": "seed",
}
_CONTROL_FIELDS = {
    "model": "model",
    "mode": "mode",
    "temperature": "temperature",
    "top_p": "top-p",
    "max_tokens": "max-tokens",
    "votes": "votes",
    "inject": "inject",
    "inject_base": "inject-base",
    "inject_size": "inject-size",
    "inject_since": "inject-since",
    "prune": "prune",
}
TASK_OPTIONS = (*_SPEC_FIELDS, "words", "dataset")
"""Where argparse keeps the task's options."""
CONTROL_OPTIONS = (*_CONTROL_FIELDS, "heal", "given", "prompt")
"""Where argparse keeps the model's and the controls' options, those left out that a resumed run may be given."""


def add_task_options(parser: argparse.ArgumentParser, *, dataset: bool = True) -> None:
    """The options that say what the task is."""
    group = parser.add_argument_group("task")
    add = group.add_argument
    add("--task", metavar="NAME", help="dict-sum, retrieve, add or prefix-sum (default dict-sum)")
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
        "--prompt",
        type=file_path,
        metavar="FILE",
        help="prompt texts of your own, as TOML; tiny: for very small models",
    )


def add_control_options(parser: argparse.ArgumentParser) -> None:
    """The options that say what the model is shown of its past, and when that changes."""
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
        help="off, window:W, state-card, drop-wrong or window:W+state-card (default off)",
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


def given(options: argparse.Namespace, places: tuple[str, ...]) -> list[str]:
    """The options among `places` that were typed."""
    return [option_name(place) for place in places if getattr(options, place, None) is not None]


def spec_from(options: argparse.Namespace) -> TaskSpec:
    """The task's settings. Raises UsageError."""
    from lhe_tui.task.spec import TaskError, TaskSpec

    chosen = {
        field: value
        for place, field in _SPEC_FIELDS.items()
        if (value := getattr(options, place)) is not None
    }
    try:
        return TaskSpec(**chosen)
    except TaskError as error:
        raise UsageError(str(error)) from None


def task_from(options: argparse.Namespace) -> Task:
    """The task: drawn from its seed, or read from a dataset. Raises UsageError."""
    from lhe_tui.task.spec import TaskError, generate

    if getattr(options, "dataset", None) is not None:
        from lhe_tui.cli.dataset_option import task_from_dataset

        return task_from_dataset(options)
    spec = spec_from(options)
    try:
        return generate(spec, words_from(options.words))
    except TaskError as error:
        raise UsageError(str(error)) from None


def words_from(path: Path | None) -> tuple[str, ...]:
    """The word list of a file, one word a line, or the package's own."""
    if path is None:
        from lhe_tui.assets.shipped import built_in_words

        return built_in_words()
    words = tuple(line.strip() for line in read_text(path, "--words").splitlines() if line.strip())
    strange = next((word for word in words if "," in word or ":" in word or not word.isprintable()), None)
    if strange is not None:
        raise UsageError(f"--words {path}: {strange[:40]!r} cannot be a key: one plain word on each line")
    if not words:
        raise UsageError(f"--words {path} holds no words: one word on each line")
    return words


def controls_from(options: argparse.Namespace) -> Controls:
    """The controls that hold from turn 1. Raises UsageError."""
    from lhe_tui.task.controls import ControlError, Controls, apply_change

    if options.heal and (options.inject is not None or options.inject_base is not None):
        raise UsageError("--heal means --inject-base truth at rate 0: give it, or --inject, not both")
    controls = Controls()
    for place, name in _CONTROL_FIELDS.items():
        value = getattr(options, place)
        if value is None:
            continue
        try:
            controls = apply_change(controls, ((name, value),), 1)
        except ControlError as error:
            words = str(error)
            raise UsageError(f"--{words}" if words.startswith(name) else f"--{name}: {words}") from None
    if options.heal:
        size = controls.injection.size
        controls = apply_change(controls, (("heal", True), ("inject-size", size)), 1)
        if options.inject_since is not None:
            controls = apply_change(controls, (("inject-since", options.inject_since),), 1)
    return controls


def script_from(options: argparse.Namespace) -> list[tuple[int, Change]]:
    """The changes of `--at`, as (turn, change). Raises UsageError."""
    from lhe_tui.task.controls import ControlError, Controls, apply_change, parse_change

    script: list[tuple[int, Change]] = []
    for text in options.at or ():
        turn, colon, words = text.partition(":")
        if not colon or not turn.strip().isdecimal() or len(turn) > 12 or int(turn) < 1:
            raise UsageError(f"--at takes TURN:NAME=VALUE[,NAME=VALUE], such as 30:inject=0.5, not {text!r}")
        try:
            change = parse_change(words)
            apply_change(Controls(), change, int(turn))
        except ControlError as error:
            raise UsageError(f"--at {text}: {error}") from None
        script.append((int(turn), change))
    return script


def template_from(path: Path | None) -> PromptTemplate:
    """The prompt: the package's own, or parts of it replaced from a TOML file. Raises UsageError."""
    from lhe_tui.assets.shipped import NAMED_TEMPLATES, built_in_template, named_template
    from lhe_tui.task.prompts import PromptError, read_template

    if path is None:
        return built_in_template()
    if str(path) in NAMED_TEMPLATES and not path.exists():
        return named_template(str(path))
    import tomllib

    text = read_text(path, "--prompt")
    try:
        return read_template(tomllib.loads(text), built_in_template(), path.name)
    except (tomllib.TOMLDecodeError, PromptError) as error:
        raise UsageError(f"--prompt {path}: {error}") from None


def read_text(path: Path, option: str) -> str:
    """A text file that an option names. Raises UsageError."""
    from lhe_tui.record import text_file

    try:
        return text_file.read_text(path)
    except text_file.FileError as error:
        raise UsageError(f"{option} {path} cannot be read: {error}") from None
