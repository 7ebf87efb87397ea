"""Proposition 1 against the paper's own figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.task.stats.theory import (
    doubling_accuracy,
    horizon_length,
    horizon_length_exact,
    horizon_slope,
    required_accuracy,
    task_accuracy,
)

PAPER = [
    (0.9, 6.58, 2.12),
    (0.95, 13.51, 4.35),
    (0.99, 68.97, 22.2),
    (0.995, 138.3, 44.5),
    (0.999, 692.8, 223),
]


@pytest.mark.parametrize(("p", "half", "four_fifths"), PAPER)
def test_horizons_are_those_of_the_paper(p: float, half: float, four_fifths: float) -> None:
    assert horizon_length_exact(p, 0.5) == pytest.approx(half, rel=1e-3)
    assert horizon_length_exact(p, 0.8) == pytest.approx(four_fifths, rel=3e-3)
    assert horizon_length(p, 0.5) == math.ceil(half)


def test_a_model_that_never_errs_has_no_horizon_and_one_that_always_errs_has_one_step() -> None:
    assert horizon_length(1.0) is None
    assert horizon_length_exact(1.0) == math.inf
    assert horizon_length(0.0) == 1
    assert task_accuracy(0.0, 0) == 1.0
    assert horizon_slope(1.0) == math.inf


@pytest.mark.parametrize("x", range(0, 20))
def test_each_period_of_doubling_accuracy_doubles_the_horizon(x: int) -> None:
    assert horizon_length(doubling_accuracy(x)) == 2**x


def test_doubling_accuracy_stays_within_its_bounds_far_out() -> None:
    assert doubling_accuracy(-5000) == 0.0
    assert doubling_accuracy(5000) == 1.0


def test_near_one_the_slope_is_the_papers_approximation() -> None:
    assert horizon_slope(0.999) == pytest.approx(math.log(2) / 0.001**2, rel=2e-3)


@given(st.floats(0.05, 0.9999), st.floats(0.05, 0.95))
def test_the_slope_is_the_derivative(p: float, s: float) -> None:
    step = (1 - p) * 1e-5
    numeric = (horizon_length_exact(p + step, s) - horizon_length_exact(p - step, s)) / (2 * step)
    assert horizon_slope(p, s) == pytest.approx(numeric, rel=1e-3)


@given(st.floats(0.5, 1e6), st.floats(0.05, 0.95))
def test_required_accuracy_is_the_inverse_of_the_horizon(horizon: float, s: float) -> None:
    assert horizon_length_exact(required_accuracy(horizon, s), s) == pytest.approx(horizon, rel=1e-6)


@given(st.floats(0.01, 0.999), st.floats(0.05, 0.95))
def test_task_accuracy_reaches_s_at_the_horizon_and_not_before(p: float, s: float) -> None:
    h = horizon_length(p, s)
    assert h is not None
    assert task_accuracy(p, h) <= s * (1 + 1e-9)
    assert h == 1 or task_accuracy(p, h - 1) >= s * (1 - 1e-9)


@pytest.mark.parametrize(("p", "s"), [(-0.1, 0.5), (1.1, 0.5), (0.9, 0.0), (0.9, 1.0)])
def test_impossible_inputs_are_named(p: float, s: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        horizon_length(p, s)
