"""What a task is: its settings, its dictionary, its plan, and how both are drawn from a seed (DESIGN §2.1)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, get_args

from lhe_tui.errors import LheError

Variant = Literal["dict-sum", "retrieve", "add", "prefix-sum"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

MAX_STEPS = 5_000_000
"""The largest samples × turns × K accepted: a plan is kept whole in memory and in the session's header."""


class TaskError(LheError, ValueError):
    """A task that cannot be; the message says which bound is broken and what would do."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """The settings of a task. Steps of one sample = turns × turn_complexity."""

    variant: Variant = "dict-sum"
    turns: int = 100
    turn_complexity: int = 1
    samples: int = 8
    dict_size: int = 100
    min_value: int = -99
    max_value: int = 99
    seed: int = 0

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise TaskError(f"no task named {self.variant!r}: choose one of {', '.join(VARIANTS)}")
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
    dictionary: Mapping[str, int]
    plans: tuple[tuple[str, ...], ...]

    def keys(self, sample: int, turn: int) -> tuple[str, ...]:
        """The keys of one turn (sample and turn count from 1)."""
        k = self.spec.turn_complexity
        return self.plans[sample - 1][(turn - 1) * k : turn * k]

    def values(self, sample: int, turn: int) -> tuple[int, ...]:
        """The keys' values of one turn."""
        dictionary = self.dictionary
        return tuple([dictionary[key] for key in self.keys(sample, turn)])

    def turn_sums(self, sample: int) -> list[int]:
        """For each turn of a sample, the sum of its own values."""
        k, plan, dictionary = self.spec.turn_complexity, self.plans[sample - 1], self.dictionary
        values = [dictionary[key] for key in plan]
        return values if k == 1 else [sum(values[i : i + k]) for i in range(0, len(values), k)]

    def truths(self, sample: int) -> list[int]:
        """For each turn, the true running sum (`retrieve`: the turn's own sum)."""
        sums = self.turn_sums(sample)
        return sums if self.stateless else list(accumulate(sums))

    @property
    def stateless(self) -> bool:
        """Whether a turn's answer is independent of earlier turns (`retrieve`)."""
        return self.spec.variant == "retrieve"


def generate(spec: TaskSpec, words: Sequence[str]) -> Task:
    """Draw the dictionary and the plans, in the public generator's order of draws (DESIGN §2.1)."""
    words = list(dict.fromkeys(words))
    if spec.dict_size > len(words):
        raise TaskError(
            f"a dictionary of {spec.dict_size} needs as many words; the word list holds {len(words)} different ones: "
            "lower --dict-size or give a longer list with --words"
        )
    rng = random.Random(spec.seed)
    chosen = rng.sample(words, spec.dict_size)
    dictionary = {word: rng.randint(spec.min_value, spec.max_value) for word in chosen}
    keys = list(dictionary)
    plans = tuple(tuple(rng.choices(keys, k=spec.steps)) for _ in range(spec.samples))
    return Task(spec, dictionary, plans)
