"""Conversations keep their slot from turn to turn, whoever else is asked in between."""

from __future__ import annotations

from lhe_tui.models.local.conversation_slots import ConversationSlots
from lhe_tui.task.messages import Message

TASK = Message("system", "the task", "system", 0)


def conversation(name: str, turns: int) -> list[Message]:
    """The request of a turn: the task, all turns before with their replies, and the new keys."""
    past = [
        message
        for turn in range(1, turns)
        for message in (
            Message("user", f"{name} {turn}", "user", turn),
            Message("assistant", f"reply {name} {turn}", "own", turn),
        )
    ]
    return [TASK, *past, Message("user", f"{name} {turns}", "user", turns)]


def test_interleaved_conversations_keep_a_slot_each() -> None:
    slots = ConversationSlots(4)
    first = [slots.slot_for(conversation(name, 1)) for name in "abc"]
    assert sorted(first) == [0, 1, 2]
    for turn in range(2, 6):
        assert [slots.slot_for(conversation(name, turn)) for name in "abc"] == first


def test_two_conversations_that_begin_alike_do_not_share_a_slot() -> None:
    slots = ConversationSlots(4)
    assert slots.slot_for(conversation("a", 1)) != slots.slot_for(conversation("a", 1))


def test_a_later_request_that_is_asked_again_stays_where_it_is() -> None:
    slots = ConversationSlots(4)
    slot = slots.slot_for(conversation("a", 5))
    assert {slots.slot_for(conversation("a", 5)) for _ in range(6)} == {slot}


def test_without_a_free_slot_a_changed_history_stays_with_what_it_shares() -> None:
    slots = ConversationSlots(2)
    a, b = (slots.slot_for(conversation(name, 4)) for name in "ab")
    changed = conversation("a", 5)
    changed[4] = changed[4]._replace(content="corrupted")
    assert slots.slot_for(changed) == a
    assert slots.slot_for(conversation("b", 5)) == b


def test_a_newcomer_takes_the_slot_used_longest_ago() -> None:
    slots = ConversationSlots(2)
    slots.slot_for(conversation("a", 3))
    b = slots.slot_for(conversation("b", 3))
    slots.slot_for(conversation("a", 4))
    assert slots.slot_for(conversation("c", 3)) == b


def test_a_runtime_that_was_started_anew_holds_nothing() -> None:
    slots = ConversationSlots(2)
    slots.slot_for(conversation("a", 3))
    slots.forget()
    assert slots.slot_for(conversation("b", 3)) == 0
