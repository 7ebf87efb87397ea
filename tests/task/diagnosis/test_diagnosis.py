"""A wrong turn is explained by its likeliest slip, and ambiguity is admitted."""

from __future__ import annotations

import dataclasses
import random

import pytest

from lhe_tui.task.diagnosis.diagnose import Case, diagnose, slip_histogram
from lhe_tui.task.diagnosis.slips import (
    FORMAT_SLIPS,
    NUMERIC_SLIPS,
    PRIORS,
    SLIP_WORDS,
    SLIPS,
    WORKING_SLIPS,
    make_slip,
)

DICTIONARY = {"alert": 20, "brave": 14, "chair": 31, "cloud": -63, "drama": -47, "fiber": 83, "first": 58}
CASE = Case(
    basis=212,
    truth_before=212,
    keys=("brave", "cloud"),
    values=(14, -63),
    dictionary=DICTIONARY,
    past_answers=(120, 178, 129, 212),
    past_injected=(False, False, False, False),
    past_keys=(("alert",), ("first",), ("drama",), ("fiber",)),
)
# 212 + 14 - 63 = 163


def top(answer: int, case: Case = CASE) -> str:
    return diagnose(dataclasses.replace(case, answer=answer))[0].slip


@pytest.mark.parametrize(
    ("answer", "slip"),
    [
        (226, "skipped_key"),
        (149, "skipped_key"),
        (177, "double_key"),
        (289, "sign_slipped"),
        (135, "sign_slipped"),
        (180, "wrong_value"),
        (129 - 49, "stale_sum"),
        (129, "stale_sum"),
        (212, "unchanged"),
        (0, "started_over"),
        (-49, "values_only"),
        (162, "digit_slip"),
        (173, "digit_slip"),
        (63, "digit_slip"),
        (136, "digit_slip"),
        (5000, "unexplained"),
    ],
)
def test_each_slip_is_named(answer: int, slip: str) -> None:
    assert top(answer) == slip


def test_the_example_of_the_run_screen_is_a_digit_slip_of_ten() -> None:
    case = Case(227, 227, ("fifth", "chair"), (31, 8), {"fifth": 31, "chair": 8}, answer=256)
    first = diagnose(case)[0]
    assert (first.slip, first.detail, first.words) == ("digit_slip", "off by −10", "digit slip")


def test_following_the_true_sum_is_a_recovery() -> None:
    case = dataclasses.replace(CASE, basis=219, past_injected=(False, False, False, True))
    first = diagnose(dataclasses.replace(case, answer=163))[0]
    assert first.slip == "recovered"
    assert first.weight > 0.9


def test_making_the_injected_error_again_is_seen() -> None:
    # The truth was 212; 219 was shown: 7 too many. 219 - 49 = 170, and 7 more is 177.
    case = dataclasses.replace(
        CASE, basis=219, past_answers=(120, 178, 129, 219), past_injected=(False, False, False, True)
    )
    suspects = {s.slip: s for s in diagnose(dataclasses.replace(case, answer=177))}
    assert "the error of 7" in suspects["repeated_injected"].detail


def test_a_wrong_value_says_whose_it_was() -> None:
    # chair stands beside brave: 212 + 31 - 63 = 180.
    detail = diagnose(dataclasses.replace(CASE, answer=180))[0].detail
    assert "read brave as 31, the value of chair (its neighbour in the dictionary), and not 14" in detail


def test_a_number_that_several_slips_explain_keeps_its_rivals() -> None:
    # This turn's values alone and starting over from 0 give the same number.
    suspects = diagnose(dataclasses.replace(CASE, answer=-49))
    weights = {s.slip: s.weight for s in suspects}
    assert weights["started_over"] > 0.2
    assert weights["values_only"] < 0.8


def test_an_older_sum_carried_on_says_from_how_long_ago() -> None:
    assert diagnose(dataclasses.replace(CASE, answer=129 - 49))[0].detail.startswith(
        "went on from 129, the sum of 2 turns ago"
    )


@pytest.mark.parametrize(
    ("outcome", "reply", "words"),
    [
        ("no_answer", "The sum is 163", "the last number in the reply is 163, which is right"),
        ("no_answer", "I would say 99", "the last number in the reply is 99"),
        ("no_answer", " ", "the reply is empty"),
        ("not_a_number", "<answer>none</answer>", "holds 'none'"),
        ("truncated", "x" * 2000, "2,000 characters"),
        ("refused", "", "content filter"),
        ("failed", "", "server's fault"),
    ],
)
def test_a_turn_without_a_number_says_why(outcome: str, reply: str, words: str) -> None:
    (suspect,) = diagnose(dataclasses.replace(CASE, outcome=outcome, reply=reply))
    assert (suspect.slip, suspect.weight) == (outcome, 1.0)
    assert words in suspect.detail


