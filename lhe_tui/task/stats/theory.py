"""Proposition 1 of arXiv 2509.09677: what a constant step accuracy p says about the horizon length."""

from __future__ import annotations

import math


def horizon_length_exact(p: float, s: float = 0.5) -> float:
    """ln s / ln p before rounding up: 0 at p = 0, infinite at p = 1."""
    _check(p, s)
    if p == 0:
        return 0.0
    return math.inf if p == 1 else math.log(s) / math.log(p)


def horizon_length(p: float, s: float = 0.5) -> int | None:
    """H_s(p) = ⌈ln s / ln p⌉ in steps, at least 1; None at p = 1, where it never ends."""
    exact = horizon_length_exact(p, s)
    if math.isinf(exact):
        return None
    # A p such as 2^(-1/8) must give 8: what the last bit of p is worth is not a step.
    nearest = round(exact)
    last_bit = 1e-12 + 2.3e-16 / (1 - p)
    return max(1, nearest if math.isclose(exact, nearest, rel_tol=last_bit) else math.ceil(exact))


def horizon_slope(p: float, s: float = 0.5) -> float:
    """dH_s/dp before rounding: steps gained per unit of step accuracy; infinite at 0 and 1."""
    _check(p, s)
    if p in (0, 1):
        return math.inf
    return -math.log(s) / (p * math.log(p) ** 2)


def doubling_accuracy(x: float) -> float:
    """p(x) = 2^(-1/2^x): the step accuracy after x periods that keeps H_0.5 doubling each period, from 1."""
    # Further down the inner power overflows; the accuracy has long been 0 there.
    return 2.0 ** -(2.0**-x) if x > -1000 else 0.0


def required_accuracy(horizon: float, s: float = 0.5) -> float:
    """The constant step accuracy whose horizon length is `horizon` steps (> 0): s^(1/horizon)."""
    _check(0.5, s)
    if horizon <= 0:
        raise ValueError(f"a horizon must be longer than 0 steps, got {horizon}")
    return float(s ** (1 / horizon))


def task_accuracy(p: float, t: float) -> float:
    """p^t: the share of samples without a mistake after t steps at constant accuracy p."""
    _check(p, 0.5)
    return float(p**t)


def _check(p: float, s: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"a step accuracy lies between 0 and 1, got {p}")
    if not 0 < s < 1:
        raise ValueError(f"a success threshold lies strictly between 0 and 1, got {s}")
