"""Presets: runs that are worth starting as they are, each as the options that describe it. Light: a screen's first
paint waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lhe_tui.models.local.weights import KNOWN

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig

REAL_MODEL: Final = "local/gemma-3-270m"


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of run; `options` are what differs from the command line's defaults."""

    name: str
    about: str
    options: Mapping[str, str]

    @property
    def config(self) -> RunConfig:
        """The run itself; imports pydantic."""
        from lhe_tui.launch.options import read_options

        return read_options(self.options)

    @property
    def missing(self) -> str | None:
        """The command that installs what the preset needs; None where it can start."""
        known = KNOWN.get(self.options.get("model", ""))
        return known.missing if known is not None else None


PRESETS: Final = (
    Preset("Quick demo", "16 samples × 100 turns in a minute", {"samples": "16", "speed": "30"}),
    Preset(
        "Long horizon",
        "500 turns: how far does it get?",
        {"turns": "500", "samples": "32", "speed": "120"},
    ),
    Preset(
        "Self-conditioning",
        "true sums, half of them corrupted",
        {"samples": "32", "inject": "0.5", "inject_base": "truth", "speed": "30"},
    ),
    Preset(
        "Context management",
        "it sees its last 5 turns only",
        {"turns": "200", "samples": "32", "prune": "window:5", "speed": "60"},
    ),
    Preset(
        "Single-turn ladder",
        "one turn with 20 keys, aloud",
        {"turns": "1", "turn_complexity": "20", "samples": "32", "mode": "cot", "speed": "60"},
    ),
    Preset(
        "A real model",
        "Gemma 3 270M on a clean past: corrupt it and see",
        {
            "model": REAL_MODEL,
            "task": "retrieve",
            "samples": "4",
            "dict_size": "6",
            "min_value": "1",
            "max_value": "9",
            "given": "14",
            "prompt": "tiny",
            "inject": "0",
            "inject_base": "truth",
            "concurrency": "1",
        },
    ),
)
