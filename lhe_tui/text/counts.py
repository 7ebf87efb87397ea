"""Numbers in our own sentences: the right plural, and a true minus sign."""

from __future__ import annotations

import re
from typing import Final

MINUS: Final = "−"
_HYPHEN_FOR_MINUS: Final = re.compile(r"(?<![\w.\-])-(?=\d)")


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 turn`, `2,000 turns`; `plural` where it is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def true_minus(sentence: str) -> str:
    """The sentence with `−5` for `-5`; names with hyphens in them stay."""
    return _HYPHEN_FOR_MINUS.sub(MINUS, sentence)


def points_words(change: float, interval: tuple[float, float] | None) -> str:
    """A change of a share, -1..1, in points: `−35 points [−41, −29]`."""
    words = f"{_points(change)} points"
    return words if interval is None else f"{words} [{_points(interval[0])}, {_points(interval[1])}]"


def _points(change: float) -> str:
    points = round(100 * change)
    return true_minus(f"{points:+d}") if points else "0"
