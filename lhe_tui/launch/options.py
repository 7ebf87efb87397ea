"""Options to a RunConfig and back: for the command line, the setup form, presets and programs alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lhe_tui.launch.run_config import DatasetTask, RunConfig, RunConfigError, Script, value_text
from lhe_tui.task.controls import Change, ControlError, Controls, apply_change, parse_change
from lhe_tui.task.spec import TaskError, TaskSpec

_SPEC: Final = {
    "task": "variant",
    "turns": "turns",
    "turn_complexity": "turn_complexity",
    "samples": "samples",
    "dict_size": "dict_size",
    "min_value": "min_value",
    "max_value": "max_value",
    "seed": "seed",
}
_CONTROLS: Final = (
    *("model", "mode", "temperature", "top_p", "max_tokens", "votes", "vote_lead", "verify"),
    *("inject", "inject_base", "inject_size", "inject_since", "prune"),
)
_DRAWING: Final = ("words", "dict_size", "min_value", "max_value")
"""What only a drawn task can be told."""
_PLAIN: Final = ("words", "prompt", "base_url", "api_key_env", "allow_insecure_key", "shard", "out")
OPTIONS: Final = (*_SPEC, *_CONTROLS, *_PLAIN, "dataset", "heal", "given", "at", "speed", "concurrency")
"""Every option that describes a run, by its name as a program writes it."""
_SMALL: Final[Mapping[str, Any]] = {
    "turns": 1,
    "samples": 1,
    "dict_size": 1,
    "min_value": -(10**12),
    "max_value": 10**12,
}
"""A task that is within all bounds, whichever single number of it is put in place."""


def option_name(option: str) -> str:
    """An option as it is typed, without its dashes."""
    return option.replace("_", "-")


# ---- options to a RunConfig


def read_options(options: Mapping[str, object]) -> RunConfig:
    """The run that options describe: texts as they are typed, or values. None and False: not given.

    Raises RunConfigError, with a sentence for each option that is wrong.
    """
    given = {name: value for name, value in options.items() if value is not None and value is not False}
    if unknown := set(given) - set(OPTIONS):
        raise RunConfigError({min(unknown): f"no option is named {min(unknown)}"})
    return _Reading(given).config()


class _Reading:
    """Reads options one by one, so that every wrong one is told."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._problems: dict[str, str] = {}

    def config(self) -> RunConfig:
        """The whole. Raises RunConfigError."""
        fields: dict[str, Any] = {name: self._options[name] for name in _PLAIN if name in self._options}
        fields["task"] = self._task()
        fields["controls"] = self._controls()
        fields["script"] = self._script()
        fields["given"] = self._whole("given", 0)
        if "concurrency" in self._options:
            fields["concurrency"] = self._bounded("concurrency", 1, 1000)
        if "speed" in self._options:
            fields["speed"] = self._positive("speed")
        if "shard" in self._options and not re.fullmatch(
            "[0-9]{1,9}/[0-9]{1,9}", str(self._options["shard"])
        ):
            self._problem("shard", "I/N, such as 3/8")
        if self._problems:
            raise RunConfigError(self._problems)
        return RunConfig(**fields)

    def _problem(self, name: str, wanted: str) -> None:
        value = self._options[name]
        said = repr(value if not isinstance(value, str) or len(value) <= 80 else value[:80] + "…")
        self._problems[name] = f"{option_name(name)} takes {wanted}, not {said if value != '' else 'nothing'}"

    def _whole(self, name: str, default: int) -> int:
        value = self._options.get(name, default)
        text = str(value).strip().replace("_", "").replace(",", "").replace("−", "-")
        if not isinstance(value, bool) and re.fullmatch(r"[+-]?[0-9]{1,30}", text):
            return int(text)
        if type(value) is int:
            return value
        self._problem(name, "a whole number")
        return default

    def _bounded(self, name: str, low: int, high: int) -> int:
        number = self._whole(name, low)
        if name not in self._problems and not low <= number <= high:
            self._problem(name, f"a whole number from {low} to {high}")
        return number

    def _positive(self, name: str) -> float:
        try:
            number = float(self._options[name])
        except (TypeError, ValueError):
            number = 0.0
        if not 0 < number < float("inf"):
            self._problem(name, "a number above 0")
        return number

    def _task(self) -> TaskSpec | DatasetTask:
        fields: dict[str, Any] = {}
        for option, name in _SPEC.items():
            if option not in self._options:
                continue
            fields[name] = self._options[option] if option == "task" else self._whole(option, 1)
            if option not in self._problems:
                self._try_spec(option, {**_SMALL, name: fields[name]})
        if "dataset" in self._options:
            return self._dataset(fields)
        return self._try_spec(self._to_blame(fields), fields) or TaskSpec()

    def _try_spec(self, option: str, fields: Mapping[str, Any]) -> TaskSpec | None:
        if self._problems.keys() & _SPEC.keys():
            return None
        try:
            return TaskSpec(**fields)
        except TaskError as error:
            self._problems[option] = str(error)
            return None

    def _to_blame(self, fields: Mapping[str, Any]) -> str:
        """The option beside which a fault of several numbers is told."""
        low, high = (fields.get(name, getattr(TaskSpec(), name)) for name in ("min_value", "max_value"))
        return "max_value" if low > high else "samples"

    def _dataset(self, fields: Mapping[str, Any]) -> DatasetTask:
        for option in _DRAWING:
            if option in self._options:
                self._problems[option] = (
                    f"{option_name(option)} cannot go with --dataset: the file says it already"
                )
        return (
            DatasetTask(
                path=self._options["dataset"],
                **{name: value for name, value in fields.items() if name in DatasetTask.model_fields},
            )
            if not self._problems
            else DatasetTask(path=Path())
        )

    def _controls(self) -> Controls:
        options = self._options
        if "heal" in options and ("inject" in options or "inject_base" in options):
            self._problems["heal"] = (
                "heal means --inject-base truth at rate 0: give it, or --inject, not both"
            )
        controls = Controls()
        for option in (*_CONTROLS[:8], "heal", *_CONTROLS[8:]):
            if option not in options:
                continue
            try:
                controls = apply_change(controls, ((option_name(option), options[option]),), 1)
            except ControlError as error:
                words, name = str(error), option_name(option)
                self._problems[option] = words if words.startswith(name) else f"{name}: {words}"
        return controls

    def _script(self) -> Script:
        entries = self._options.get("at", ())
        return tuple(self._entry(text) for text in ([entries] if isinstance(entries, str) else entries))

    def _entry(self, text: str) -> tuple[int, Change]:
        try:
            return read_entry(text)
        except RunConfigError as error:
            self._problems.update(error.problems)
            return 1, ()


