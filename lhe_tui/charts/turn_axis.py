"""The axis of turns that a run's charts and its strip of samples share: it grows with the run."""

from __future__ import annotations

from typing import Final, NamedTuple

_STEPS: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_FIRST: Final = 10


class TurnColumns(NamedTuple):
    """Where an axis of turns stands: the cells left of turn 1, the cells of all turns, and the last turn."""

    left: int
    width: int
    last: int


def last_turn_shown(turns: int, done: int) -> int:
    """The last turn on the axis of a run of `turns` turns that has come to turn `done`: a round one with room to grow.

    At least 10 where the run has as many, so that a young run does not fill the width with one turn; never more than
    twice the turns done beyond that, so that most of the axis is always in use.
    """
    wanted = max(_FIRST, done + max(2, done // 8))
    power = 10 ** (len(str(wanted)) - 1)
    rounded = next(
        (int(step * scale) for scale in (power, power * 10) for step in _STEPS if step * scale >= wanted),
        wanted,
    )
    return max(1, min(turns, rounded))


def turn_range(turns: int, done: int) -> tuple[float, float]:
    """The x range of a chart over turns: half a turn of room at both ends, so that a turn owns whole columns."""
    return 0.5, last_turn_shown(turns, done) + 0.5


def columns_of_turn(turn: int, last: int, width: int) -> range:
    """The columns, from 0, of a turn on an axis of `last` turns and `width` cells; empty where turns share one."""
    return range((turn - 1) * width // last, turn * width // last)


def turns_of_column(column: int, last: int, width: int) -> range:
    """The turns, from 1, that a column stands for; at least one."""
    first = column * last // width
    return range(first + 1, max(first + 1, (column + 1) * last // width) + 1)
