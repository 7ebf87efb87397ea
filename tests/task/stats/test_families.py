from __future__ import annotations

import math
import random

import pytest

from lhe_tui.task.stats.families import Point, holm, max_t, trend


def equal_cells(rng: random.Random, cells: int, samples: int) -> list[list[bool]]:
    """Cells that differ in nothing; sample n of all goes through one plan, and plans differ in difficulty."""
    found = []
    for _ in range(samples):
        p = 1 / (1 + math.exp(-1 - rng.gauss(0, 1)))
        found.append([rng.random() < p for _ in range(cells)])
    return found


def test_the_trend_agrees_with_clustered_least_squares() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = random.Random(1)
    points = [Point(sample, x, rng.randint(0, 4), 4) for sample in range(15) for x in (0.0, 0.25, 0.5, 1.0)]
    found = trend(points)
    assert found is not None
    rows = [(p.x, p.sample, 1.0 if i < p.right else 0.0) for p in points for i in range(p.n)]
    model = api.OLS([y for _, _, y in rows], api.add_constant([x for x, _, _ in rows]))
    known = model.fit(cov_type="cluster", cov_kwds={"groups": [g for _, g, _ in rows]}, use_t=True)
    assert found.change == pytest.approx(known.params[1])
    # statsmodels also multiplies by (n - 1) / (n - 2).
    ratio = math.sqrt((len(rows) - 1) / (len(rows) - 2))
    assert (found.high - found.low) * ratio == pytest.approx(
        known.conf_int()[1][1] - known.conf_int()[1][0], rel=1e-6
    )


def test_seven_equal_cells_have_a_trend_in_one_of_twenty_runs() -> None:
    """600 runs at N = 24: best against worst would be called clear in a third of them."""
    rng, trends = random.Random(3), 0
    for _ in range(600):
        rows = equal_cells(rng, 7, 24)
        found = trend(Point(n, float(x), row[x], 1) for n, row in enumerate(rows) for x in range(7))
        assert found is not None
        trends += found.p_value < 0.05
    assert 0.03 <= trends / 600 <= 0.07


def test_six_comparisons_with_one_equal_baseline_raise_one_false_alarm_in_twenty_runs() -> None:
    """200 runs at N = 24, every comparison tested: any p < .05 is an alarm."""
    rng, alarms = random.Random(5), 0
    for _ in range(200):
        rows = equal_cells(rng, 7, 24)
        alarms += min(max_t([[float(y) - row[0] for y in row[1:]] for row in rows])) < 0.05
    assert alarms / 200 <= 0.08


def test_the_trend_interval_covers_under_samples_of_unequal_skill() -> None:
    """500 runs: accuracy falls from .9 to .6 over x, each sample 0 to 10 points off."""
    rng, covered = random.Random(8), 0
    for _ in range(500):
        shifts = [rng.uniform(-0.1, 0.1) for _ in range(16)]
        found = trend(
            Point(n, x, sum(rng.random() < 0.9 - 0.3 * x + shift for _ in range(5)), 5)
            for n, shift in enumerate(shifts)
            for x in (0.0, 0.5, 1.0)
        )
        assert found is not None
        covered += found.low <= -0.3 <= found.high
    assert 0.93 <= covered / 500 <= 0.97


def test_a_trend_needs_an_x_that_varies_and_three_samples() -> None:
    assert trend([Point(n, 1.0, 1, 2) for n in range(9)]) is None
    assert trend([Point(0, 0.0, 1, 1), Point(1, 1.0, 0, 1)]) is None


def test_holm_raises_small_values_for_being_many_and_keeps_their_order() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    values = [0.01, 0.04, 0.03, 0.005, 0.8]
    assert holm(values) == pytest.approx(list(multitest.multipletests(values, method="holm")[1]))


def test_one_comparison_gives_the_exact_sign_flip_p_value() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = [1.0, 2.0, -0.5, 3.0, 1.5, 0.5, 2.5, -1.0]
    known = stats.permutation_test(
        (values,), lambda x, axis: abs(x.sum(axis=axis)), permutation_type="samples", alternative="greater"
    )
    assert max_t([[value] for value in values]) == pytest.approx([known.pvalue])


def test_five_samples_cannot_reach_five_per_cent_and_six_can() -> None:
    assert max_t([[1.0]] * 5) == [pytest.approx(2 / 32)]
    assert max_t([[1.0]] * 6) == [pytest.approx(2 / 64)]


def test_a_clear_difference_stays_clear_beside_others_that_hang_together_with_it() -> None:
    rng = random.Random(2)
    rows = []
    for _ in range(40):
        value = rng.gauss(1, 1)
        rows.append([value, value + rng.gauss(0, 0.05), rng.gauss(0, 1)])
    first, second, third = max_t(rows)
    assert max(first, second) < 0.01
    assert third > 0.1
    assert max_t([[0.0, 0.0]] * 8) == [1.0, 1.0]
