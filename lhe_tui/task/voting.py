"""Votes: one answer out of several replies to the same request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from typing import NamedTuple

from lhe_tui.task.answers import Value


class Lead(NamedTuple):
    """What first-to-lead-by-k settled on (None: not settled yet) and how many replies it took."""

    answer: Value | None
    votes: int


def majority(answers: Sequence[Value | None], rng_key: int | str) -> Value | None:
    """The most frequent number; a tie goes by the key alone, whatever the order. None where no reply holds one."""
    votes = Counter(answer for answer in answers if answer is not None)
    if not votes:
        return None
    most = max(votes.values())
    tied: list[Value] = sorted(answer for answer, count in votes.items() if count == most)
    return tied[0] if len(tied) == 1 else Random(rng_key).choice(tied)


def first_to_lead_by(answers: Iterable[Value | None], k: int) -> Lead:
    """Go through the replies until one answer is k votes ahead of the next; a reply without a number casts no vote."""
    if k < 1:
        raise ValueError(f"a lead must be at least 1 vote, got {k}")
    votes: Counter[Value] = Counter()
    cast = 0
    for cast, answer in enumerate(answers, 1):
        if answer is None:
            continue
        votes[answer] += 1
        rivals = max((count for other, count in votes.items() if other != answer), default=0)
        if votes[answer] - rivals >= k:
            return Lead(answer, cast)
    return Lead(None, cast)
