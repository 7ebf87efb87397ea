"""Keys are looked up, each turn by itself: lookup without state."""

from collections.abc import Sequence
from itertools import accumulate

from lhe_tui.task.variants.variant import SumVariant


class Retrieve(SumVariant):
    """Keys are looked up, each turn by itself: lookup without state."""

    name = "retrieve"
    stateless = True
    ease = 4.5

    def step(self, state: int, gain: int) -> int:
        """This turn's values alone."""
        return gain

    def partials(self, start: int, values: Sequence[int]) -> list[int]:
        """The sums of this turn's values."""
        return list(accumulate(values))
