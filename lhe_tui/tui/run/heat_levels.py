"""How each turn of each sample came out, as one byte a turn; and what a cell over one or several turns shows of it."""

from __future__ import annotations

from typing import NamedTuple

from lhe_tui.charts.turn_axis import turns_of_column
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_record import Verdict

PENDING, EDITED, CORRECT, WRONG, FORMAT, FAILED = range(6)
_LEVELS: dict[Verdict, int] = {"correct": CORRECT, "wrong": WRONG, "failed": FAILED, "edited": EDITED}


class Cell(NamedTuple):
    """What one cell shows: the worst level of its turns, and the share of the scored ones that is not correct."""

    level: int
    share: float


EMPTY = Cell(PENDING, 0.0)


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
            levels.extend(_LEVELS.get(record.verdict, FORMAT) for record in turns[start:])

    def cells(self, samples: range, last: int, width: int) -> list[Cell]:
        """The cells of some samples (from 1) taken together, on an axis of `last` turns in `width` columns."""
        rows = [self.rows[sample - 1] for sample in samples]
        found = []
        for column in range(width):
            turns = turns_of_column(column, last, width)
            found.append(_cell(b"".join(levels[turns.start - 1 : turns.stop - 1] for levels in rows)))
        return found


def _cell(levels: bytes) -> Cell:
    if not levels:
        return EMPTY
    wrong = levels.count(WRONG) + levels.count(FORMAT)
    scored = wrong + levels.count(CORRECT)
    return Cell(max(levels), wrong / scored if scored else 0.0)
