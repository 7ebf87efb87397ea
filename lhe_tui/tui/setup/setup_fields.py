"""The setup form without its widgets: its fields and its presets. Light on purpose: the first paint waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

INSTANT: Final = "instant"
FAST_TOKENS: Final = 100_000.0


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form. With `choices` one of them is picked, otherwise a text is typed."""

    id: str
    label: str
    default: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()
    """(value, shown) pairs."""
    heading: str = ""
    """Starts a group under this heading."""


PRUNINGS: Final = (
    ("off", "off"),
    ("window", "window"),
    ("state-card", "state card"),
    ("window+state-card", "window + card"),
    ("drop-wrong", "drop wrong"),
)

FIELDS: Final = (
    Field(
        "variant",
        "task",
        "dict-sum",
        "add looked-up values to a running sum",
        (("dict-sum", "dict-sum"), ("retrieve", "retrieve"), ("add", "add"), ("prefix-sum", "prefix-sum")),
        heading="Task",
    ),
    Field("turns", "turns", "100", "of each sample"),
    Field("k", "keys per turn K", "1", "task length in steps = turns × K"),
    Field("samples", "samples", "16", "conversations side by side"),
    Field("dict_size", "dictionary", "100", "words to look up"),
    Field("min_value", "values from", "-99", "smallest value of a word"),
    Field("max_value", "values to", "99", "largest value of a word"),
    Field("seed", "seed", "0", "draws dictionary, plans and corruption"),
    Field(
        "mode",
        "answer",
        "direct",
        "direct, reasoned aloud, or with its own reasoning",
        (("direct", "direct"), ("cot", "cot"), ("thinking", "thinking")),
        heading="Model",
    ),
    Field("temperature", "temperature", "", "empty: the server's default"),
    Field("max_tokens", "max tokens", "", "per reply; empty: the server's default"),
    Field("speed", "pace", "30", "tokens/s of simulated models, or instant"),
    Field("concurrency", "at once", "16", "requests under way together"),
    Field("inject", "inject errors", "0", "share of past answers corrupted, 0 to 1", heading="At the start"),
    Field(
        "inject_base",
        "corrupt",
        "own",
        "the model's own past answers, or the true sums",
        (("own", "own answers"), ("truth", "true sums")),
    ),
    Field("prune", "prune history", "off", "what leaves the history shown", PRUNINGS),
    Field("window", "window", "5", "past turns that stay, where a window prunes"),
)
FIELD_BY_ID: Final = {field.id: field for field in FIELDS}
DEFAULTS: Final[Mapping[str, str]] = {field.id: field.default for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of run; `values` are what differs from the form's defaults."""

    name: str
    about: str
    values: Mapping[str, str]


PRESETS: Final = (
    Preset("Quick demo", "16 samples × 100 turns in a minute", {}),
    Preset(
        "Long horizon",
        "500 turns: how far does it get?",
        {"turns": "500", "samples": "32", "concurrency": "32", "speed": "120"},
    ),
    Preset(
        "Self-conditioning",
        "true sums, half of them corrupted",
        {"samples": "32", "concurrency": "32", "inject": "0.5", "inject_base": "truth"},
    ),
    Preset(
        "Context management",
        "it sees its last 5 turns only",
        {"turns": "200", "samples": "32", "concurrency": "32", "prune": "window", "speed": "60"},
    ),
    Preset(
        "Single-turn ladder",
        "one turn with 20 keys, aloud",
        {"turns": "1", "k": "20", "samples": "32", "concurrency": "32", "mode": "cot", "speed": "60"},
    ),
)


def preset_values(preset: Preset) -> dict[str, str]:
    """The whole form's texts under a preset."""
    return {**DEFAULTS, **preset.values}


def matching_preset(values: Mapping[str, str]) -> int | None:
    """The preset that these texts are, or None."""
    for index, preset in enumerate(PRESETS):
        if all(values.get(name) == text for name, text in preset_values(preset).items()):
            return index
    return None
