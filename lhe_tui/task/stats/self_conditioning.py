"""How errors in view go with errors to come: the self-conditioning estimate and its sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lhe_tui.task.stats.logistic import fit_logistic

Kind = Literal["effect", "association"]
"""Whether the errors in view were set from outside, or may be the sample's own doing."""
CAUTION = "samples that differ in skill alone give this too"

MIN_SAMPLES = 4
"""Fewer clusters than this leave no way to tell chance from effect."""
MIN_SPREAD = 0.01
"""The share of errors in view must vary by 1 point (SD), at equal length of history, to say anything."""
MAX_RATIO = 1_000.0
"""An interval of odds whose ends lie further apart than this says nothing."""
POINTS = 0.10
"""The odds ratio is for this much more of the shown history being wrong."""


class Observation(NamedTuple):
    """One scored turn: was it turn-correct, and what share of wrong transitions, in how many turns, was in view."""

    sample: int
    correct: bool
    wrong_share: float
    shown_turns: int


@dataclass(frozen=True)
class SelfConditioning:
    """The estimate. `odds_ratio` is how the odds of a slip change with 10 points more errors in view.

    `coefficient` is on the log-odds of a slip per unit of wrong share (0 to 1); `length_coefficient` per unit of the
    log of shown turns; `intercept` is the log-odds of a slip at `mean_share` and the mean length. `n` turns and
    `samples` samples had a history in view.
    """

    identified: bool
    reason: str
    n: int
    samples: int
    kind: Kind = "association"
    odds_ratio: float | None = None
    low: float | None = None
    high: float | None = None
    coefficient: float | None = None
    standard_error: float | None = None
    length_coefficient: float | None = None
    intercept: float | None = None
    mean_share: float | None = None

    def accuracy_at(self, wrong_share: float) -> float | None:
        """The fitted turn accuracy with this share (0..1) of errors in view, at the mean length of history."""
        if self.coefficient is None or self.intercept is None or self.mean_share is None:
            return None
        log_odds = self.intercept + self.coefficient * (wrong_share - self.mean_share)
        return 1 / (1 + math.exp(min(700.0, log_odds)))

    def sentence(self) -> str:
        """The estimate in words, or why there is none."""
        if self.odds_ratio is None or self.low is None or self.high is None:
            return f"self-conditioning is not estimable: {self.reason}"
        values = (self.odds_ratio, self.low, self.high)
        ratio, low, high = (f"{value:,.{_decimals(values)}f}" for value in values)
        words = f"10 points more errors in view: odds of a slip ×{ratio} [{low}, {high}]"
        return f"effect: {words}" if self.kind == "effect" else f"association: {words}; {CAUTION}"

    def as_dict(self) -> dict[str, object]:
        """The estimate as plain values for reports."""
        return {**self.__dict__, "sentence": self.sentence()}


def self_conditioning(
    observations: Iterable[Observation], kind: Kind = "association", length_offset: float = 0.0
) -> SelfConditioning:
    """Estimate the effect of errors in view, over and above the history's length, clustered by sample.

    Turns with nothing in view are left out. In a run's own history a weak sample has both more errors in view and
    more to come; only an injected history (`truth` base) tells that from errors causing errors. The length
    enters as log(shown turns + length_offset): with a simulated model's own τ as offset, its own parameters come
    back.
    """
    seen = [item for item in observations if item.shown_turns > 0]
    samples = len({item.sample for item in seen})
    lengths = [math.log(item.shown_turns + length_offset) for item in seen]
    shares = [item.wrong_share for item in seen]
    slips = [not item.correct for item in seen]
    slipping = len({item.sample for item in seen if not item.correct})
    reason = _why_not(shares, lengths, slips, samples, slipping)
    if reason:
        return SelfConditioning(False, reason, len(seen), samples, kind)
    varies = max(lengths) - min(lengths) > 1e-9
    columns = [_centred(shares), _centred(lengths)] if varies else [_centred(shares)]
    fit = fit_logistic(columns, slips, [item.sample for item in seen])
    if not fit.converged:
        reason = "the errors in view separate right turns from wrong ones, or one sample decides it"
        return SelfConditioning(False, reason, len(seen), samples, kind)
    low, high = fit.interval(1)
    if (high - low) * POINTS > math.log(MAX_RATIO):
        reason = "the interval is too wide to say anything: more samples or more errors are needed"
        return SelfConditioning(False, reason, len(seen), samples, kind)
    return SelfConditioning(
        identified=True,
        reason="",
        n=len(seen),
        samples=samples,
        kind=kind,
        odds_ratio=math.exp(POINTS * fit.coefficients[1]),
        low=math.exp(POINTS * low),
        high=math.exp(POINTS * high),
        coefficient=fit.coefficients[1],
        standard_error=fit.standard_error(1),
        length_coefficient=fit.coefficients[2] if varies else None,
        intercept=fit.coefficients[0],
        mean_share=sum(shares) / len(shares),
    )


def _why_not(
    shares: Sequence[float], lengths: Sequence[float], slips: Sequence[bool], samples: int, slipping: int
) -> str | None:
    """Why the data cannot identify the effect, in words; None where they can be tried."""
    if not shares:
        return "no turn had a history in view"
    if samples < MIN_SAMPLES:
        return f"{samples} sample{'s' if samples > 1 else ''}; at least {MIN_SAMPLES} are needed"
    wrong = sum(slips)
    if wrong == 0:
        return "no turn was wrong"
    if wrong == len(slips):
        return "every turn was wrong"
    if slipping < MIN_SAMPLES:
        # So few clusters with a slip give an interval far too narrow: paired cells repeat the same slips.
        return f"only {slipping} sample{'s' if slipping > 1 else ''} ever slipped; at least {MIN_SAMPLES} are needed"
    if _spread_given(shares, lengths) < MIN_SPREAD:
        return "the share of errors in view hardly varies"
    return None


def _spread_given(values: Sequence[float], other: Sequence[float]) -> float:
    """The standard deviation that is left of `values` once their straight line on `other` is taken out."""
    x, y = _centred(other), _centred(values)
    xx = sum(a * a for a in x)
    slope = sum(a * b for a, b in zip(x, y, strict=True)) / xx if xx > 1e-12 else 0.0
    return math.sqrt(sum((b - slope * a) ** 2 for a, b in zip(x, y, strict=True)) / len(y))


def _centred(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values)
    return [value - mean for value in values]


def _decimals(values: Sequence[float]) -> int:
    """One figure after the point, two where one would hide the effect or its interval."""
    close = min(abs(value - 1) for value in values) < 0.095 or max(values) - min(values) < 0.3
    return 2 if close else 1
