"""The simulated models' presets and their law of error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from types import MappingProxyType

from lhe_tui.task.variants.registry import variant_named


@dataclass(frozen=True, slots=True)
class Preset:
    """One simulated model: how its log-odds of a slip come about, and what its slips look like."""

    name: str
    like: str
    """The real models whose curves it follows."""
    base: float
    """Log-odds of a slip on the first turn, one key, no working."""
    length: float
    """Log-odds per unit of log(1 + shown turns / tau)."""
    tau: float
    """Shown turns at which length begins to tell."""
    contagion: float
    """Log-odds that a history of nothing but wrong transitions adds: self-conditioning."""
    load: float
    """Log-odds per further key in one turn, answered without working."""
    worked: float
    """Log-odds that working aloud, or thinking, takes off."""
    worked_load: float
    """Log-odds per further key in one turn, with the working written out."""
    format_share: float
    """Share of slips that are an answer nobody can read, and no wrong number."""
    repair: float = 0.35
    """Chance to mend a wrong answer when asked to check it, with a clean history in view."""
    always_thinks: bool = False
    """Reasons whatever is asked of it, as reasoning models do whose reasoning cannot be switched off."""


# base, length, tau and contagion are solved from the table that the tests of calibration hold: task accuracy only
# counts samples without an error in view, so the first three give H_0.5 and the healed curve by themselves, and
# contagion the induced one.
# `load` is set so that two keys at once fail on most first turns (the paper's Fig 12).
_ALL = (
    Preset(
        "sim/small",
        "Gemma3-12B",
        base=-2.197,
        length=0.4438,
        tau=0.282,
        contagion=1.33,
        load=4.4,
        worked=0.8,
        worked_load=0.15,
        format_share=0.04,
        repair=0.15,
    ),
    Preset(
        "sim/medium",
        "Qwen3-14B",
        base=-3.664,
        length=0.1456,
        tau=8.5e-6,
        contagion=0.976,
        load=5.4,
        worked=1.5,
        worked_load=0.12,
        format_share=0.03,
        repair=0.25,
    ),
    Preset(
        "sim/large",
        "Qwen3-32B",
        base=-5.293,
        length=0.3059,
        tau=0.00151,
        contagion=1.556,
        load=6.8,
        worked=2.5,
        worked_load=0.08,
        format_share=0.02,
    ),
    Preset(
        "sim/frontier",
        "models over 200B without reasoning",
        base=-5.517,
        length=0.2796,
        tau=0.537,
        contagion=3.15,
        load=6.3,
        worked=1.5,
        worked_load=0.05,
        format_share=0.01,
        repair=0.45,
    ),
    Preset(
        "sim/thinking",
        "a reasoning model",
        base=-6.213,
        length=0.4069,
        tau=0.331,
        contagion=0.0,
        load=0.02,
        worked=0.0,
        worked_load=0.02,
        format_share=0.01,
        repair=0.8,
        always_thinks=True,
    ),
)
PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})


def slip_chance(
    preset: Preset,
    *,
    shown_turns: int,
    wrong_share: float,
    keys: int,
    worked: bool,
    variant: str = "dict-sum",
) -> float:
    """The chance of a slip, from what can be seen in the messages alone."""
    odds = preset.base - variant_named(variant).ease
    odds += preset.length * log(1 + shown_turns / preset.tau)
    odds += preset.contagion * wrong_share
    further = max(keys, 1) - 1
    odds += preset.worked_load * further - preset.worked if worked else preset.load * further
    return logistic(odds)


def repair_chance(preset: Preset, wrong_share: float) -> float:
    """The chance to mend a wrong answer on a second look; errors in view lower it as they raise slips."""
    return logistic(log(preset.repair / (1 - preset.repair)) - preset.contagion * wrong_share)


def logistic(odds: float) -> float:
    """The probability of log-odds, without overflow at either end."""
    if odds < 0:
        grown = exp(max(odds, -700.0))
        return grown / (1 + grown)
    return 1 / (1 + exp(-min(odds, 700.0)))
