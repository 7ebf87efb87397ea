"""Which slot of the runtime holds the conversation that a request continues, so that its prompt is read once only."""

from __future__ import annotations

from collections.abc import Sequence

from lhe_tui.task.messages import Message


class ConversationSlots:
    """The last request of each slot; the runtime keeps its tokens."""

    def __init__(self, count: int) -> None:
        self._held: dict[int, Sequence[Message]] = {}
        """Slot → its last request, the one used longest ago first."""
        self._count = count

    def slot_for(self, messages: Sequence[Message]) -> int:
        """A slot whose conversation goes on in this request; else a free one; else the one that shares most of it."""
        shared = {slot: _common(held, messages) for slot, held in self._held.items()}
        slot = max(shared, key=lambda slot: shared[slot], default=-1)
        # First turns are alike by chance, and go apart; a later request that is asked again is the same conversation.
        whole = (
            slot >= 0 and shared[slot] == len(self._held[slot]) and max(shared[slot], len(messages) - 1) > 2
        )
        if not whole and len(self._held) < self._count:
            slot = len(self._held)
        elif not whole and shared[slot] < 2:
            # The task alone is common to all of them: the one used longest ago makes room.
            slot = next(iter(self._held))
        self._held.pop(slot, None)
        self._held[slot] = tuple(messages)
        return slot

    def forget(self) -> None:
        """The runtime was started anew and holds nothing."""
        self._held.clear()


def _common(one: Sequence[Message], other: Sequence[Message]) -> int:
    """How many messages the two begin with alike."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if (left.role, left.content) != (right.role, right.content):
            break
        count += 1
    return count