def test_a_correct_turn_has_no_diagnosis() -> None:
    assert diagnose(dataclasses.replace(CASE, answer=163, outcome="correct")) == ()
    assert diagnose(dataclasses.replace(CASE, answer=163)) == ()


def test_without_a_basis_the_truth_is_what_it_is_judged_by() -> None:
    case = dataclasses.replace(CASE, basis=None, past_answers=(), past_keys=(), answer=226)
    assert diagnose(case)[0].slip == "skipped_key"
    assert diagnose(dataclasses.replace(case, truth_before=None))[0].slip == "unexplained"


def test_retrieve_keeps_no_sum() -> None:
    case = Case(None, None, ("brave",), (14,), DICTIONARY, variant="retrieve", answer=31)
    assert diagnose(case)[0].slip == "wrong_value"
    assert diagnose(dataclasses.replace(case, answer=-14))[0].slip == "sign_slipped"
    assert {s.slip for s in diagnose(case)}.isdisjoint({"unchanged", "started_over", "values_only"})


@pytest.mark.parametrize("variant", ["add", "prefix-sum"])
def test_where_numbers_are_given_no_lookup_is_blamed_on_the_dictionary(variant: str) -> None:
    case = Case(100, 100, ("14",), (14,), {}, (90, 100), (), (("-5",), ("10",)), variant=variant)
    assert diagnose(dataclasses.replace(case, answer=110))[0].slip in ("wrong_value", "digit_slip")
    assert diagnose(dataclasses.replace(case, answer=95))[0].detail.startswith("read 14 as −5")


def test_a_false_lookup_in_the_working_outweighs_a_digit_slip() -> None:
    # Reading 14 as 15 and being off by one give the same number: only the working can tell.
    direct = dataclasses.replace(CASE, dictionary={**DICTIONARY, "spare": 15}, answer=164)
    worked = dataclasses.replace(direct, mode="cot", reply="brave: 15\ncloud: -63\n212 + 15 - 63 = 164")

    def weight(case: Case, slip: str) -> float:
        return {s.slip: s.weight for s in diagnose(case)}[slip]

    assert weight(worked, "wrong_value") > 4 * weight(direct, "wrong_value")


def test_numbers_too_long_to_print_are_survived() -> None:
    suspects = diagnose(dataclasses.replace(CASE, answer=10**6000))
    assert suspects[0].slip == "unexplained"
    assert "digits" in suspects[0].detail
    huge = dataclasses.replace(CASE, basis=10**6000, truth_before=0, answer=10**6000)
    assert diagnose(huge)[0].slip == "unchanged"


def test_two_thousand_keys_in_one_turn_are_diagnosed() -> None:
    rng = random.Random(1)
    words = {f"w{n:04}": rng.randint(-99, 99) for n in range(100)}
    keys = tuple(rng.choices(list(words), k=2000))
    case = Case(0, 0, keys, tuple(words[key] for key in keys), words)
    made = make_slip("skipped_key", case, rng)
    assert made is not None
    suspects = diagnose(dataclasses.replace(case, answer=made))
    assert "skipped_key" in {s.slip for s in suspects}


def test_a_histogram_shares_every_turn_out_by_weight() -> None:
    turns = [diagnose(dataclasses.replace(CASE, answer=answer)) for answer in (212, -49, 162)]
    histogram = slip_histogram(turns)
    assert sum(histogram.values()) == pytest.approx(3)
    assert list(histogram.values()) == sorted(histogram.values(), reverse=True)


def test_every_slip_has_words_and_every_numeric_slip_a_prior() -> None:
    assert set(PRIORS) == set(NUMERIC_SLIPS)
    numeric = set(NUMERIC_SLIPS) | set(WORKING_SLIPS.values())
    assert set(FORMAT_SLIPS) | numeric == set(SLIPS) == set(SLIP_WORDS)


def test_a_slip_that_cannot_happen_is_not_made() -> None:
    rng = random.Random(0)
    single = Case(10, 10, ("brave",), (14,), DICTIONARY)
    assert make_slip("skipped_key", single, rng) is None
    assert make_slip("recovered", single, rng) is None
    assert make_slip("stale_sum", single, rng) is None
    assert make_slip("no_answer", single, rng) is None
    assert make_slip("unchanged", dataclasses.replace(single, values=(0,)), rng) is None
