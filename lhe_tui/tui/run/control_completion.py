"""What a half-typed change of controls may become: names, and the values of those that take a few. Pure."""

from __future__ import annotations

from lhe_tui.task.controls import ANSWER_MODES, CONTROL_NAMES
from lhe_tui.task.pruning.registry import POLICIES
from lhe_tui.tui.picker.model_groups import SIMULATED

VALUES: dict[str, tuple[str, ...]] = {
    "mode": ANSWER_MODES,
    "inject-base": ("own", "truth"),
    "inject": ("0.1", "0.25", "0.5", "0.75", "1", "off"),
    "prune": tuple(policy.written(policy.usual) for policy in POLICIES),
    "heal": ("on", "off"),
    "verify": ("on", "off"),
    "temperature": ("0.7", "default"),
    "top-p": ("0.95", "default"),
    "max-tokens": ("default",),
    "votes": ("1", "3", "5", "10"),
    "vote-lead": ("0", "2", "3"),
    "model": tuple(info.name for info in SIMULATED),
}


def completions(text: str) -> list[str]:
    """The whole line for each way to go on with its last part; nothing where that part is complete."""
    before, comma, part = text.rpartition(",")
    head = before + comma + part[: len(part) - len(part.lstrip())]
    part = part.lstrip()
    name, equals, value = part.partition("=")
    if not equals:
        return [f"{head}{known}=" for known in CONTROL_NAMES if known.startswith(part)]
    known_values = VALUES.get(name.strip(), ())
    return [f"{head}{name}={known}" for known in known_values if known.startswith(value) and known != value]


def choices_words(text: str) -> str:
    """What there is to choose from, for the hint; empty where nothing is typed or nothing follows."""
    found = completions(text) if text.strip() else []
    if not found:
        return ""
    parts = [line.rpartition(",")[2].strip().partition("=") for line in found]
    return "tab: " + "  ".join(value or name for name, _, value in parts)
