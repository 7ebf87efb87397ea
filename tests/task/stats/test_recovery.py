from __future__ import annotations

import random

import pytest

from lhe_tui.task.stats.recovery import Step, recovery


def sample(text: str) -> list[Step]:
    """`.` right, `x` wrong; upper case: a new error in view just before (`O` right after it, `X` wrong)."""
    return [Step(sign in "OX", sign in ".O") for sign in text]


def test_right_again_counts_errors_that_enough_turns_follow() -> None:
    found = recovery([sample("..XX.....O...X")])
    assert found is not None
    assert (found.within[1].n, found.within[1].rate) == (4, 0.25)
    assert (found.within[5].n, found.within[5].rate) == (3, 1.0)


def test_no_error_in_view_has_no_recovery() -> None:
    assert recovery([sample(".....")]) is None


def test_accuracy_after_an_error_is_told_by_lag() -> None:
    found = recovery([sample("..Xx....." + ".." + "Xx...")] * 3)
    assert found is not None
    assert [chance and chance.rate for chance in found.by_lag] == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert found.sound is not None
    assert found.sound.rate == 1.0


def test_the_chance_to_be_right_again_covers_under_samples_of_unequal_skill() -> None:
    """300 runs of 20 samples × 30 turns, each sample's own chance uniform in .4 to .8, errors put in at random."""
    rng, covered = random.Random(1), 0
    for _ in range(300):
        skills = [rng.uniform(0.4, 0.8) for _ in range(20)]
        found = recovery([[Step(rng.random() < 0.3, rng.random() < p) for _ in range(30)] for p in skills])
        assert found is not None
        covered += found.within[1].low <= 0.6 <= found.within[1].high
    assert 0.92 <= covered / 300 <= 0.98


def test_one_sample_has_a_rate_and_the_whole_range() -> None:
    found = recovery([sample("..X.X.")])
    assert found is not None
    assert found.within[1] == pytest.approx((0.0, 0.0, 1.0, 2))
