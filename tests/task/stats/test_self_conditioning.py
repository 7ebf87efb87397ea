"""What the self-conditioning estimate says, and when it refuses to say anything."""

from __future__ import annotations

import math
import random

import pytest

from lhe_tui.task.stats.logistic import fit_logistic, solve
from lhe_tui.task.stats.self_conditioning import CAUTION, Observation, SelfConditioning, self_conditioning


def test_the_sentence_is_in_the_words_of_the_design() -> None:
    found = SelfConditioning(True, "", 900, 16, odds_ratio=1.42, low=1.18, high=1.71)
    assert (
        found.sentence()
        == f"association: 10 points more errors in view: odds of a slip ×1.4 [1.2, 1.7]; {CAUTION}"
    )


def test_a_small_effect_is_not_rounded_away() -> None:
    found = SelfConditioning(True, "", 900, 16, odds_ratio=1.04, low=0.98, high=1.11)
    assert found.sentence().endswith(f"×1.04 [0.98, 1.11]; {CAUTION}")


def observations(samples: int, share: float | None, rng: random.Random) -> list[Observation]:
    return [
        Observation(sample, rng.random() < 0.7, rng.random() if share is None else share, shown)
        for sample in range(samples)
        for shown in range(1, 21)
    ]


@pytest.mark.parametrize(
    ("turns", "word"),
    [
        ([], "no turn had a history in view"),
        ([Observation(1, True, 0.0, 0)] * 50, "no turn had a history in view"),
        (observations(2, None, random.Random(1)), "2 samples; at least 4"),
        (observations(8, 0.5, random.Random(1)), "hardly varies"),
        ([Observation(n, True, n / 10, 5) for n in range(10)], "no turn was wrong"),
        ([Observation(n, False, n / 10, 5) for n in range(10)], "every turn was wrong"),
        ([Observation(n % 10, n < 50, n / 100, 5) for n in range(100)], "separate"),
    ],
)
def test_it_says_why_nothing_can_be_said(turns: list[Observation], word: str) -> None:
    found = self_conditioning(turns)
    assert not found.identified
    assert word in found.reason
    assert found.sentence().startswith("self-conditioning is not estimable: ")


def test_a_window_of_constant_length_leaves_only_the_errors() -> None:
    rng = random.Random(6)
    turns = [
        Observation(n, rng.random() > 0.2 + 0.5 * share, share, 4)
        for n in range(12)
        for _ in range(40)
        for share in [rng.choice([0, 0.25, 0.5, 0.75, 1])]
    ]
    found = self_conditioning(turns)
    assert found.identified
    assert found.length_coefficient is None
    assert found.low is not None
    assert found.low > 1


def test_errors_that_only_track_length_are_not_blamed() -> None:
    turns = [
        Observation(n, (n + t) % 3 > 0, 0.1 + 0.2 * math.log(t), t) for n in range(8) for t in range(1, 30)
    ]
    assert "hardly varies" in self_conditioning(turns).reason


def test_one_sample_that_holds_all_the_variation_decides_nothing() -> None:
    turns = [Observation(1, t % 2 == 0, (t % 5) / 5, t) for t in range(1, 40)]
    turns += [Observation(n, True, 0.0, 1) for n in range(2, 8)]
    assert not self_conditioning(turns).identified


def test_the_order_of_the_observations_does_not_matter() -> None:
    turns = observations(10, None, random.Random(3))
    shuffled = random.Random(4).sample(turns, len(turns))
    first, second = self_conditioning(turns), self_conditioning(shuffled)
    assert first.odds_ratio == pytest.approx(second.odds_ratio)
    assert first.low == pytest.approx(second.low)


def test_a_two_by_two_table_gives_the_log_odds_ratio() -> None:
    # 30 of 40 against 10 of 40: log odds ratio ln 9.
    column = [1.0] * 40 + [0.0] * 40
    outcomes = [i % 4 != 0 for i in range(40)] + [i % 4 == 0 for i in range(40)]
    fit = fit_logistic([column], outcomes, list(range(80)))
    assert fit.converged
    assert fit.coefficients == pytest.approx([-math.log(3), math.log(9)], abs=1e-6)
    # Each observation its own cluster: the jackknife is close to the model's own error.
    assert fit.standard_error(1) == pytest.approx(math.sqrt(2 / 30 + 2 / 10), rel=0.05)


def test_columns_that_determine_nothing_are_reported_and_not_raised() -> None:
    twice = [[1.0, 2.0, 3.0, 4.0] * 5] * 2
    assert not fit_logistic(twice, [True, False, False, True] * 5, [1, 2, 3, 4] * 5).converged
    assert not fit_logistic([[0.0, 0.0, 1.0, 1.0]], [False, False, True, True], [1, 2, 3, 4]).converged
    assert not fit_logistic([[]], [], []).converged
    assert not fit_logistic([[1.0, 2.0, 1.0]], [True, False, False], [1, 1, 1]).converged


def test_solve_inverts_and_knows_a_singular_matrix() -> None:
    assert solve([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0]) == pytest.approx([1 / 11, 7 / 11])
    assert solve([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0]) is None


def test_slips_of_two_samples_alone_identify_nothing() -> None:
    observations = [
        Observation(sample, sample > 2, share / 4 + sample / 1000, 99)
        for sample in range(1, 61)
        for share in range(5)
    ]
    estimate = self_conditioning(observations)
    assert not estimate.identified
    assert estimate.reason == "only 2 samples ever slipped; at least 4 are needed"
