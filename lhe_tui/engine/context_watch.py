"""Watching the context fill: foreseen before it is full, and noticed where a server cuts it silently."""

from __future__ import annotations

from collections.abc import Sequence

from lhe_tui.engine.events import TurnFinished
from lhe_tui.task.messages import Message

WARN_AT = 0.8
"""Share of the context that brings the first warning."""
GROWTH_NEEDED = 6
"""Messages by which a request must outgrow an earlier one before its token count says anything."""


class ContextWatch:
    """Says once per model what a person should know of its context; one per run."""

    def __init__(self, turns: int) -> None:
        self._turns = turns
        self._said: set[tuple[str, str]] = set()
        self._largest: dict[tuple[str, int], tuple[int, int]] = {}
        """(model, sample) to (messages, prompt tokens) of the longest request so far."""

    def look(
        self, model: str, length: int | None, messages: Sequence[Message], event: TurnFinished
    ) -> str | None:
        """A sentence where this turn's prompt gives cause for one, else None. `length` is in tokens."""
        tokens = event.prompt_tokens
        if not tokens or event.ballots or event.draft:
            return None
        if length is not None and tokens >= WARN_AT * length and self._once(model, "filling"):
            return self._filling(tokens, length, event.turn)
        if (model, "cut") in self._said:
            return None
        before = self._largest.get((model, event.sample))
        if before is None or len(messages) >= before[0] + GROWTH_NEEDED:
            self._largest[model, event.sample] = len(messages), tokens
            if before is not None and tokens <= before[1] and self._once(model, "cut"):
                return (
                    f"the server counts {tokens:,} prompt tokens at turn {event.turn}, no more than for a shorter "
                    "history: it seems to cut the prompt silently, so the model may not see what is shown here"
                )
        return None

    def _filling(self, tokens: int, length: int, turn: int) -> str:
        full_at = turn * length // max(1, tokens)
        when = f"full at about turn {full_at}" if full_at < self._turns else "enough for this run"
        return f"the context is {tokens / length:.0%} full ({tokens:,} of {length:,} tokens): {when}"

    def _once(self, model: str, what: str) -> bool:
        if (model, what) in self._said:
            return False
        self._said.add((model, what))
        return True
