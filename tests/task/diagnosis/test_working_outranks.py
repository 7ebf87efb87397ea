"""What a reply writes down says more about its slip than what its number happens to fit."""

from __future__ import annotations

import dataclasses

import pytest

from lhe_tui.task.diagnosis.diagnose import Case, diagnose
from lhe_tui.task.diagnosis.working_check import FalseStatement, first_false_statement

DICTIONARY = {"aaaaa": 7, "bbbbb": 17}
CASE = Case(100, 100, ("aaaaa",), (7,), DICTIONARY, mode="cot")
TWO = dataclasses.replace(CASE, keys=("aaaaa", "bbbbb"), values=(7, 17))


def worked(working: str, answer: int, case: Case = CASE) -> Case:
    return dataclasses.replace(case, answer=answer, reply=f"{working}\n<answer>{answer}</answer>")


def pointed_at(case: Case) -> FalseStatement | None:
    return first_false_statement(case.reply, case.dictionary, case.keys, case.state, case.values)


@pytest.mark.parametrize(
    ("case", "slip", "detail"),
    [
        (worked("100 + 7 = 107", 117), "tag_differs", "the working ends in 107, and the tag says 117"),
        (
            worked("90 + 7 = 97", 97),
            "wrong_start",
            "the working starts from 90, and the sum before was 100",
        ),
        (
            worked("90 + 7 = 97", 97, dataclasses.replace(CASE, past_answers=(80, 90, 100))),
            "stale_sum",
            "went on from 90, the sum of 2 turns ago",
        ),
        (
            dataclasses.replace(CASE, basis=-12, truth_before=-12, mode="direct", answer=5),
            "sum_sign",
            "answered 5 and lost the sum's sign",
        ),
        (
            dataclasses.replace(CASE, basis=-12, truth_before=-12, mode="direct", answer=19),
            "sum_sign",
            "went on from 12 and not −12: the sum's sign was lost",
        ),
    ],
)
def test_the_slip_that_the_reply_shows_comes_first(case: Case, slip: str, detail: str) -> None:
    first = diagnose(case)[0]
    assert (first.slip, first.detail) == (slip, detail)


def test_a_line_that_was_taken_back_is_not_held_against_the_reply() -> None:
    case = worked("aaaaa: 17\nWait, aaaaa is 7.\n100 + 7 = 110", 110)
    found = pointed_at(case)
    assert found is not None
    assert (found.kind, found.text) == ("addition", "100 + 7 = 110")
    assert diagnose(case)[0].detail.endswith("in the working, 100 + 7 is 107, not 110")


def test_a_correction_of_something_else_takes_nothing_back() -> None:
    found = pointed_at(worked("aaaaa: 17\nWait, bbbbb is 17.\n100 + 17 = 117", 117))
    assert found is not None
    assert found.text == "aaaaa: 17"


def test_the_false_step_of_a_chain_is_the_one_pointed_at() -> None:
    found = pointed_at(worked("100 + 7 = 107 + 17 = 125", 125, TWO))
    assert found is not None
    assert (found.text, found.true, found.claimed) == ("107 + 17 = 125", 124, 125)


@pytest.mark.parametrize(
    "case",
    [
        worked("100 + 7 = 107", 107),
        worked("100 + 7 = 107", 124, TWO),
        worked("7 + 17 = 24", 124, TWO),
        worked("The sum is 100. 0 + 7 = 7", 107),
        worked("3 + 4 = 7", 107),
    ],
)
def test_working_that_is_only_terse_is_not_accused(case: Case) -> None:
    assert pointed_at(case) is None


def test_many_lines_taken_back_at_once_are_read_in_one_pass() -> None:
    case = worked("1 + 1 = 3\n" * 15_000 + "Wait, 1 + 1 = 2", 110)
    assert pointed_at(case) is None
