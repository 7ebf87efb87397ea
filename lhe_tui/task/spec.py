"""What a task is: its settings, its dictionary, its plan, and how both are drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lhe_tui.task.answers import Value
from lhe_tui.task.variants.registry import variant_named
from lhe_tui.task.variants.variant import AnyVariant
from lhe_tui.task.variants.variant import TaskError as TaskError

MAX_STEPS = 5_000_000
"""The largest samples × turns × K accepted: a plan is kept whole in memory and in the session's header."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """The settings of a task. Steps of one sample = turns × turn_complexity."""

    variant: str = "dict-sum"
    turns: int = 100
    turn_complexity: int = 1
    samples: int = 8
    dict_size: int = 100
    min_value: int = -99
    max_value: int = 99
    seed: int = 0

    def __post_init__(self) -> None:
        variant = variant_named(self.variant)
        for name, label in _AT_LEAST_ONE.items():
            if getattr(self, name) < 1:
                raise TaskError(f"{label} must be at least 1, not {getattr(self, name)}")
        if self.min_value > self.max_value:
            raise TaskError(f"the smallest value ({self.min_value}) is above the largest ({self.max_value})")
        if max(abs(self.min_value), abs(self.max_value)) > 10**12:
            raise TaskError("values must lie within ±1,000,000,000,000")
        steps = self.samples * self.turns * self.turn_complexity
        if steps > MAX_STEPS:
            raise TaskError(
                f"samples × turns × keys = {steps:,} is over the bound of {MAX_STEPS:,} steps: "
                "lower the samples, the turns or K"
            )
        variant.check(self.min_value, self.max_value, self.steps)

    @property
    def steps(self) -> int:
        """Steps of one sample: turns × K."""
        return self.turns * self.turn_complexity


_AT_LEAST_ONE = {
    "turns": "turns",
    "turn_complexity": "the turn complexity K",
    "samples": "samples",
    "dict_size": "the dictionary's size",
}


@dataclass(frozen=True)
class Task:
    """A spec with its dictionary and plans. `plans[n]` holds all keys of sample n+1, turn after turn.

    The last turn of an imported plan may hold fewer than K keys.
    """

    spec: TaskSpec
    dictionary: Mapping[str, Value]
    plans: tuple[tuple[str, ...], ...]

    @cached_property
    def variant(self) -> AnyVariant:
        """What owns the task's answers and steps."""
        return variant_named(self.spec.variant)

    def keys(self, sample: int, turn: int) -> tuple[str, ...]:
        """The keys of one turn (sample and turn count from 1)."""
        k = self.spec.turn_complexity
        return self.plans[sample - 1][(turn - 1) * k : turn * k]

    def values(self, sample: int, turn: int) -> tuple[Value, ...]:
        """The keys' values of one turn."""
        dictionary = self.dictionary
        return tuple([dictionary[key] for key in self.keys(sample, turn)])

    def gains(self, sample: int) -> list[Any]:
        """For each turn of a sample, what its values together do to the state: their sum."""
        k, plan, dictionary = self.spec.turn_complexity, self.plans[sample - 1], self.dictionary
        values = [dictionary[key] for key in plan]
        gain = self.variant.gain
        return [gain(values[i : i + k]) for i in range(0, len(values), k)]

    def truths(self, sample: int) -> list[Any]:
        """For each turn, the right answer had nothing gone wrong: the true running sum."""
        return self.variant.states(self.gains(sample))

    def partials(self, sample: int, turn: int, basis: Value | None) -> list[Any]:
        """The right answer after each key of a turn, from its basis, or from the truth where there is none."""
        variant = self.variant
        start = variant.start if turn == 1 or variant.stateless else basis
        start = self.truths(sample)[turn - 2] if start is None else start
        return variant.partials(start, self.values(sample, turn))

    @property
    def stateless(self) -> bool:
        """Whether a turn's answer is independent of earlier turns (`retrieve`)."""
        return self.variant.stateless


def generate(spec: TaskSpec, words: Sequence[str]) -> Task:
    """Draw the dictionary and the plans, in the public generator's order of draws."""
    words = list(dict.fromkeys(words))
    if spec.dict_size > len(words):
        raise TaskError(
            f"a dictionary of {spec.dict_size} needs as many words; the word list holds {len(words)} different ones: "
            "lower --dict-size or give a longer list with --words"
        )
    rng = random.Random(spec.seed)
    chosen = rng.sample(words, spec.dict_size)
    variant = variant_named(spec.variant)
    drawn = variant.draw(rng, chosen, spec.min_value, spec.max_value, spec.steps, spec.samples)
    return Task(spec, *drawn)
