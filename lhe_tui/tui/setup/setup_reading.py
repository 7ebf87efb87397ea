"""How the setup form's texts become settings, or a sentence per field on what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lhe_tui.task.controls import ControlError, Controls, apply_change
from lhe_tui.task.spec import TaskError, TaskSpec
from lhe_tui.tui.run.start_run import RunSettings
from lhe_tui.tui.setup.setup_fields import FAST_TOKENS, FIELD_BY_ID, INSTANT


@dataclass(frozen=True)
class FormReading:
    """What the form says: settings, or per field one sentence on what is wrong."""

    settings: RunSettings | None
    errors: Mapping[str, str]


_SPEC_FIELDS: Final = {
    "turns": "turns",
    "k": "turn_complexity",
    "samples": "samples",
    "dict_size": "dict_size",
    "min_value": "min_value",
    "max_value": "max_value",
    "seed": "seed",
}
_SMALL: Final[Mapping[str, Any]] = {
    "turns": 1,
    "samples": 1,
    "dict_size": 1,
    "min_value": -(10**12),
    "max_value": 10**12,
}


def read_form(values: Mapping[str, str], model: str, *, words: int) -> FormReading:
    """Read the form's texts; `words` is how many the word list holds."""
    errors: dict[str, str] = {}
    spec = _read_spec(values, errors, words)
    controls = _read_controls(values, model, errors)
    concurrency = _whole(values, "concurrency", errors)
    if "concurrency" not in errors and not 1 <= concurrency <= 1000:
        errors["concurrency"] = f"at once takes a whole number from 1 to 1000, not {concurrency}"
    speed = _read_speed(values, errors)
    if errors or spec is None or controls is None:
        return FormReading(None, errors)
    settings = RunSettings(
        spec=spec,
        controls=controls,
        concurrency=concurrency,
        speed=speed if model.startswith("sim/") else None,
    )
    return FormReading(settings, {})


def _whole(values: Mapping[str, str], name: str, errors: dict[str, str]) -> int:
    text = values[name].strip().replace("_", "").replace(",", "").replace("−", "-")
    if re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        return int(text)
    given = f"{values[name]!r}" if text else "nothing"
    errors[name] = f"{FIELD_BY_ID[name].label} takes a whole number, not {given}"
    return 0


def _read_spec(values: Mapping[str, str], errors: dict[str, str], words: int) -> TaskSpec | None:
    numbers = {attribute: _whole(values, name, errors) for name, attribute in _SPEC_FIELDS.items()}
    for name, attribute in _SPEC_FIELDS.items():
        if name in errors:
            continue
        try:
            TaskSpec(**{**_SMALL, attribute: numbers[attribute]})
        except TaskError as error:
            errors[name] = str(error)
    if "dict_size" not in errors and numbers["dict_size"] > words:
        errors["dict_size"] = f"the word list holds {words} words: take at most as many"
    if errors:
        return None
    chosen: dict[str, Any] = {"variant": values["variant"], **numbers}
    try:
        return TaskSpec(**chosen)
    except TaskError as error:
        errors["max_value" if numbers["min_value"] > numbers["max_value"] else "samples"] = str(error)
        return None


def _read_controls(values: Mapping[str, str], model: str, errors: dict[str, str]) -> Controls | None:
    changes = {
        "mode": ("mode", values["mode"]),
        "temperature": ("temperature", values["temperature"].strip()),
        "max_tokens": ("max-tokens", values["max_tokens"].strip()),
        "inject": ("inject", rate_text(values["inject"])),
        "inject_base": ("inject-base", values["inject_base"]),
        "prune": ("prune", _pruning_text(values)),
    }
    controls = Controls(model=model)
    for name, change in changes.items():
        try:
            controls = apply_change(controls, (change,), 1)
        except ControlError as error:
            errors["window" if name == "prune" else name] = str(error)
    return None if errors else controls


def _pruning_text(values: Mapping[str, str]) -> str:
    policy = values["prune"]
    return policy.replace("window", f"window:{values['window'].strip() or '?'}")


def rate_text(text: str) -> str:
    """A rate as controls take it: `25 %` is 0.25."""
    text = text.strip()
    if not text.endswith("%"):
        return text or "0"
    try:
        return f"{float(text[:-1]) / 100:g}"
    except ValueError:
        return text


def _read_speed(values: Mapping[str, str], errors: dict[str, str]) -> float | None:
    text = values["speed"].strip().lower()
    if text in (INSTANT, ""):
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= FAST_TOKENS:
        errors["speed"] = f"pace takes tokens per second (up to 100,000) or instant, not {values['speed']!r}"
        return None
    return speed
