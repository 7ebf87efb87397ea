"""How bad each turn of each sample was, as one byte a turn; and the worst of several turns where a cell holds many."""

from __future__ import annotations

from lhe_tui.engine.state import RunState
from lhe_tui.task.answers import Outcome

PENDING, CORRECT, WRONG, FORMAT, FAILED = range(5)
SIGNS = "·■□!×"
"""The sign of each level: told apart without colour."""
_LEVELS: dict[Outcome, int] = {"correct": CORRECT, "wrong": WRONG, "failed": FAILED}


class HeatLevels:
    """The levels of one run, brought up to date by `sync`."""

    def __init__(self, state: RunState) -> None:
        self.state = state
        self.rows = [bytearray() for _ in state.samples]

    def sync(self) -> None:
        """Take in the turns that have finished since."""
        for levels, sample in zip(self.rows, self.state.samples, strict=True):
            turns = sample.turns
            # The last one may have been a failed turn that was asked again since.
            known = min(len(levels), len(turns))
            start = max(0, known - 1)
            del levels[start:]
            levels.extend(_LEVELS.get(record.outcome, FORMAT) for record in turns[start:])

    def cells(self, sample: int, per_cell: int) -> bytes:
        """The worst level of each `per_cell` turns of a sample (from 1), to the end of the plan."""
        levels = self.rows[sample - 1]
        turns = self.state.spec.turns
        if per_cell == 1:
            return bytes(levels) + bytes(turns - len(levels))
        return bytes(
            max(levels[start : start + per_cell], default=PENDING) for start in range(0, turns, per_cell)
        )


def turns_per_cell(turns: int, width: int) -> int:
    """How many turns one cell must hold for all of them to stand in `width` cells."""
    return -(-turns // max(1, width))
