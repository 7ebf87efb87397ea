"""The place on the theory screen: a step accuracy p and a threshold s, moved by keys and kept within bounds. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST_P, MOST_P = 0.01, 0.99999
LEAST_S, MOST_S = 1, 99
_BANDS = ((0.99, 0.001), (0.999, 0.0001), (1.0, 0.00001))
"""Below each bound p moves by so much: near 1 every digit counts."""
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """p as a share, s in hundredths: 0.01..0.99999 and 0.01..0.99."""

    p: float = 0.99
    s_hundredths: int = 50

    @property
    def s(self) -> float:
        """The success threshold."""
        return self.s_hundredths / 100

    def at(self, p: float) -> Point:
        """The same threshold at another p, kept within bounds."""
        return replace(self, p=min(MOST_P, max(LEAST_P, p)))

    def step_p(self, *, up: bool, far: bool = False) -> Point:
        """One last digit further, or ten; never across 0.99 or 0.999 in one step, where the digit changes."""
        probe = self.p + _SLACK if up else self.p - _SLACK
        unit = next((unit for bound, unit in _BANDS if probe < bound), _BANDS[-1][1])
        by = unit * 10 if far else unit
        # What lies between two digits goes to the next one first.
        ticks = self.p / unit
        start = (ticks + _SLACK) // 1 if up else -((-ticks + _SLACK) // 1)
        moved = round(start * unit + by, 7) if up else round(start * unit - by, 7)
        bounds = [
            bound for bound, _ in _BANDS if (self.p < bound - _SLACK if up else self.p > bound + _SLACK)
        ]
        if up:
            return self.at(min([moved, *bounds]))
        return self.at(max([moved, *bounds]))

    def step_s(self, by_hundredths: int) -> Point:
        """A threshold higher or lower by so many hundredths."""
        return replace(self, s_hundredths=min(MOST_S, max(LEAST_S, self.s_hundredths + by_hundredths)))

    def scaled(self, factor: float) -> Point:
        """The p at which the horizon, before rounding up, is `factor` times as long."""
        return self.at(float(self.p ** (1 / factor)))


def p_words(p: float) -> str:
    """A step accuracy with the digits that it needs, three at least: `0.990`, `0.9995`."""
    digits = f"{p:.6f}".rstrip("0")
    return f"{p:.3f}" if len(digits) < 5 else digits


def axis_start(*ps: float) -> float:
    """Where the axis of p begins so that all of these are on it and those near 1 are told apart."""
    least = min(ps)
    return next((start for start in (0.999, 0.99, 0.9, 0.5) if least >= start + (1 - start) * 0.04), 0.0)
