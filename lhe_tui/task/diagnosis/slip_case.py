"""One turn as the diagnosis sees it: what was shown, what was asked, what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

T = TypeVar("T")

LOOKBACK = 8
"""How many shown turns back a stale sum, an earlier key or an injected error is looked for."""
MAX_DIGITS_BITS = 400
"""Numbers longer than this (about 120 digits) are not taken apart digit by digit."""


class PastTurn(NamedTuple):
    """One shown turn before this one."""

    answer: int | None
    injected: bool
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """All that a turn's answer is judged by: what was shown, what was asked, what came back."""

    basis: int | None
    truth_before: int | None
    keys: tuple[str, ...]
    values: tuple[int, ...]
    dictionary: Mapping[str, int]
    past_answers: tuple[int | None, ...] = ()
    """Shown answers of the shown turns, oldest first."""
    past_injected: tuple[bool, ...] = ()
    past_keys: tuple[tuple[str, ...], ...] = ()
    answer: int | None = None
    outcome: str = "wrong"
    reply: str = field(default="", repr=False)
    mode: str = "direct"
    variant: str = "dict-sum"

    @cached_property
    def gain(self) -> int:
        """The sum of this turn's values."""
        return sum(self.values)

    @cached_property
    def state(self) -> int | None:
        """What the answer had to start from: the basis, else the truth; 0 where the variant keeps no state."""
        if self.variant == "retrieve":
            return 0
        return self.basis if self.basis is not None else self.truth_before

    @cached_property
    def expected(self) -> int | None:
        """The turn-correct answer; None where nothing says what the sum was."""
        return None if self.state is None else self.state + self.gain

    @cached_property
    def truth(self) -> int | None:
        """The absolute-correct answer."""
        if self.variant == "retrieve":
            return self.gain
        return None if self.truth_before is None else self.truth_before + self.gain

    @cached_property
    def recent(self) -> tuple[PastTurn, ...]:
        """The last shown turns, newest first, at most LOOKBACK + 1; ragged inputs are aligned at the newest."""
        depth = min(LOOKBACK + 1, max(len(self.past_answers), len(self.past_keys)))
        return tuple(
            PastTurn(
                _from_end(self.past_answers, back),
                bool(_from_end(self.past_injected, back)),
                _from_end(self.past_keys, back) or (),
            )
            for back in range(1, depth + 1)
        )

    def value_of(self, key: str) -> int | None:
        """A shown key's value: the dictionary's, or the number itself where numbers are given; else None."""
        if key in self.dictionary:
            return self.dictionary[key]
        digits = key.replace("\N{MINUS SIGN}", "-")
        return int(digits) if digits.lstrip("+-").isdecimal() and len(digits) < 40 else None


def _from_end(items: Sequence[T], back: int) -> T | None:
    return items[-back] if back <= len(items) else None


def short(number: int, sign: bool = False) -> str:
    """A number for a sentence; very long ones only by their length (Python refuses to print some)."""
    if number.bit_length() > MAX_DIGITS_BITS:
        return f"a number of about {round(number.bit_length() * 0.30103)} digits"
    text = f"{number:+d}" if sign else str(number)
    return text.replace("-", "\N{MINUS SIGN}")
