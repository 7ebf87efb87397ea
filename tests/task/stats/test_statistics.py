"""Proportion intervals, horizon lengths and Student's t."""

from __future__ import annotations

import random

import pytest

from lhe_tui.task.stats.horizon_bootstrap import (
    bootstrap_horizon,
    horizon_of,
    paired_horizon_difference,
)
from lhe_tui.task.stats.proportions import Horizon, horizon, wilson
from lhe_tui.task.stats.survival import SampleOutcome
from lhe_tui.task.stats.t_distribution import t_cdf, t_quantile


def test_wilson_agrees_with_a_textbook_value() -> None:
    interval = wilson(81, 263)
    assert interval is not None
    assert interval == pytest.approx((0.2553, 0.3662), abs=5e-4)


def test_a_hundred_of_a_hundred_is_not_certain() -> None:
    interval = wilson(100, 100)
    assert interval is not None
    assert interval.high == 1.0
    assert interval.low == pytest.approx(0.9630, abs=1e-4)


def test_nothing_counted_has_no_interval() -> None:
    assert wilson(0, 0) is None


def test_wilson_refuses_more_successes_than_trials() -> None:
    with pytest.raises(ValueError, match=r"0\.\.3"):
        wilson(4, 3)


def test_the_horizon_is_the_first_turn_strictly_below_s() -> None:
    curve = [(10, 10), (8, 10), (5, 10), (4, 10), (1, 10), (0, 10)]
    assert horizon(curve, 0.5).turn == 4
    assert horizon(curve, 0.8).turn == 3


def test_the_horizon_range_runs_between_the_turns_where_each_bound_falls_below_s() -> None:
    curve = [(10, 10), (8, 10), (5, 10), (4, 10), (1, 10), (0, 10)]
    assert horizon(curve, 0.5) == Horizon(turn=4, low=2, high=5)


def test_a_curve_that_never_falls_has_no_horizon() -> None:
    assert horizon([(100, 100)] * 50, 0.5) == Horizon(None, None, None)


def test_turns_that_counted_nobody_say_nothing_about_the_horizon() -> None:
    assert horizon([(2, 2), (0, 0), (0, 2)], 0.5).turn == 3


def test_the_horizon_of_fates_is_that_of_their_curve() -> None:
    rng = random.Random(11)
    for _ in range(300):
        fates = []
        for _ in range(rng.randint(1, 12)):
            last = rng.randint(1, 9)
            fates.append(SampleOutcome(rng.choice([None, rng.randint(1, last)]), last))
        curve = [
            (
                sum(f.turns_scored >= t and (f.first_wrong is None or f.first_wrong > t) for f in fates),
                sum(f.turns_scored >= t for f in fates),
            )
            for t in range(1, 10)
        ]
        for s in (0.5, 0.8, 0.3):
            assert horizon_of(fates, s) == horizon(curve, s).turn


def test_a_bootstrap_with_the_same_seed_gives_the_same_interval() -> None:
    fates = [SampleOutcome(turn, 100) for turn in range(1, 60, 2)] + [SampleOutcome(None, 100)] * 5
    first = bootstrap_horizon(fates, 0.5, random.Random(3), resamples=200)
    assert first == bootstrap_horizon(fates, 0.5, random.Random(3), resamples=200)
    assert first.low is not None
    assert first.turn is not None
    assert first.high is not None
    assert first.low <= first.turn <= first.high


def test_a_horizon_beyond_the_turns_seen_has_an_open_end() -> None:
    fates = [SampleOutcome(None, 20)] * 10 + [SampleOutcome(5, 20)] * 9
    found = bootstrap_horizon(fates, 0.5, random.Random(1), resamples=400)
    assert found.turn is None
    assert found.low == 5
    assert found.high is None


def test_no_samples_have_no_horizon_and_no_difference() -> None:
    assert bootstrap_horizon([], 0.5, random.Random(0)).turn is None
    assert paired_horizon_difference([], 0.5, random.Random(0)) is None


def test_a_difference_of_horizons_says_how_often_it_met_the_end_of_the_run() -> None:
    pairs = [(SampleOutcome(3, 30), SampleOutcome(None, 30))] * 8
    found = paired_horizon_difference(pairs, 0.5, random.Random(2), resamples=100)
    assert found is not None
    assert found.difference == 28
    assert found.censored == 1.0


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.7062), (2, 4.3027), (7, 2.3646), (30, 2.0423), (10**6, 1.96)]
)
def test_students_t_has_the_tabled_quantiles(df: int, quantile: float) -> None:
    assert t_quantile(0.975, df) == pytest.approx(quantile, abs=5e-4)
    assert t_quantile(0.025, df) == -t_quantile(0.975, df)


def test_students_t_is_a_half_at_zero_and_rises() -> None:
    for df in (1, 2, 5, 40):
        assert t_cdf(0, df) == pytest.approx(0.5)
        assert t_cdf(1, df) < t_cdf(2, df) < 1
