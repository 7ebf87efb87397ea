"""McNemar, paired differences, and the number of samples that would settle it."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest

from lhe_tui.task.stats.paired_tests import (
    PairedTurn,
    mcnemar,
    mcnemar_by_turn,
    paired_difference,
    pooled_mcnemar,
)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (3, 9), (10, 10), (40, 17), (300, 341)])
def test_mcnemar_is_the_exact_binomial_tail(b: int, c: int) -> None:
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    assert mcnemar(b, c).p_value == pytest.approx(min(1.0, 2 * tail), rel=1e-9)


def test_mcnemar_by_turn_counts_only_turns_that_differ() -> None:
    turns = [PairedTurn(n, 1, True, True) for n in range(5)] + [
        PairedTurn(n, 2, False, True) for n in range(6)
    ]
    found = mcnemar_by_turn(turns)
    assert found[1].p_value == 1.0
    assert (found[2].first_only, found[2].second_only) == (0, 6)
    assert found[2].p_value == pytest.approx(2 / 64)


def test_the_pooled_test_with_one_turn_a_sample_is_mcnemar() -> None:
    turns = [PairedTurn(n, 1, n < 4, n >= 4) for n in range(20)]
    assert pooled_mcnemar(turns).p_value == pytest.approx(mcnemar(4, 16).p_value)


def test_the_pooled_test_counts_every_sign_pattern_of_the_samples() -> None:
    surplus = [3, -1, 2, 2, 5]
    turns = [
        PairedTurn(sample, turn, s < 0, s > 0) for sample, s in enumerate(surplus) for turn in range(abs(s))
    ]
    patterns = [
        abs(sum(sign * abs(s) for sign, s in zip(signs, surplus, strict=True)))
        for signs in product((-1, 1), repeat=5)
    ]
    expected = sum(value >= abs(sum(surplus)) for value in patterns) / 32
    assert pooled_mcnemar(turns).p_value == pytest.approx(expected)


def test_turns_of_one_sample_are_not_taken_for_many_witnesses() -> None:
    turns = [PairedTurn(1, turn, False, True) for turn in range(50)]
    assert pooled_mcnemar(turns).p_value == 1.0


def test_a_very_large_pooled_test_says_that_it_was_approximated() -> None:
    rng = random.Random(5)
    turns = [
        PairedTurn(n, t, first, not first)
        for n in range(1500)
        for first in [rng.random() < 0.5]
        for t in range(12)
    ]
    found = pooled_mcnemar(turns)
    assert not found.exact
    assert 0.001 < found.p_value <= 1


def test_two_runs_that_never_differ_still_have_an_interval_with_a_width() -> None:
    found = paired_difference(PairedTurn(n, t, True, True) for n in range(10) for t in range(10))
    assert found is not None
    assert found.difference == 0
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert found.high - found.low < 0.1


def test_one_sample_has_a_difference_and_no_interval() -> None:
    found = paired_difference([PairedTurn(1, 1, True, False)])
    assert found is not None
    assert (found.difference, found.low, found.high) == (-1.0, None, None)
    assert paired_difference([]) is None
