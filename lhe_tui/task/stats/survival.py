"""Time to the first error: Kaplan-Meier, hazard by turn, and a discrete Weibull fit with intervals by sample.

A sample counts up to its first error. One that stops without an error (its last turn, or a failure of the
infrastructure) is censored: it leaves the samples at risk and counts neither way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lhe_tui.task.stats.logistic import solve
from lhe_tui.task.stats.proportions import Interval, clustered_interval, wilson
from lhe_tui.task.stats.t_distribution import t_quantile

FIRST_TURNS = 10
"""The turns over which a constant accuracy is measured."""
FEWEST_ERRORS = 4
"""Fewer first errors than this have no shape."""
_MAX_STEPS = 40
_LARGEST_LOG = 12.0
"""A log-shape or log-scale beyond this means that the data set no finite one."""


class SampleOutcome(NamedTuple):
    """How one sample went: its first turn that was not absolute-correct (from 1) or None, and its last scored turn."""

    first_wrong: int | None
    turns_scored: int


class SurvivalTurn(NamedTuple):
    """One turn: samples at risk, first errors, the hazard with its band, the share still without error with its own."""

    turn: int
    at_risk: int
    errors: int
    hazard: float
    hazard_range: Interval
    share: float
    share_range: Interval


class AtRisk(NamedTuple):
    """Accuracy on turns at risk (0..1) with its 95 % interval by sample, over so many turns in all samples."""

    p: float
    low: float
    high: float
    n: int


def kaplan_meier(outcomes: Sequence[SampleOutcome]) -> list[SurvivalTurn]:
    """Turn by turn, as long as a sample is at risk.

    The share's band is Wilson's at the number of samples that would give its Greenwood variance: without censoring it
    is the band of the plain proportion.
    """
    errors = Counter(outcome.first_wrong for outcome in outcomes)
    stopped = Counter(outcome.turns_scored for outcome in outcomes if outcome.first_wrong is None)
    at_risk, share, greenwood, turn = len(outcomes) - stopped[0], 1.0, 0.0, 1
    found = []
    while at_risk > 0:
        fell = errors[turn]
        share *= 1 - fell / at_risk
        greenwood += fell / (at_risk * (at_risk - fell)) if fell < at_risk else 0.0
        size = (
            (1 - share) / (share * greenwood)
            if share and greenwood
            else float(len(outcomes) if not share else at_risk)
        )
        hazard_range, share_range = wilson(fell, at_risk), wilson(share * size, size)
        if hazard_range is None or share_range is None:
            break
        found.append(SurvivalTurn(turn, at_risk, fell, fell / at_risk, hazard_range, share, share_range))
        at_risk -= fell + stopped[turn]
        turn += 1
    return found


def accuracy_at_risk(outcomes: Sequence[SampleOutcome], turns: int = FIRST_TURNS) -> AtRisk | None:
    """p on the turns at risk among the first `turns`: what a constant accuracy is measured on; None without any."""
    counts = []
    for outcome in outcomes:
        last = min(turns, outcome.first_wrong or outcome.turns_scored)
        erred = outcome.first_wrong is not None and outcome.first_wrong <= turns
        if last > 0:
            counts.append((last - erred, last))
    n = sum(size for _, size in counts)
    if not n:
        return None
    low, high = clustered_interval(counts) or Interval(0.0, 1.0)
    return AtRisk(sum(sound for sound, _ in counts) / n, low, high, n)


class WeibullFit(NamedTuple):
    """S(t) = exp(-(t / scale)^shape) at whole turns t, or the reason why there is none.

    A shape above 1 means that the risk of a first error rises with the turn, below 1 that it falls. `half_life` is the
    turn, before rounding up, at which half of the samples have erred; it may lie beyond the `turns` that were run.
    """

    reason: str
    samples: int
    errors: int
    turns: int
    shape: float = math.nan
    shape_range: Interval = Interval(0.0, math.inf)
    scale: float = math.nan
    half_life: float = math.nan
    half_life_range: Interval = Interval(0.0, math.inf)

    @property
    def trend(self) -> str:
        """`rises`, `falls`, `stays` (the shape lies within ± a quarter of 1), or "" where the data cannot tell."""
        low, high = self.shape_range
        if self.reason:
            return ""
        if low > 1:
            return "rises"
        if high < 1:
            return "falls"
        return "stays" if low >= 0.75 and high <= 1.25 else ""

    def share(self, turn: float) -> float:
        """The fitted share of samples without an error after a turn."""
        return math.exp(-((turn / self.scale) ** self.shape))

    def sentence(self) -> str:
        """What the fit says of the risk, and the half-life."""
        many = f"{self.samples} sample{'s' if self.samples != 1 else ''}"
        if self.reason:
            return f"how the risk of a first error moves with the turn cannot be told: {self.reason}"
        low, high = self.shape_range
        shape = f"Weibull shape {self.shape:.2f} [{low:.2f}, {high:.2f}]"
        half_low, half_high = self.half_life_range
        beyond = ", beyond the turns run" if self.half_life > self.turns else ""
        span = f"{_digits(self.half_life)} [{_digits(half_low)}, {_digits(half_high)}]"
        half = f"half of the samples have erred by turn {span}{beyond}"
        if self.trend:
            return f"the risk of a first error {self.trend} with the turn ({shape}); {half}"
        return f"{many} cannot tell whether the risk of a first error rises or falls with the turn ({shape}); {half}"


def _digits(turns: float) -> str:
    return f"{turns:.1f}" if turns < 10 else f"{turns:,.0f}" if turns < 1e6 else f"{turns:.0e}"


def weibull_fit(outcomes: Sequence[SampleOutcome]) -> WeibullFit:
    """Fit by maximum likelihood; the intervals come from leaving out each sample in turn, with Student's t."""
    seen = Counter(
        (outcome.first_wrong or outcome.turns_scored, outcome.first_wrong is not None)
        for outcome in outcomes
        if outcome.turns_scored
    )
    samples, errors = sum(seen.values()), sum(n for (_, erred), n in seen.items() if erred)
    turns = max((turn for turn, _ in seen), default=0)
    none = WeibullFit("", samples, errors, turns)
    reason = _why_not(seen, errors)
    if reason:
        return none._replace(reason=reason)
    unit = sum(turn * n for (turn, _), n in seen.items()) / samples
    whole = _maximum(seen, unit, (math.log(errors / samples), 0.0))
    if whole is None:
        return none._replace(reason="no finite shape fits best")
    left_out: list[tuple[int, float, float]] = []
    for key, n in seen.items():
        rest = dict(seen)
        rest[key] -= 1
        at = _maximum(rest, unit, whole)
        if at is None:
            return none._replace(reason="one sample decides it")
        left_out.append((n, at[1], _log_half_life(at, unit)))
    log_half = _log_half_life(whole, unit)
    t = t_quantile(0.975, samples - 1)
    # The shape of few samples comes out too large: its interval stands around the value without that bias.
    shape_mean, shape_error = _jackknife([(n, shape) for n, shape, _ in left_out])
    half_error = _jackknife([(n, half) for n, _, half in left_out])[1]
    centre = whole[1] - (samples - 1) * (shape_mean - whole[1])
    return none._replace(
        shape=math.exp(whole[1]),
        shape_range=_spread(centre, t * shape_error),
        scale=unit * math.exp(-whole[0] / math.exp(whole[1])),
        half_life=math.exp(log_half),
        half_life_range=_spread(log_half, t * half_error),
    )


