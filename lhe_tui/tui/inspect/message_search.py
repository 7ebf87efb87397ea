"""Searching the messages of a session: what was asked, what came back, what was reasoned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.prompts import shown_keys

Where = Literal["system", "user", "reply", "reasoning"]
AROUND = 40
"""Characters quoted on each side of a match."""


class Match(NamedTuple):
    """A message that holds what was searched for; `at` and `end` are its place in `excerpt`. Turn 0: the system's."""

    sample: int
    turn: int
    where: Where
    excerpt: str
    at: int
    end: int


def search_messages(
    state: RunState, query: str, first: int = 1, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Match]:
    """Every message with `query` in it, whatever its case: the system message, then sample `first` and those after.

    May run in a thread beside the fold: what is finished never changes.
    """
    wanted = query.casefold()
    if not wanted:
        return
    system = state.system_message(state.header.controls.mode)
    yield from _in_text(wanted, system, 1, 0, "system")
    many = len(state.samples)
    for sample in [*range(first, many + 1), *range(1, first)]:
        for record in list(state.samples[sample - 1].turns):
            if cancelled():
                return
            yield from _in_turn(state, wanted, sample, record)


def _in_turn(state: RunState, wanted: str, sample: int, record: TurnRecord) -> Iterator[Match]:
    keys = shown_keys(state.task, sample, record.turn)
    yield from _in_text(wanted, keys, sample, record.turn, "user")
    yield from _in_text(wanted, record.event.reply, sample, record.turn, "reply")
    yield from _in_text(wanted, record.event.reasoning, sample, record.turn, "reasoning")


def _in_text(wanted: str, text: str, sample: int, turn: int, where: Where) -> Iterator[Match]:
    # The first place in each message; casefold may shift places by a letter, which an excerpt can bear.
    at = text.casefold().find(wanted) if text else -1
    if at < 0:
        return
    start = max(0, at - AROUND)
    excerpt = text[start : at + len(wanted) + AROUND]
    yield Match(sample, turn, where, excerpt, at - start, at - start + len(wanted))
