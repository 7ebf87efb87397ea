"""The product of 2 × 2 matrices: a state that is no number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product, starmap
from random import Random
from typing import TypeAlias

from lhe_tui.task.corruption import Corruption
from lhe_tui.task.lenient import Lenient
from lhe_tui.task.variants.variant import TaskError, Variant, numbers_in

MODULUS = 10
"""Products keep the last digit of each entry, so that they stay readable."""

Square: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

_ENTRY = r"\s*[-\u2212]?[0-9]{1,9}\s*"
_ROW = rf"\s*\[{_ENTRY},{_ENTRY}\]\s*"
_SQUARE = re.compile(rf"\[{_ROW},{_ROW}\]")
_LINE = re.compile(rf"^(\S+): ({_SQUARE.pattern})$", re.M)
_ORNAMENT = "*_$` \t\r\n"


class Matrix(Variant[Square]):
    """Keys are looked up and their 2 × 2 matrices multiplied into a running product."""

    name = "matrix"
    state_word = "product"
    start = ((1, 0), (0, 1))
    texts = {
        "system": (
            "You keep a running product of 2 x 2 matrices, which starts at [[1, 0], [0, 1]]. Every message lists one "
            "or more keys. Look up each key's matrix in the dictionary below, multiply the running product by it from "
            "the right, one key after the other, and keep only the last digit of each entry (the remainder modulo 10). "
            "Answer with the new running product. If a message opens with a line that states the running product so "
            "far, continue from that matrix.\n\n$answer_rule\n\n"
            "A small example, with the matrices rose = [[1, 2], [0, 1]] and moss = [[3, 0], [1, 7]]. The first message "
            'is "rose": [[1, 0], [0, 1]] times [[1, 2], [0, 1]] is [[1, 2], [0, 1]], so the answer is '
            '<answer>[[1, 2], [0, 1]]</answer>. The next message is "moss": [[1, 2], [0, 1]] times [[3, 0], [1, 7]] is '
            "[[5, 14], [1, 7]], so the answer is <answer>[[5, 4], [1, 7]]</answer>.\n\nDictionary:\n$dictionary"
        ),
        "state_card": "Running product so far: $sum",
        "verify": (
            "Check your last answer: look each key up again and redo the multiplication. Then give the answer that you "
            "now hold to be right, in the same <answer></answer> form."
        ),
        "direct": (
            "Reply with nothing but the answer, as [[a, b], [c, d]] with four whole numbers inside <answer></answer> "
            "tags."
        ),
        "cot": (
            "Work it out aloud first, one short line for each key: `key: matrix`, then a line such as `running product "
            "x matrix = new running product`. End the reply with the answer as [[a, b], [c, d]] inside "
            "<answer></answer> tags."
        ),
        "thinking": (
            "Think it through first. Then reply with nothing but the answer, as [[a, b], [c, d]] with four whole "
            "numbers inside <answer></answer> tags."
        ),
    }

    def check(self, low: int, high: int, steps: int) -> None:
        """Some matrix must be there that can be undone."""
        if not _invertible(_digits(low, high)):
            raise TaskError(f"no matrix of entries from {low} to {high} can be undone: widen the values")

    def gain(self, values: Sequence[Square]) -> Square:
        """Their product, the first on the left."""
        result = self.start
        for value in values:
            result = self.step(result, value)
        return result

    def step(self, state: Square, gain: Square) -> Square:
        """The state times the gain, last digits only."""
        (a, b), (c, d) = state
        (e, f), (g, h) = gain
        return _square(a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h)

    def fits(self, value: object) -> bool:
        """Two rows of two digits."""
        return isinstance(value, tuple) and value in _digit_squares()

    def read(self, text: str) -> Square | None:
        """`[[a, b], [c, d]]`, whatever the space in it."""
        found = _SQUARE.fullmatch(text.strip(_ORNAMENT))
        return None if found is None else _read(found[0])

    def lenient(self, visible: str) -> Lenient | None:
        """The last matrix of the reply, else its last four numbers where they are all that it holds."""
        matrices = list(_SQUARE.finditer(visible[-2000:]))
        if matrices:
            return Lenient(_read(matrices[-1][0]), "last matrix")
        numbers = numbers_in(visible[-2000:])
        return Lenient(_square_of(numbers), "four numbers") if len(numbers) == 4 else None

    def corrupt(self, answer: Square, fate: Corruption, size: int) -> Square:
        """One entry is off, by 1 to 9."""
        place = int(fate.offset01 * 4 * (MODULUS - 1))
        return _changed(answer, place % 4, 1 + place // 4)

    def draw_value(self, rng: Random, low: int, high: int) -> Square:
        """Uniform among the matrices that can be undone: products of others soon are nothing but zeros."""
        return rng.choice(_invertible(_digits(low, high)))

    def err(self, right: Square, state: Square, gain: Square, rng: Random) -> Square:
        """Mostly an entry or two off; else the product the other way round, or nothing done."""
        swapped = self.step(gain, state)
        other: Square = rng.choices((right, swapped, state, gain), weights=(6, 2, 1, 1))[0]
        if other != right:
            return other
        places = rng.sample(range(4), k=rng.choice((1, 1, 2)))
        for place in places:
            other = _changed(other, place, rng.randrange(1, MODULUS))
        return other

    def read_dictionary(self, text: str) -> Mapping[str, Square]:
        """Lines such as `rose: [[1, 2], [0, 1]]`."""
        return {line[1]: _read(line[2]) for line in _LINE.finditer(text.rpartition("Dictionary:")[2])}


def _digits(low: int, high: int) -> frozenset[int]:
    return frozenset(number % MODULUS for number in range(low, min(high, low + MODULUS) + 1))


def _read(text: str) -> Square:
    return _square_of(numbers_in(text))


def _square_of(numbers: Sequence[int]) -> Square:
    a, b, c, d = numbers
    return (a, b), (c, d)


def _square(a: int, b: int, c: int, d: int) -> Square:
    return (a % MODULUS, b % MODULUS), (c % MODULUS, d % MODULUS)


def _changed(square: Square, place: int, offset: int) -> Square:
    entries = [*square[0], *square[1]]
    entries[place] += offset
    return _square(*entries)


@cache
def _digit_squares() -> frozenset[object]:
    digits = range(MODULUS)
    return frozenset(starmap(_square, product(digits, repeat=4)))


@cache
def _invertible(digits: frozenset[int]) -> tuple[Square, ...]:
    """The matrices of these digits whose determinant shares no factor with the modulus."""
    return tuple(
        _square(a, b, c, d)
        for a, b, c, d in product(sorted(digits), repeat=4)
        if (a * d - b * c) % 2 and (a * d - b * c) % 5
    )
