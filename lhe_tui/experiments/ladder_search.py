"""The search for the largest K: doubling until a K fails, then binary search between."""

from __future__ import annotations


class LadderSearch:
    """Says which K to try next. `largest` is the largest that has passed, 0 for none."""

    def __init__(self, start: int = 1, most: int = 512) -> None:
        if not 1 <= start <= most:
            raise ValueError(f"the first K must lie in 1..{most}, got {start}")
        self._start = start
        self._most = most
        self.largest = 0
        self.smallest_failed: int | None = None

    @property
    def next_k(self) -> int | None:
        """The K to try now; None when the search is over."""
        if self.smallest_failed is None:
            if self.largest >= self._most:
                return None
            return min(self._most, self.largest * 2) if self.largest else self._start
        if self.smallest_failed - self.largest <= 1:
            return None
        return (self.largest + self.smallest_failed) // 2

    @property
    def stopped_by_bound(self) -> bool:
        """Whether the largest K allowed has passed, so that the model's own limit lies beyond."""
        return self.largest >= self._most

    def tell(self, k: int, *, passed: bool) -> None:
        """Take in how a K went."""
        if passed:
            self.largest = max(self.largest, k)
        else:
            self.smallest_failed = k if self.smallest_failed is None else min(k, self.smallest_failed)