def _why_not(seen: Mapping[tuple[int, bool], int], errors: int) -> str:
    if errors < FEWEST_ERRORS:
        only = "no sample" if not errors else f"only {errors} sample{'s' if errors > 1 else ''}"
        return f"{only} erred; at least {FEWEST_ERRORS} must"
    if len({turn for turn, erred in seen if erred}) < 2:
        return "all first errors stand at one turn"
    return ""


def _spread(log_centre: float, half: float) -> Interval:
    return Interval(math.exp(log_centre - half), math.exp(min(700.0, log_centre + half)))


def _jackknife(values: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The mean of what is found without each sample in turn, and the standard error that follows."""
    n = sum(count for count, _ in values)
    mean = sum(count * value for count, value in values) / n
    return mean, math.sqrt((n - 1) / n * sum(count * (value - mean) ** 2 for count, value in values))


def _log_half_life(at: tuple[float, float], unit: float) -> float:
    return math.log(unit) + (math.log(math.log(2)) - at[0]) / math.exp(at[1])


def _maximum(
    seen: Mapping[tuple[int, bool], int], unit: float, start: tuple[float, float]
) -> tuple[float, float] | None:
    """The log-scale and log-shape of the largest likelihood, by Newton's method with halved steps."""
    at, value = start, _likelihood(seen, unit, start)[0]
    for _ in range(_MAX_STEPS):
        _, slope, bend = _likelihood(seen, unit, at)
        ridge = 0.0
        step = None
        while step is None and ridge < 1e9:
            step = solve([[-bend[0] + ridge, -bend[1]], [-bend[1], -bend[2] + ridge]], list(slope))
            ridge = ridge * 10 or 1e-3 * (abs(bend[0]) + abs(bend[2]) + 1)
        if step is None:
            return None
        share = 1.0
        while share > 1e-6:
            tried = (at[0] + share * step[0], at[1] + share * step[1])
            if max(map(abs, tried)) < _LARGEST_LOG and (better := _likelihood(seen, unit, tried)[0]) >= value:
                break
            share /= 2
        else:
            return at if max(map(abs, step)) < 1e-4 else None
        done = max(abs(tried[0] - at[0]), abs(tried[1] - at[1])) < 1e-8
        at, value = tried, better
        if done:
            return at
    return None


def _likelihood(
    seen: Mapping[tuple[int, bool], int], unit: float, at: tuple[float, float]
) -> tuple[float, tuple[float, float], tuple[float, float, float]]:
    """The log-likelihood, its slope and its bend (aa, ab, bb) in the log-scale and the log-shape."""
    shape = math.exp(at[1])
    total = slope_a = slope_b = aa = ab = bb = 0.0
    for (turn, erred), n in seen.items():
        u, ub, ubb = _cumulative(turn, unit, at[0], shape)
        if not erred:
            total -= n * u
            slope_a, slope_b = slope_a - n * u, slope_b - n * ub
            aa, ab, bb = aa - n * u, ab - n * ub, bb - n * ubb
            continue
        v, vb, vbb = _cumulative(turn - 1, unit, at[0], shape)
        d, db, dbb = u - v, ub - vb, ubb - vbb
        if not 0 < d < 700:
            return -math.inf, (0.0, 0.0), (0.0, 0.0, 0.0)
        g = 1 / math.expm1(d)
        curve = g * (1 + g)
        total += n * (math.log(-math.expm1(-d)) - v)
        slope_a += n * (g * d - v)
        slope_b += n * (g * db - vb)
        aa += n * (g * d - v - curve * d * d)
        ab += n * (g * db - vb - curve * d * db)
        bb += n * (g * dbb - vbb - curve * db * db)
    return total, (slope_a, slope_b), (aa, ab, bb)


def _cumulative(turn: int, unit: float, log_scale: float, shape: float) -> tuple[float, float, float]:
    """The cumulative hazard up to a turn, and its first two derivatives in the log-shape."""
    if turn < 1:
        return 0.0, 0.0, 0.0
    w = shape * math.log(turn / unit)
    u = math.exp(min(700.0, log_scale + w))
    return u, u * w, u * w * (w + 1)
