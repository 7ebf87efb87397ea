"""Turns of several sessions side by side: rows of one sample, and the way to the turns at which they part. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lhe_tui.engine.state import TurnRecord
from lhe_tui.experiments.comparison import Compared, Comparison, aligned_turns


class AlignedRow(NamedTuple):
    """One turn: a record for each session, None where it did not come so far."""

    turn: int
    records: tuple[TurnRecord | None, ...]

    @property
    def parted(self) -> bool:
        """Whether the answers differ."""
        return len({(r.number, r.outcome) for r in self.records if r is not None}) > 1

    @property
    def one_right(self) -> bool:
        """Whether one is turn-correct and another is not."""
        scored = [r.outcome == "correct" for r in self.records if r is not None and r.outcome != "failed"]
        return len(set(scored)) > 1


def rows_of(sessions: Sequence[Compared], sample: int) -> list[AlignedRow]:
    """One sample's turns, by its number in the first session."""
    return [AlignedRow(turn, records) for turn, records in aligned_turns(sessions, sample)]


def first_parting(comparison: Comparison) -> tuple[int, int] | None:
    """(sample, turn) of the earliest turn at which any session answered otherwise than the first."""
    found = [pair.divergence for pair in comparison.pairs if pair.divergence is not None]
    return min(found, key=lambda place: (place[1], place[0])) if found else None


def parting_of(rows: Sequence[AlignedRow]) -> int | None:
    """The first turn of a sample at which the answers differ."""
    return next((row.turn for row in rows if row.parted), None)


def next_one_right(
    sessions: Sequence[Compared], sample: int, turn: int, *, back: bool = False
) -> tuple[int, int] | None:
    """(sample, turn) of the next turn that one session got right and another did not, on into other samples."""
    for number in _samples_from(sample, len(sessions[0].state.samples), back):
        rows = rows_of(sessions, number)
        for row in reversed(rows) if back else rows:
            beyond = number != sample or (row.turn < turn if back else row.turn > turn)
            if beyond and row.one_right:
                return number, row.turn
    return None


def _samples_from(sample: int, samples: int, back: bool) -> Iterator[int]:
    yield from range(sample, 0, -1) if back else range(sample, samples + 1)
