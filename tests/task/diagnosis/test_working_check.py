"""The first false statement of a worked reply is found, and true ones are left alone."""

from __future__ import annotations

import pytest

from lhe_tui.task.diagnosis.working_check import FalseStatement, first_false_statement
from lhe_tui.task.diagnosis.working_tokens import MAX_READ

DICTIONARY = {"brave": 14, "drama": -5, "cloud": -63, "chair": 31, "minus": 7, "gives": 2}


def check(
    reply: str, keys: tuple[str, ...] = ("brave", "drama"), basis: int | None = 212
) -> FalseStatement | None:
    return first_false_statement(reply, DICTIONARY, keys, basis, tuple(DICTIONARY[key] for key in keys))


TRUE = [
    "brave: 14",
    "brave = 14, drama = -5",
    "drama is -5.",
    "drama is −5 and brave is 14",
    "- brave: 14\n- drama: -5",
    "* **brave**: 14",
    "1. `brave` → 14\n2. `drama` → -5",
    "1) 212 + 14 = 226",
    "| brave | 14 |\n| drama | -5 |",
    "The value of brave is 14",
    "brave's value is 14",
    "brave has a value of 14",
    "brave (14), drama (-5)",
    "brave - 14",
    "drama - 5",
    "Brave +14, DRAMA −5",
    '{"brave": 14, "drama": -5}',
    "brave, drama = 14, -5",
    "212 + 14 = 226",
    "212 + 14 = 226 - 5 = 221",
    "212 + 14 - 5 = 226 - 5 = 221",
    "212 + (-5) = 207",
    "212 + (−5) = 207",
    "212 - -5 = 217",
    "**212** + **14** = **226**",
    "$212 + 14 = 226$",
    "\\(212 + 14 = 226\\)",
    "- 212 + 14 = 226",
    "212 + brave (14) = 226",
    "212 + 14 (brave) = 226",
    "212 - 5 (drama) = 207",
    "212 + brave + drama = 212 + 14 - 5 = 221",
    "brave: 212 + 14 = 226",
    "brave = 14 → 212 + 14 = 226",
    "brave: 212 - -14 = 226",
    "brave → 212 → 226",
    "brave: 226\ndrama: 221",
    "after brave: 226",
    "After adding drama: 999",
    "drama -5 + 212 = 207",
    "Step 1 - 212 + 14 = 226",
    "Turn 2 = 212 + 14",
    "226 = 212 + 14",
    "212 plus 14 is 226; 226 minus 5 equals 221",
    "minus: 7, gives: 2",
    "212 + 3 × 4 = 224",
    "3 * 4 + 2 = 14",
    "x + 2 + 2 = 9",
    "2.5 + 1 = 3.5",
    "brave is 5 letters long",
    "brave has 5 letters",
    "brave is the 3rd key",
    "brave (key 1): 14",
    "212 + 14 != 230",
    "is 212 + 14 = 230?",
    "212 + 14 = 226 (+14)",
    "2024-01-02: 212 + 14 = 226",
    "The previous sum is 300",
    "<answer>226</answer>",
    "",
]


@pytest.mark.parametrize("reply", TRUE)
def test_what_is_true_in_some_reading_is_not_accused(reply: str) -> None:
    assert check(reply) is None


def test_a_mark_between_thousands_is_no_end_of_a_number() -> None:
    assert check("1,212 + 14 = 1,226", basis=1212) is None


FALSE = [
    ("brave: 41", "lookup", "brave: 41", 41, 14),
    ("brave = -14", "lookup", "brave = -14", -14, 14),
    ("- **drama**: 5", "lookup", "drama**: 5", 5, -5),
    ("drama is 5.", "lookup", "drama is 5", 5, -5),
    ("The value of cloud is −36", "lookup", "cloud is −36", -36, -63),
    ("| brave | 13 |", "lookup", "brave | 13", 13, 14),
    ("brave (41)", "lookup", "brave (41)", 41, 14),
    ("212 + 41 (brave) = 253", "lookup", "+ 41 (brave)", 41, 14),
    ("brave - 41", "lookup", "brave - 41", 41, 14),
    ("brave: 212 + 41 = 253", "lookup", "brave: 212 + 41", 41, 14),
    ("brave = 41 → 212 + 41 = 253", "lookup", "brave = 41", 41, 14),
    ("212 + 14 = 236", "addition", "212 + 14 = 236", 236, 226),
    ("212 + 14 = 226 - 5 = 231", "addition", "226 - 5 = 231", 231, 221),
    ("212 - 5 + 31 = 248", "addition", "212 - 5 + 31 = 248", 248, 238),
    ("212 + (−5) = 217", "addition", "212 + (−5) = 217", 217, 207),
    ("1,212 + 14 = 1,236", "addition", "1,212 + 14 = 1,236", 1236, 1226),
    ("So 212 plus 14 is 236.", "addition", "212 plus 14 is 236", 236, 226),
    ("- 212 + 14 = 236", "addition", "- 212 + 14 = 236", 236, -198),
    ("212 + brave = 236", "addition", "212 + brave = 236", 236, 226),
    ("= 212 + 14 = 236", "addition", "212 + 14 = 236", 236, 226),
]


@pytest.mark.parametrize(("reply", "kind", "text", "claimed", "true"), FALSE)
def test_what_is_false_is_pointed_at(reply: str, kind: str, text: str, claimed: int, true: int) -> None:
    found = check(reply)
    assert found is not None
    assert (found.kind, found.text, found.claimed, found.true) == (kind, text, claimed, true)
    assert reply[found.start : found.end] == text


def test_the_first_false_line_is_the_one_named() -> None:
    reply = "brave: 14\n\ndrama: -5\r\n212 + 14 = 227\n227 - 5 = 999\n<answer>222</answer>"
    found = check(reply)
    assert found is not None
    assert (found.line, found.text) == (4, "212 + 14 = 227")
    assert found.detail == "212 + 14 is 226, not 227"


def test_a_lookup_says_what_the_dictionary_holds() -> None:
    found = check("drama: 50")
    assert found is not None
    assert found.detail == "drama is −5 in the dictionary, not 50"


def test_a_key_that_is_also_a_word_of_arithmetic_is_read_as_a_key() -> None:
    found = check("minus: 8")
    assert found is not None
    assert found.kind == "lookup"


@pytest.mark.parametrize(
    "unit",
    [
        "1,234",
        "9" * 1000,
        "((((",
        "212 + ",
        "brave ",
        "brave: ",
        "1" * 999 + "a",
        "+-",
        "= ",
        "\\",
        "the value of ",
        "\n1 + 1 = 2",
        "brave, ",
        "14 (brave brave ",
    ],
)
def test_a_megabyte_of_nonsense_is_read_without_harm(unit: str) -> None:
    reply = unit * (1_000_000 // len(unit))
    assert check(reply) is None


def test_beyond_what_is_read_nothing_is_accused() -> None:
    assert check(" " * MAX_READ + "\n1 + 1 = 3") is None
    assert check(" " * (MAX_READ - 100) + "\n1 + 1 = 3") is not None
