"""An interval for a proportion that may be looked at after every sample, however often (a confidence sequence).

Robbins' mixture: under the true p the ratio of the Beta(1/2, 1/2)-mixed likelihood to the likelihood at p is a
martingale that starts at 1, so by Ville's inequality it ever reaches 1/alpha with probability alpha at most. The
interval holds every p that has not been ruled out so. A Wilson interval looked at again and again would not do: sooner
or later it leaves out the truth.
"""

from __future__ import annotations

import math

from lhe_tui.task.stats.proportions import Interval

ALPHA = 0.05
_HALVINGS = 50


def anytime_interval(successes: int, n: int, alpha: float = ALPHA) -> Interval:
    """The p that are not ruled out after n samples; all of 0..1 before the first."""
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0..{n}, got {successes}")
    if not n:
        return Interval(0.0, 1.0)
    bound = _bound(successes, n, alpha)
    rate = successes / n
    low = 0.0 if successes == 0 else _edge(successes, n, bound, rate, 0.0)
    high = 1.0 if successes == n else _edge(successes, n, bound, rate, 1.0)
    return Interval(low, high)


def _edge(successes: int, n: int, bound: float, inside: float, outside: float) -> float:
    """Where the log-likelihood falls to the bound, between a p that is held and one that is not."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if _log_likelihood(successes, n, middle) > bound:
            inside = middle
        else:
            outside = middle
    return outside


def _log_likelihood(successes: int, n: int, p: float) -> float:
    total = 0.0
    if successes:
        total += successes * math.log(p) if p > 0 else -math.inf
    if n - successes:
        total += (n - successes) * math.log1p(-p) if p < 1 else -math.inf
    return total


def cleared(successes: int, n: int, line: float, alpha: float = ALPHA) -> bool | None:
    """Whether p is above (True) or below (False) the line; None while the interval holds it."""
    if not n or _log_likelihood(successes, n, line) > _bound(successes, n, alpha):
        return None
    return successes / n > line


def _bound(successes: int, n: int, alpha: float) -> float:
    """The log-likelihood below which a p is ruled out: alpha times the mixed one."""
    mixed = math.lgamma(successes + 0.5) + math.lgamma(n - successes + 0.5) - math.lgamma(n + 1)
    return mixed - 2 * math.lgamma(0.5) + math.log(alpha)
