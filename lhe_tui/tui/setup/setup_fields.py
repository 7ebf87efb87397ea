"""The setup form without its widgets: its fields and how presets fill them. Light: the first paint waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lhe_tui.launch.presets import PRESETS
from lhe_tui.task.pruning.registry import POLICIES, parse_pruning
from lhe_tui.task.variants.registry import VARIANTS

INSTANT: Final = "instant"


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


FIELDS: Final = (
    Field(
        "task",
        "task",
        "dict-sum",
        "add looked-up values to a running sum",
        tuple((name, name) for name in VARIANTS),
        heading="Task",
    ),
    Field("turns", "turns", "100", "of each sample"),
    Field("turn_complexity", "keys per turn K", "1", "task length in steps = turns × K"),
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
    Field("top_p", "top-p", "", "empty: the server's default"),
    Field("max_tokens", "max tokens", "", "per reply; empty: the server's default"),
    Field("votes", "votes", "1", "replies per turn; the majority's answer counts"),
    Field("prompt", "prompt", "", "a TOML file of your own, or tiny; empty: the built-in one"),
    Field("speed", "pace", "30", "tokens/s of simulated models, or instant"),
    Field("concurrency", "at once", "", "empty: 1 on this machine, all simulated, else 8"),
    Field("given", "given turns", "0", "first turns laid down right and not asked", heading="At the start"),
    Field("inject", "inject errors", "0", "share of past answers, 0 to 1, or mix: each sample its own"),
    Field(
        "inject_base",
        "corrupt",
        "own",
        "the model's own past answers, or the true sums",
        (("own", "own answers"), ("truth", "true sums")),
    ),
    Field(
        "prune",
        "prune history",
        "off",
        "what leaves the history shown",
        tuple((policy.form, policy.label()) for policy in POLICIES),
    ),
    Field(
        "window",
        "its number",
        "5",
        "turns, for " + " and ".join(dict.fromkeys(p.counted() for p in POLICIES if p.usual)),
    ),
)
FIELD_BY_ID: Final = {field.id: field for field in FIELDS}
DEFAULTS: Final[Mapping[str, str]] = {field.id: field.default for field in FIELDS}
_UNSAID: Final = {"samples": "8", "speed": INSTANT}
"""Where a command that says nothing differs from the form as it opens."""


def values_of(options: Mapping[str, Any]) -> dict[str, str]:
    """The form's texts for a run that options describe; what they leave out stands at the command line's defaults."""
    values = {**DEFAULTS, **_UNSAID, **{name: text for name, text in options.items() if name in DEFAULTS}}
    if "heal" in options:
        values.update(inject="0", inject_base="truth")
    policy = parse_pruning(values["prune"])
    values["prune"] = policy.form
    if policy.number:
        values["window"] = str(policy.number)
    return values


PRESET_VALUES: Final = tuple(values_of(preset.options) for preset in PRESETS)


def matching_preset(values: Mapping[str, str], model: str) -> int | None:
    """The preset that these texts are with this model, or None."""
    for index, (preset, texts) in enumerate(zip(PRESETS, PRESET_VALUES, strict=True)):
        if texts == values and preset.options.get("model", model) == model:
            return index
    return None