def read_entry(text: str) -> tuple[int, Change]:
    """One scripted change: `30:inject=0.5` as (30, the change). Raises RunConfigError."""
    turn, colon, words = text.partition(":")
    if not colon or not re.fullmatch(r"\s*0*[1-9][0-9]{0,11}\s*", turn):
        raise RunConfigError(
            {"at": f"at takes TURN:NAME=VALUE[,NAME=VALUE], such as 30:inject=0.5, not {text!r}"}
        )
    try:
        change = parse_change(words)
        apply_change(Controls(), change, int(turn))
    except ControlError as error:
        raise RunConfigError({"at": f"at {text}: {error}"}) from None
    return int(turn), change


# ---- a RunConfig to options


def options_of(config: RunConfig) -> dict[str, Any]:
    """The options that describe a run: texts, True for a switch, a list for `at`; what a default says is left out."""
    options: dict[str, Any] = {**_task_options(config), **_control_options(config.controls)}
    if config.script:
        options["at"] = [
            f"{turn}:" + ",".join(f"{name}={value_text(value)}" for name, value in change)
            for turn, change in config.script
        ]
    for name in (*_PLAIN, "speed", "concurrency"):
        value = getattr(config, name)
        if value:
            options[name] = value if value is True else f"{value:.17g}" if name == "speed" else str(value)
    if config.given:
        options["given"] = str(config.given)
    return options


def _task_options(config: RunConfig) -> dict[str, str]:
    task, usual = config.task, TaskSpec()
    if isinstance(task, DatasetTask):
        fields = {"dataset": task.path, **{o: getattr(task, n, None) for o, n in _SPEC.items()}}
        return {option: str(value) for option, value in fields.items() if value is not None}
    return {
        option: str(getattr(task, name))
        for option, name in _SPEC.items()
        if option not in _DRAWING or getattr(task, name) != getattr(usual, name)
    }


def _control_options(controls: Controls) -> dict[str, Any]:
    usual, injection = Controls(), controls.injection
    options: dict[str, Any] = {"model": controls.model, "mode": controls.mode}
    for name in ("temperature", "top_p", "max_tokens", "votes", "vote_lead", "verify"):
        value = getattr(controls, name)
        if value != getattr(usual, name):
            options[name] = value if value is True else str(value)
    if injection.active and injection.rate == 0:
        options["heal"] = True
    elif injection.active:
        options["inject"] = "mix" if injection.mix else str(injection.rate)
        options["inject_base"] = injection.base
    if injection.size != usual.injection.size:
        options["inject_size"] = str(injection.size)
    if injection.since is not None and (injection.since != 1 or not injection.active):
        options["inject_since"] = str(injection.since)
    if controls.pruning.active:
        options["prune"] = str(controls.pruning)
    return options


def command_words(config: RunConfig) -> list[str]:
    """The command that starts this run, word by word."""
    words = ["lhe-tui", "run"]
    for name, value in options_of(config).items():
        option = "-k" if name == "turn_complexity" else f"--{option_name(name)}"
        for text in value if isinstance(value, list) else [value]:
            words += [option] if text is True else [option, text]
    return words
