"""The lenient reading: is the model wrong, or only untidy?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.task.answers import read_answer
from lhe_tui.task.lenient import lenient_reading


@pytest.mark.parametrize(
    ("reply", "number", "rule"),
    [
        (r"<answer>\boxed{5}</answer>", 5, "boxed"),
        ("<answer>5.</answer>", 5, "decimal point"),
        ("<answer>-1,205.00</answer>", -1205, "decimal point"),
        ("<answer>3 + 2 = 5</answer>", 5, "equals sign"),
        ("<answer>= \u22125</answer>", -5, "equals sign"),
        ("<answer>about 5, I think</answer>", 5, "one number in the tag"),
        ("<answer>5", 5, "tag not closed"),
        ("<Answer>5</Answer>", 5, "tag not closed"),
        (r"So it is $\boxed{-12}$.", -12, "boxed"),
        ("The answer is **1,234**.", 1234, "named the answer"),
        ("Answer: 7 (from 3 and 4)", 7, "named the answer"),
        ("12 + 7 = 19", 19, "equals sign"),
        ("12", 12, "last number"),
        ("12 and 7 make 19.", 19, "last number"),
    ],
)
def test_the_number_that_a_reply_plainly_holds_is_found(reply: str, number: int, rule: str) -> None:
    assert read_answer(reply).number is None
    assert lenient_reading(reply) == (number, rule)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I do not know",
        "<answer>unknown</answer>",
        "<answer>5 or 6</answer>",
        "4.5",
        "<answer>1.5</answer>",
    ],
)
def test_where_no_one_number_is_plain_there_is_none(reply: str) -> None:
    assert lenient_reading(reply) is None


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from(["{}", "The sum is {}.", "<answer>{}.</answer>", "<answer>{}"]),
)
def test_any_number_in_an_untidy_form_is_read_back(number: int, form: str) -> None:
    found = lenient_reading(form.format(number))
    assert found is not None
    assert found.number == number


@given(st.text(alphabet="<answer>/0123456789.,=-\\boxed{} \n"))
def test_no_reply_breaks_the_lenient_reading(reply: str) -> None:
    found = lenient_reading(reply)
    assert found is None or isinstance(found.number, int)


def test_a_megabyte_is_read_at_once() -> None:
    assert lenient_reading("9," * 500_000 + " so 4") == (4, "last number")
