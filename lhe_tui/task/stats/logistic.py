"""Logistic regression for a handful of predictors, with a covariance clustered by sample.

Newton's method (IRLS) over whole columns: 100,000 observations take about a second without numpy. The covariance is
the cluster jackknife in one step (CR3), read with Student's t over clusters: the plain sandwich is too narrow with
the 8 to 30 samples that a run has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from operator import mul
from typing import NamedTuple

from lhe_tui.task.stats.t_distribution import t_quantile

Vector = list[float]
Matrix = list[list[float]]

MAX_STEPS = 30
LONGEST_STEP = 15.0
"""How far one Newton step may move a log-odds; keeps it from leaping to where all probabilities are 0 or 1."""
SEPARATED = 25.0
"""Log-odds beyond this mean separated outcomes: no finite coefficient is the best one."""
SINGULAR = 1e-10
"""A pivot this small beside its diagonal means that the columns do not determine their coefficients."""


class Fit(NamedTuple):
    """A fitted model: coefficients (intercept first) with a clustered covariance, and whether to trust it."""

    coefficients: Vector
    covariance: Matrix
    converged: bool
    n: int
    clusters: int

    def standard_error(self, at: int) -> float:
        """The clustered standard error of one coefficient."""
        return math.sqrt(self.covariance[at][at])

    def interval(self, at: int, level: float = 0.95) -> tuple[float, float]:
        """The confidence interval of one coefficient, by Student's t over clusters."""
        half = t_quantile(0.5 + level / 2, max(1, self.clusters - 1)) * self.standard_error(at)
        return self.coefficients[at] - half, self.coefficients[at] + half


def fit_logistic(
    columns: Sequence[Sequence[float]], outcomes: Sequence[bool], clusters: Sequence[int]
) -> Fit:
    """Fit P(outcome) on the columns and an intercept; data that determine nothing give `converged` False."""
    order = sorted(range(len(outcomes)), key=clusters.__getitem__)
    x = [[1.0] * len(order), *([float(column[i]) for i in order] for column in columns)]
    y = [1.0 if outcomes[i] else 0.0 for i in order]
    sizes = [len(list(group)) for _, group in groupby(clusters[i] for i in order)]
    beta = _newton(x, y)
    covariance = None if beta is None else _jackknife(x, y, _probabilities(_linear(x, beta)), sizes)
    if beta is None or covariance is None:
        size = len(x)
        unknown = [[math.inf] * size for _ in range(size)]
        return Fit(beta or [0.0] * size, unknown, False, len(y), len(sizes))
    return Fit(beta, covariance, True, len(y), len(sizes))


def solve(matrix: Matrix, right: Vector) -> Vector | None:
    """Solve a small symmetric positive definite system; None where it is singular."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for at in range(size):
        # Positive definite: the diagonal is a good enough pivot, and its loss is what singular means.
        if not rows[at][at] > SINGULAR * matrix[at][at]:
            return None
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            rows[below] = [value - factor * top for value, top in zip(rows[below], rows[at], strict=True)]
    solution = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][j] * solution[j] for j in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution


def _newton(x: Matrix, y: Vector) -> Vector | None:
    beta = [0.0] * len(x)
    products = [[list(map(mul, a, b)) for b in x[: i + 1]] for i, a in enumerate(x)]
    reach = [max(map(abs, column), default=0.0) for column in x]
    for _ in range(MAX_STEPS):
        eta = _linear(x, beta)
        p = _probabilities(eta)
        weights = [value * (1.0 - value) for value in p]
        residuals = [outcome - value for outcome, value in zip(y, p, strict=True)]
        step = solve(_information(products, weights), [_dot(column, residuals) for column in x])
        if step is None:
            return None
        moved = sum(abs(change) * far for change, far in zip(step, reach, strict=True))
        if moved < 1e-6:
            return beta if max(map(abs, eta)) < SEPARATED else None
        shrink = min(1.0, LONGEST_STEP / moved)
        beta = [value + shrink * change for value, change in zip(beta, step, strict=True)]
    return None


def _jackknife(x: Matrix, y: Vector, p: Vector, sizes: Sequence[int]) -> Matrix | None:
    """The covariance from leaving out each cluster in turn, one Newton step each; None where one decides all."""
    size, groups = len(x), len(sizes)
    weights = [value * (1.0 - value) for value in p]
    residuals = [outcome - value for outcome, value in zip(y, p, strict=True)]
    weighted = [list(map(mul, column, weights)) for column in x]
    parts: list[tuple[Vector, Matrix]] = []
    start = 0
    for count in sizes:
        part = slice(start, start + count)
        start += count
        score = [_dot(column[part], residuals[part]) for column in x]
        parts.append((score, [[_dot(a[part], b[part]) for b in x] for a in weighted]))
    whole = [[sum(info[i][j] for _, info in parts) for j in range(size)] for i in range(size)]
    covariance = [[0.0] * size for _ in range(size)]
    for score, info in parts:
        rest = [[whole[i][j] - info[i][j] for j in range(size)] for i in range(size)]
        moved = solve(rest, score)
        if moved is None:
            return None
        for i in range(size):
            for j in range(size):
                covariance[i][j] += (groups - 1) / groups * moved[i] * moved[j]
    return covariance


def _information(products: Sequence[Matrix], weights: Vector) -> Matrix:
    lower = [[_dot(weights, cell) for cell in row] for row in products]
    size = len(lower)
    return [[lower[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]


def _linear(x: Matrix, beta: Vector) -> Vector:
    total = [0.0] * len(x[0])
    for column, coefficient in zip(x, beta, strict=True):
        total = [sum_so_far + coefficient * value for sum_so_far, value in zip(total, column, strict=True)]
    return total


def _probabilities(eta: Vector) -> Vector:
    exp = math.exp
    return [1.0 / (1.0 + exp(-value)) if value > -700 else 0.0 for value in eta]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    total: float = sum(map(mul, a, b))
    return total
