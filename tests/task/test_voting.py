"""Majority votes and first-to-lead-by-k."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.task.voting import Lead, first_to_lead_by, majority

ANSWERS = st.lists(st.one_of(st.none(), st.integers(-3, 3)), max_size=12)


def test_every_vote_counts_not_only_the_first_five() -> None:
    assert majority([1, 1, 1, 2, 2, 2, 2, 2, 3, 3], rng_key=0) == 2


def test_a_reply_without_a_number_casts_no_vote() -> None:
    assert majority([None, None, None, 7], rng_key=0) == 7
    assert majority([None, None], rng_key=0) is None
    assert majority([], rng_key=0) is None


@given(ANSWERS, st.integers())
def test_a_tie_is_settled_by_the_key_whatever_the_order(answers: list[int | None], key: int) -> None:
    shuffled = sorted(answers, key=lambda a: (a is None, -(a or 0)))
    assert majority(answers, key) == majority(shuffled, key)


def test_ties_go_either_way_over_many_keys() -> None:
    assert {majority([1, 2], rng_key=f"{n}/4") for n in range(40)} == {1, 2}


def test_the_first_answer_k_ahead_wins_and_later_replies_are_not_needed() -> None:
    assert first_to_lead_by([5, 6, 5, 5, 6, 6, 6], k=2) == Lead(5, 4)
    assert first_to_lead_by([5], k=1) == Lead(5, 1)
    assert first_to_lead_by([5, None, 6, 5], k=2) == Lead(None, 4)


@given(ANSWERS)
def test_whoever_leads_by_k_was_ahead_of_all_others(answers: list[int | None]) -> None:
    lead = first_to_lead_by(answers, k=2)
    if lead.answer is not None:
        seen = answers[: lead.votes]
        assert all(
            seen.count(lead.answer) >= seen.count(other) + 2
            for other in seen
            if other is not None and other != lead.answer
        )


def test_a_lead_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        first_to_lead_by([1], k=0)
