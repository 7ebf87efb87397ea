"""One finished turn with all that follows from it."""

from __future__ import annotations

from typing import Literal

from lhe_tui.engine.events import TurnFinished
from lhe_tui.task.answers import Outcome, Value
from lhe_tui.task.history import View

Verdict = Outcome | Literal["edited"]
"""What is said of a turn: its outcome, or that no model gave this answer."""


class TurnRecord:
    """One finished turn with all that follows from it. `content` is the reply as stored in the history."""

    __slots__ = (
        "absolute",
        "basis",
        "content",
        "event",
        "expected",
        "number",
        "outcome",
        "task",
        "truth",
        "view",
    )

    def __init__(
        self,
        event: TurnFinished,
        content: str,
        number: Value | None,
        outcome: Outcome,
        expected: Value,
        truth: Value,
        absolute: bool,
        task: bool,
        view: View,
    ) -> None:
        self.event = event
        self.content = content
        self.number = number
        """The answer read, or None."""
        self.outcome = outcome
        self.expected = expected
        """What would have been turn-correct."""
        self.truth = truth
        """The right answer, had nothing gone wrong: the true running sum."""
        self.absolute = absolute
        self.task = task
        """Whether every turn up to this one was absolutely correct."""
        self.view = view
        """What the request showed of the past."""
        self.basis = view.basis

    @property
    def turn(self) -> int:
        """The turn's number, from 1."""
        return self.event.turn

    @property
    def verdict(self) -> Verdict:
        """`edited` where a person wrote the answer or an experiment gave it: such a turn is judged nowhere."""
        return "edited" if self.event.edited else self.outcome

    @property
    def mistaken(self) -> bool:
        """Whether the model answered, and not correctly."""
        return self.verdict not in ("correct", "edited", "failed")
