from __future__ import annotations

import math
import random

import pytest

from lhe_tui.task.stats.paired_tests import PairedTurn, paired_difference
from lhe_tui.task.stats.proportions import Z_95
from lhe_tui.task.stats.sample_size import Spread, chi_square_quantile, needed_from, samples_for


@pytest.mark.parametrize(("deviation", "effect"), [(0.5, 0.1), (0.3, 0.1), (0.2, 0.15), (0.1, 0.2)])
def test_the_samples_are_those_of_the_t_tests_power(deviation: float, effect: float) -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    known = power.TTestPower().solve_power(effect / deviation, alpha=0.05, power=0.8)
    assert samples_for(deviation, effect) == pytest.approx(math.ceil(known), abs=1)


@pytest.mark.parametrize("df", [7, 23, 99])
def test_the_chi_square_quantiles_are_near_the_tabled_ones(df: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    for z, p in ((Z_95, 0.975), (-Z_95, 0.025)):
        assert chi_square_quantile(z, df) == pytest.approx(stats.chi2.ppf(p, df), rel=0.03)


def test_the_range_of_samples_needed_holds_the_true_number() -> None:
    """400 runs of 24 samples whose differences have SD .4 where 128 find 10 points."""
    rng, held = random.Random(9), 0
    truth = samples_for(0.4)
    for _ in range(400):
        values = [rng.gauss(0.05, 0.4) for _ in range(24)]
        mean = sum(values) / 24
        error = math.sqrt(sum((v - mean) ** 2 for v in values) / 23 / 24)
        found = needed_from(error, 24)
        assert found is not None
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_a_planned_run_finds_its_effect_in_four_of_five_runs() -> None:
    """200 runs of correlated samples with skill of their own, planned for 12 points over 10 turns."""
    rng = random.Random(6)
    skills, luck = 0.1, 10
    deviation = Spread(0.8, luck, skills).unpaired_deviation
    n, found = samples_for(deviation, 0.12), 0
    for _ in range(200):
        turns = []
        for sample in range(n):
            first, second = (min(1.0, max(0.0, rng.gauss(mean, skills))) for mean in (0.8, 0.68))
            turns += [
                PairedTurn(sample, turn, rng.random() < first, rng.random() < second) for turn in range(luck)
            ]
        difference = paired_difference(turns)
        found += difference is not None and (difference.high or 0) < 0
    assert 0.7 <= found / 200 <= 0.9


def test_nothing_is_needed_from_a_spread_that_was_not_measured() -> None:
    assert needed_from(math.inf, 20) is None
    assert needed_from(0.1, 2) is None
    assert needed_from(0.5, 3) is not None


def test_pairing_pays_by_the_correlation() -> None:
    spread = Spread(0.8, 10, 0.1, 0.5)
    assert spread.paired_deviation == pytest.approx(spread.deviation)
    assert spread.unpaired_deviation > spread.paired_deviation
