"""Finding turns worth looking at: the next wrong one, the next recovery, the next change of controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from lhe_tui.engine.state import RunState, TurnRecord

Wanted = Literal["wrong", "recovery", "change"]


class Place(NamedTuple):
    """A finished turn, sample and turn from 1."""

    sample: int
    turn: int


def find_turn(state: RunState, here: Place, wanted: Wanted, *, forward: bool = True) -> Place | None:
    """The nearest turn wanted in this direction: in this sample first, then in the ones after (or before) it."""
    fits = _FITS[wanted]
    samples = range(here.sample, len(state.samples) + 1) if forward else range(here.sample, 0, -1)
    for sample in samples:
        turns = state.samples[sample - 1].turns
        if forward:
            order = range(here.turn if sample == here.sample else 0, len(turns))
        else:
            order = range((here.turn - 1 if sample == here.sample else len(turns)) - 1, -1, -1)
        for index in order:
            if fits(state, turns, index):
                return Place(sample, index + 1)
    return None


def _wrong(state: RunState, turns: list[TurnRecord], index: int) -> bool:
    return turns[index].verdict not in ("correct", "edited")


def is_recovery(state: RunState, turns: list[TurnRecord], index: int) -> bool:
    """Whether an answer is the true sum again after one that was not."""
    if index == 0 or not turns[index].absolute or turns[index].verdict in ("failed", "edited"):
        return False
    return not turns[index - 1].absolute


def _change(state: RunState, turns: list[TurnRecord], index: int) -> bool:
    return any(change.turn == index + 1 for change in state.changes)


_FITS: dict[Wanted, Callable[[RunState, list[TurnRecord], int], bool]] = {
    "wrong": _wrong,
    "recovery": is_recovery,
    "change": _change,
}
