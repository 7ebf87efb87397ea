"""What a worked reply states of each key, for showing beside the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.models.simulated.worked_reply import working
from lhe_tui.task.diagnosis.slip_case import Case
from lhe_tui.task.diagnosis.working_statements import Stated, stated_working

KEYS, VALUES = ("brave", "cloud"), (14, -63)
BOTH = [Stated(14, 226), Stated(-63, 163)]


@pytest.mark.parametrize(
    "reply",
    [
        "brave: 14\ncloud: -63\n212 + 14 = 226\n226 - 63 = 163\n<answer>163</answer>",
        "Brave = 14, so 212 + 14 = 226.\nCloud = −63, so 226 − 63 = 163.",
        "brave (14): 212 + 14 = 226\ncloud (-63): 226 + (-63) = 163",
        "- **brave**: 14\n- **cloud**: -63\nSum: 212 + 14 = 226, then 226 - 63 = 163",
    ],
)
def test_values_and_partial_sums_are_read_at_their_keys(reply: str) -> None:
    assert stated_working(reply, KEYS, VALUES) == BOTH


def test_a_key_that_was_skipped_states_nothing() -> None:
    reply = "cloud: -63\n212 - 63 = 149\n<answer>149</answer>"
    assert stated_working(reply, KEYS, VALUES) == [Stated(), Stated(-63, 149)]


def test_a_wrong_value_is_told_as_stated() -> None:
    reply = "brave: 41\ncloud: -63\n212 + 41 = 253\n253 - 63 = 190"
    assert stated_working(reply, KEYS, VALUES) == [Stated(41, 253), Stated(-63, 190)]


def test_one_long_sum_belongs_to_the_last_key() -> None:
    assert stated_working("212 + 14 - 63 = 163", KEYS, VALUES) == [Stated(), Stated(None, 163)]


def test_a_key_that_comes_twice_may_be_looked_up_once() -> None:
    found = stated_working("brave: 14\n0 + 14 = 14\n14 + 14 = 28", ("brave", "brave"), (14, 14))
    assert found == [Stated(14, 14), Stated(14, 28)]


@given(
    st.lists(st.integers(-99, 99), min_size=1, max_size=6),
    st.integers(-500, 500),
)
def test_the_working_of_a_right_answer_states_every_value_and_sum(values: list[int], basis: int) -> None:
    keys = tuple(f"key{'abcdef'[at]}" for at in range(len(values)))
    case = Case(basis, basis, keys, tuple(values), dict(zip(keys, values, strict=True)))
    lines = working(case, basis + sum(values), None)
    partial, due = basis, []
    for value in values:
        partial += value
        due.append(Stated(value, partial))
    assert stated_working(lines, keys, values) == due


@given(st.text(max_size=300))
def test_any_text_is_read_without_complaint(reply: str) -> None:
    assert len(stated_working(reply, KEYS, VALUES)) == 2
