"""What a task variant is: one object that owns its answers, its steps, its prompt texts and how a simulated model errs.

A variant has a state of type T. A turn's values make one gain, and a step leads from a state by a gain to the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Any, ClassVar, Generic, TypeVar

from lhe_tui.errors import LheError
from lhe_tui.task.answers import Reading, Value, find_answer, read_answer, read_number
from lhe_tui.task.corruption import Corruption
from lhe_tui.task.lenient import Lenient, lenient_reading

T = TypeVar("T", bound=Value)


class TaskError(LheError, ValueError):
    """A task that cannot be; the message says which bound is broken and what would do."""


class Variant(Generic[T]):
    """A task variant. Its docstring's first line is what people read about it."""

    name: ClassVar[str]
    texts: ClassVar[Mapping[str, str]] = {}
    """Its part of the built-in prompt: `system`, and what is said otherwise than for the other variants (`state_card`,
    `verify`, an answer mode's rule). Empty where the built-in prompt's file holds it."""
    state_word: ClassVar[str] = "sum"
    """What people call the state: the running sum."""
    stateless: ClassVar[bool] = False
    """Whether a turn's answer is independent of earlier turns."""
    shows_values: ClassVar[bool] = False
    """Whether a turn lists its values in place of its keys."""
    has_integers: ClassVar[bool] = False
    """Whether values and answers are whole numbers: then there are sums to chart, and slips of arithmetic to name."""
    ease: ClassVar[float] = 0.0
    """Log-odds that a simulated model is the less likely to err by."""

    start: T
    """The state before the first turn."""

    def check(self, low: int, high: int, steps: int) -> None:
        """Raises TaskError where values between these bounds, or plans so long, allow no task."""

    def gain(self, values: Sequence[T]) -> T:
        """What all values of one turn together do to the state."""
        raise NotImplementedError

    def step(self, state: T, gain: T) -> T:
        """The state after a turn; where turns are independent, the gain itself."""
        raise NotImplementedError

    def fits(self, value: object) -> bool:
        """Whether a value that a file holds can be one of this task's."""
        raise NotImplementedError

    def read(self, text: str) -> T | None:
        """The answer that the inside of a tag is, or None."""
        raise NotImplementedError

    def corrupt(self, answer: T, fate: Corruption, size: int) -> T:
        """An answer made wrong on purpose, by its fate alone."""
        raise NotImplementedError

    def draw_value(self, rng: Random, low: int, high: int) -> T:
        """One word's value."""
        raise NotImplementedError

    def err(self, right: T, state: T, gain: T, rng: Random) -> T:
        """A wrong answer as a simulated model gives it, where the slips of sums do not apply."""
        raise NotImplementedError

    def read_dictionary(self, text: str) -> Mapping[str, T]:
        """The dictionary in a system text, by which a simulated model knows the task; empty where it is none."""
        return {}

    def lenient(self, visible: str) -> Lenient | None:
        """The answer that a reply without a readable one plainly holds, or None."""
        raise NotImplementedError

    def read_answer(self, visible: str) -> Reading:
        """Read the visible part of a reply."""
        span = find_answer(visible)
        return (
            Reading(None, None) if span is None else Reading(span, self.read(visible[span.start : span.end]))
        )

    def draw(
        self, rng: Random, words: Sequence[str], low: int, high: int, steps: int, samples: int
    ) -> tuple[dict[str, T], tuple[tuple[str, ...], ...]]:
        """The dictionary over these words, and for each sample its keys, in the public generator's order of draws."""
        dictionary = {word: self.draw_value(rng, low, high) for word in words}
        keys = list(dictionary)
        return dictionary, tuple(tuple(rng.choices(keys, k=steps)) for _ in range(samples))

    def states(self, gains: Sequence[T]) -> list[T]:
        """The true state after each turn."""
        return list(accumulate(gains, self.step, initial=self.start))[1:]

    def partials(self, start: T, values: Sequence[T]) -> list[T]:
        """The state after each value of a turn."""
        return list(
            accumulate(values, lambda state, value: self.step(state, self.gain((value,))), initial=start)
        )[1:]

    def summary(self) -> str:
        """What it asks, in a few words."""
        return (self.__doc__ or "").partition("\n")[0].rstrip(".")


class SumVariant(Variant[int]):
    """A variant whose values are whole numbers that are added up."""

    has_integers = True
    start = 0

    def gain(self, values: Sequence[int]) -> int:
        """Their sum."""
        return sum(values)

    def step(self, state: int, gain: int) -> int:
        """The running sum."""
        return state + gain

    def fits(self, value: object) -> bool:
        """A whole number."""
        return type(value) is int

    read_answer = staticmethod(read_answer)

    def read(self, text: str) -> int | None:
        """A whole number, with or without thousands separators."""
        return read_number(text)

    def corrupt(self, answer: int, fate: Corruption, size: int) -> int:
        """Off by 1 to `size`, either way."""
        return answer + fate.offset(size)

    def draw_value(self, rng: Random, low: int, high: int) -> int:
        """Uniform between the bounds."""
        return rng.randint(low, high)

    def lenient(self, visible: str) -> Lenient | None:
        """A whole number in another form."""
        return lenient_reading(visible)


def numbers_in(text: str) -> list[int]:
    """All whole numbers of a text, signs with them."""
    return [int(number.replace("\u2212", "-")) for number in re.findall(r"[-\u2212]?[0-9]{1,30}", text)]


AnyVariant = Variant[Any]
