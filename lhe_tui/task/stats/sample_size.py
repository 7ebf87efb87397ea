"""How many samples find a stated effect, from a stated or measured spread."""

from __future__ import annotations

import math
from typing import NamedTuple

from lhe_tui.task.stats.proportions import Z_95
from lhe_tui.task.stats.t_distribution import LARGE, t_quantile

SMALLEST_EFFECT = 0.10
"""The difference that is worth finding where nobody says otherwise: 10 points."""
POWER = 0.80


class Needed(NamedTuple):
    """Samples that find an effect (95 % two-sided, 80 % power), and the range that the measured spread leaves."""

    samples: int
    low: int
    high: int


def samples_for(deviation: float, effect: float = SMALLEST_EFFECT, power: float = POWER) -> int:
    """Samples that find a mean of `effect` where a sample's own value has this standard deviation (one-sample t)."""
    reach = Z_95 + t_quantile(power, LARGE)
    # The last term is what Student's t asks for beyond the normal (Guenther).
    return max(2, math.ceil((reach * deviation / effect) ** 2 + Z_95**2 / 2))


def needed_from(standard_error: float, samples: int, effect: float = SMALLEST_EFFECT) -> Needed | None:
    """What the spread of this many samples says; None where it says nothing.

    The range is that of the spread's own 95 % interval (chi-square): few samples leave it wide.
    """
    if samples < 3 or not math.isfinite(standard_error):
        return None
    deviation = standard_error * math.sqrt(samples)
    df = samples - 1
    few, many = (
        samples_for(deviation * math.sqrt(df / chi_square_quantile(z, df)), effect) for z in (Z_95, -Z_95)
    )
    return Needed(samples_for(deviation, effect), few, many)


def chi_square_quantile(z: float, df: int) -> float:
    """The quantile of chi-square at the normal quantile z (Wilson and Hilferty: within 3 % from 7 df on)."""
    spread = 2 / (9 * df)
    return float(df * max(1e-3, 1 - spread + z * math.sqrt(spread)) ** 3)


class Spread(NamedTuple):
    """What one sample's accuracy over a stretch of turns is made of.

    `between` is the standard deviation of samples' own accuracies (0..1), `correlation` that of one plan's accuracy in
    two runs.
    """

    accuracy: float
    turns: int
    between: float = 0.0
    correlation: float = 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation of one sample's accuracy."""
        whole = self.accuracy * (1 - self.accuracy)
        between = min(self.between**2, whole)
        return math.sqrt(between + (whole - between) / self.turns)

    @property
    def paired_deviation(self) -> float:
        """The standard deviation of the difference of one sample between two runs over the same plan."""
        return self.deviation * math.sqrt(2 * (1 - self.correlation))

    @property
    def unpaired_deviation(self) -> float:
        """The same for two samples of different plans, one of each run."""
        return self.deviation * math.sqrt(2)
