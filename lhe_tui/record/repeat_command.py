"""The commands that repeat a recorded run, and what they cannot repeat, in words."""

from __future__ import annotations

import json
from typing import Final

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import KEY_VARIABLE, SPEED, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.record.exporting.repeat_words import RepeatWords
from lhe_tui.task.controls import Change, Controls, Scalar
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate

DATASET: Final = "task.json"
PROMPT: Final = "prompt.toml"
_DEFAULT_SPEC: Final = TaskSpec()
_DEFAULTS: Final = Controls()


def repeat_command(state: RunState, file: str = "SESSION.jsonl") -> RepeatWords:
    """The commands that run a session again; `file` is the session's own name."""
    header = state.header
    found = RepeatWords()
    run = ["lhe-tui", "run", "--model", header.controls.model]
    run += _task_words(header, file, found)
    run += _server_words(header)
    run += _control_words(header.controls)
    if header.template != built_in_template():
        run += ["--prompt", PROMPT]
        found.notes.append(f"Save the prompt's texts, given with the prompt, as {PROMPT} first.")
    for turn, change in _changes(state):
        run += ["--at", f"{turn}:" + ",".join(f"{name}={_value(value)}" for name, value in change)]
    found.commands.append(run)
    found.notes.extend(_left_open(header))
    return found


def prompt_toml(template: PromptTemplate) -> str:
    """The prompt's texts as a file for `--prompt`."""
    lines = [f"{part} = {_quoted(getattr(template, part))}" for part in ("user", "state_card", "verify")]
    for table in ("system", "answer_rule"):
        lines += ["", f"[{table}]"]
        lines += [f"{_quoted(name)} = {_quoted(text)}" for name, text in getattr(template, table).items()]
    return "\n".join(lines) + "\n"


def drawn_from_own_words(task: Task) -> bool:
    """Whether the task is what its seed draws from the package's own word list."""
    try:
        drawn = generate(task.spec, built_in_words())
    except TaskError:
        return False
    return list(drawn.dictionary.items()) == list(task.dictionary.items()) and drawn.plans == task.plans


def _task_words(header: RunStarted, file: str, found: RepeatWords) -> list[str]:
    spec = header.task.spec
    words = ["--task", spec.variant, "--turns", str(spec.turns), "-k", str(spec.turn_complexity)]
    words += ["--samples", str(spec.samples), "--seed", str(spec.seed)]
    if not drawn_from_own_words(header.task):
        found.commands.append(["lhe-tui", "export", file, "--to", "dataset", "--out", DATASET])
        return ["--dataset", DATASET, *words]
    for option, name in (
        ("--dict-size", "dict_size"),
        ("--min-value", "min_value"),
        ("--max-value", "max_value"),
    ):
        if getattr(spec, name) != getattr(_DEFAULT_SPEC, name):
            words += [option, str(getattr(spec, name))]
    return words


def _server_words(header: RunStarted) -> list[str]:
    given = (
        ("--base-url", header.base_url),
        ("--api-key-env", header.extra.get(KEY_VARIABLE)),
        ("--speed", header.extra.get(SPEED)),
    )
    return [word for option, value in given if value for word in (option, value)]


def _control_words(controls: Controls) -> list[str]:
    words = ["--mode", controls.mode]
    for name in ("temperature", "top_p", "max_tokens", "votes"):
        value = getattr(controls, name)
        if value != getattr(_DEFAULTS, name):
            words += ["--" + name.replace("_", "-"), _value(value)]
    injection = controls.injection
    if injection.active:
        healed = injection.rate == 0
        words += (
            ["--heal"]
            if healed
            else [
                "--inject",
                "mix" if injection.mix else _value(injection.rate),
                "--inject-base",
                injection.base,
            ]
        )
        words += [] if injection.size == _DEFAULTS.injection.size else ["--inject-size", str(injection.size)]
        words += ["--inject-since", str(injection.since)] if (injection.since or 1) != 1 else []
    if controls.pruning.active:
        words += ["--prune", str(controls.pruning)]
    first = [f"vote-lead={controls.vote_lead}"] if controls.vote_lead else []
    first += ["verify=on"] if controls.verify else []
    return [*words, "--at", "1:" + ",".join(first)] if first else words


def _changes(state: RunState) -> list[tuple[int, Change]]:
    return [(event.turn, event.change) for event in sorted(state.changes, key=lambda event: event.turn)]


def _left_open(header: RunStarted) -> list[str]:
    notes = []
    if header.parent is not None or header.sample_ids:
        notes.append(
            "This session was forked from another: the command starts at turn 1 and not from the turns it was given."
        )
    if header.origin != "lhe-tui":
        notes.append(f"This run was not made by lhe-tui but imported ({header.origin}).")
        if header.reference is not None and any(header.reference.filled):
            notes.append(
                "Its history was filled by that harness: --inject with --inject-base truth comes nearest."
            )
    elif header.injection_seed != header.task.spec.seed or header.draw_seed != header.task.spec.seed:
        notes.append("Its corruption or its draws had a seed of their own: they will differ.")
    if not header.simulated:
        notes.append("The settings are repeated; the replies of a real model may differ each time.")
    return notes


def _value(value: Scalar) -> str:
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _quoted(text: str) -> str:
    """A TOML string: JSON's is one, but for the one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
