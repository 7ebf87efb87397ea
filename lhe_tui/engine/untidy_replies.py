"""Replies whose form is wrong, read leniently beside the score: is the model wrong, or only untidy?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.lenient import Lenient

_READ = ("no_answer", "not_a_number")


def lenient_of(state: RunState, record: TurnRecord) -> Lenient | None:
    """What a reply without a readable answer plainly holds; it scores nothing."""
    return state.task.variant.lenient(record.content) if record.outcome in _READ else None


@dataclass
class UntidyReplies:
    """Over a run: replies without a readable answer, those that plainly hold one, and the right one."""

    replies: int = 0
    held: int = 0
    right: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    """How often each rule found it."""

    def sentence(self) -> str:
        """`of 40 replies without a number 39 plainly hold one, 38 the right one`; empty where there are none."""
        if not self.replies:
            return ""
        replies = "reply" if self.replies == 1 else "replies"
        held = f"{self.held:,} plainly hold{'s' * (self.held == 1)} one"
        return f"of {self.replies:,} {replies} without a number {held}, {self.right:,} the right one"

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {"replies": self.replies, "held": self.held, "right": self.right, "rules": dict(self.rules)}


def untidy_replies(state: RunState) -> UntidyReplies:
    """Counts over the turns that a model answered. Only replies without a readable answer are looked at again."""
    found = UntidyReplies()
    for sample in state.samples:
        for record in sample.turns:
            if record.outcome not in _READ or record.event.edited:
                continue
            found.replies += 1
            lenient = lenient_of(state, record)
            if lenient is not None:
                found.held += 1
                found.right += lenient.number == record.expected
                found.rules[lenient.rule] += 1
    return found
