"""The fate of past answers under error injection."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple


class Corruption(NamedTuple):
    """The fixed fate of one past answer: corrupted at every rate above `threshold`, by an offset from `offset01`."""

    threshold: float
    offset01: float

    def offset(self, size: int) -> int:
        """Uniform in ±1..±size, never 0."""
        step = int(self.offset01 * 2 * size)
        return step - size if step < size else step - size + 1


def corruption(seed: int, sample: int, turn: int) -> Corruption:
    """A pure function of (injection seed, sample, turn): raising the rate corrupts a superset."""
    digest = blake2b(f"{seed}:{sample}:{turn}".encode(), digest_size=14).digest()
    scale = 1 / (1 << 56)
    return Corruption(int.from_bytes(digest[:7]) * scale, int.from_bytes(digest[7:]) * scale)
