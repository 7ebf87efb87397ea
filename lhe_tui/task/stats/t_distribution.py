"""Student's t for whole degrees of freedom: what honest intervals from few samples take in place of 1.96."""

from __future__ import annotations

import math
from functools import lru_cache

LARGE = 5_000
"""From here on t and the normal agree to four digits; the sum below takes df / 2 terms."""


def t_cdf(t: float, df: int) -> float:
    """P(T <= t) for T of Student's t with df >= 1 degrees of freedom (Abramowitz & Stegun 26.7.3, 26.7.4)."""
    if df < 1:
        raise ValueError(f"degrees of freedom must be at least 1, got {df}")
    theta = math.atan(t / math.sqrt(df))
    sine, square = math.sin(theta), math.cos(theta) ** 2
    odd = df % 2
    term, total = 1.0, 0.0
    for k in range(odd, df - 1, 2):
        total += term
        term *= (k + 1) / (k + 2) * square
    if odd:
        return 0.5 + (theta + sine * math.cos(theta) * total) / math.pi
    return 0.5 + sine * total / 2


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: int) -> float:
    """The t with P(T <= t) = p, for 0 < p < 1."""
    if not 0 < p < 1:
        raise ValueError(f"a probability strictly between 0 and 1 is needed, got {p}")
    if p < 0.5:
        return -t_quantile(1 - p, df)
    df = min(df, LARGE)
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, df) < p else (low, middle)
    return (low + high) / 2
