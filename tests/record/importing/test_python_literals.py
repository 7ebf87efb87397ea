"""What Python's `str()` wrote is read, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.record.importing.python_literals import LiteralError, find_table, read_literal

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_whatever_python_wrote_comes_back(value: Any) -> None:
    assert read_literal(str(value) if not isinstance(value, str) else repr(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(1, 2)", [1, 2]),
        ("(1,)", [1]),
        ("[np.float64(0.5), np.int64(3)]", [0.5, 3]),
        ("{}", {}),
        ("[1, 2,]", [1, 2]),
        (" [ 1 ]\n", [1]),
        ("'a\\'b'", "a'b"),
    ],
)
def test_other_ways_of_writing_are_read_too(text: str, value: object) -> None:
    assert read_literal(text) == value


def test_nan_is_a_number() -> None:
    assert math.isnan(read_literal("nan"))


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "]", "[1", "1 2", "[1 2]", "[,]", "[1,,2]", "{1: 2}", "{'a' 1}", "{'a': 1, 'b'}", "{'a', 'b': 1}",
        "['a': 1]", "(1]", "__import__('os')", "[x]", "1+1", "'a' 'b'", "'cut", "b'x'", "[" * 100_000,
        "{'a':" * 100_000, "-" * 100_000, "9" * 10_000, "'\\N{no such}'", "1.2.3", "0x10",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(LiteralError):
        read_literal(text)


@given(st.text(alphabet="[](){},:'\"\\ 0123456789-.eanTrueNoflsi"))
def test_no_text_crashes_it(text: str) -> None:
    try:
        read_literal(text)
    except LiteralError:
        return


def test_the_last_table_with_a_key_is_found_in_a_text() -> None:
    text = "e.g. {'apple': 5}\nnow {broken} the real one: {'apple': 7, 'pear': -1} and {'plum': 2}"
    assert find_table(text, "apple") == {"apple": 7, "pear": -1}
    assert find_table(text, "fig") is None
