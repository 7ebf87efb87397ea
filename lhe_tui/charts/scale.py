"""The numbers behind a chart: scales, ticks, what of a long series can be seen, and smoothing for the eye."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Run = list[tuple[float, float]]
"""Points without a gap between them."""

_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def is_number(value: float | None) -> bool:
    """Whether a value can stand on an axis: not None, not NaN, not infinite."""
    return value is not None and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values laid over 0..1; on a `log` scale both ends are above 0."""

    low: float
    high: float
    log: bool = False

    def fraction(self, value: float) -> float | None:
        """Where the value sits: 0 at `low`, 1 at `high`; None where a log scale has no place for it."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= 0:
            return None
        return math.log(value / self.low) / math.log(self.high / self.low)

    def value(self, fraction: float) -> float:
        """The value at a place in 0..1."""
        if self.log:
            return self.low * math.pow(self.high / self.low, fraction)
        return self.low + (self.high - self.low) * fraction


def make_scale(
    values: Iterable[float | None],
    given: tuple[float, float] | None = None,
    *,
    log: bool = False,
    margin: float = 0,
) -> Scale:
    """The scale of a given range, else one that holds all values with a `margin` (share of the range) around them."""
    if given is not None:
        low, high = given
    else:
        known = [
            value
            for value in values
            if value is not None and math.isfinite(value) and not (log and value <= 0)
        ]
        low, high = (min(known), max(known)) if known else (1.0, 10.0) if log else (0.0, 1.0)
        if not log:
            room = (high - low) * margin
            low, high = low - room, high + room
    if log:
        low = low if low > 0 else min(1e-3, high / 10) if high > 0 else 1.0
        return Scale(low, high if high > low else low * 10, log=True)
    return Scale(low, high) if high > low else Scale(low - 1, low + 1)


def ticks(scale: Scale, at_most: int, *, whole: bool = False, through: Sequence[float] = ()) -> list[float]:
    """Round values on the scale, `at_most` of them where that is 2 or more.

    `whole` keeps to integers; the values of `through` are among the ticks where round steps reach them.
    """
    if scale.log:
        return _log_ticks(scale, max(2, at_most))
    rough = (scale.high - scale.low) / max(1, at_most - 1)
    unit = 10.0 ** math.floor(math.log10(rough))
    # Of the steps near the rough one, the finest whose ticks are few enough.
    steps = [nice * power for power in (unit / 10, unit, unit * 10) for nice in _NICE]
    reaching = [
        step for step in steps if all(abs(value / step - round(value / step)) < 1e-6 for value in through)
    ]
    for step in [*reaching, *steps]:
        if whole and step != round(step):
            continue
        found = _multiples(scale, step)
        if 2 <= len(found) <= max(2, at_most) or (len(found) == 1 and step in steps[-2:]):
            return found
    return [scale.low, scale.high]


def _multiples(scale: Scale, step: float) -> list[float]:
    slack = step * 1e-9
    first, last = math.ceil((scale.low - slack) / step), math.floor((scale.high + slack) / step)
    if last - first > 1000:
        return [0.0] * 1000
    # Fractions of a step are rounded away, so that 3 · 0.1 is written 0.3.
    return [round(index * step, 12) for index in range(first, last + 1)]


def _log_ticks(scale: Scale, at_most: int) -> list[float]:
    first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))

    def on_scale(heads: Sequence[int], stride: int = 1) -> list[float]:
        every = (head * 10.0**power for power in range(first, last + 1, stride) for head in heads)
        return [tick for tick in every if scale.low * (1 - 1e-9) <= tick <= scale.high * (1 + 1e-9)]

    for heads, stride in (
        ((1, 2, 5), 1),
        ((1,), 1),
        *(((1,), stride) for stride in range(2, last - first + 2)),
    ):
        found = on_scale(heads, stride)
        if len(found) <= at_most and (found or heads == (1,)):
            return found
    return []


def tick_labels(values: Sequence[float], *, percent: bool = False) -> list[str]:
    """How ticks are written, all with the decimals that the longest needs; 12000 is `12k`."""
    scaled = [value * 100 for value in values] if percent else list(values)
    sign = "%" if percent else ""
    top = max((abs(value) for value in scaled), default=0.0)
    smallest = min((abs(value) for value in scaled if value), default=1.0)
    if top >= 1e15 or smallest < 1e-4:
        return [f"{value:.0e}".replace("-", "−") if value else "0" for value in scaled]
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if top >= max(size, 1e4) and all(value % (size / 100) == 0 for value in scaled):
            return [text + (letter + sign if text != "0" else sign) for text in _written(scaled, size)]
    return [text + sign for text in _written(scaled, 1)]


def _written(values: Sequence[float], size: float) -> list[str]:
    """The values in units of `size`, all with the decimals that the longest of them needs."""
    parts = [value / size for value in values]
    decimals = next((count for count in range(7) if all(abs(round(p, count) - p) < 1e-9 for p in parts)), 7)
    return [
        f"{part:.{decimals}f}".replace("-", "−") if part else "0" if size > 1 else f"{0:.{decimals}f}"
        for part in parts
    ]


def runs(points: Sequence[tuple[float, float | None]]) -> list[Run]:
    """The points cut at their gaps (None, NaN, infinite)."""
    found: list[Run] = [[]]
    for x, y in points:
        if y is not None and math.isfinite(x) and math.isfinite(y):
            found[-1].append((x, y))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def decimate(run: Run, scale: Scale, columns: int) -> Run:
    """At most two points per column, the lowest and the highest there in their order: what can be seen of a long run.

    The points come in the order of x, none of them off the (linear) scale.
    """
    if len(run) <= 2 * columns:
        return run
    kept: Run = []
    start, per_unit = scale.low, columns / (scale.high - scale.low)
    column, low, high = -1, run[0], run[0]
    for point in run:
        here = min(columns - 1, int((point[0] - start) * per_unit))
        if here != column:
            if column >= 0:
                kept.extend(_in_order(low, high))
            column, low, high = here, point, point
        elif point[1] < low[1]:
            low = point
        elif point[1] > high[1]:
            high = point
    return [*kept, *_in_order(low, high)]


def thin_band(
    band: Sequence[tuple[float, float, float]], scale: Scale, columns: int
) -> Sequence[tuple[float, float, float]]:
    """A band with one entry per column at most, as wide as the widest of those it stands for."""
    if len(band) <= 2 * columns:
        return band
    kept: list[tuple[float, float, float]] = []
    start, per_unit = scale.low, columns / (scale.high - scale.low)
    column: int | None = None
    first, low, high = band[0]
    for x, bottom, top in band:
        if not math.isfinite(x + bottom + top):
            continue
        here = min(columns - 1, int((x - start) * per_unit))
        if here == column:
            low, high = min(low, bottom), max(high, top)
            continue
        if column is not None:
            kept.append((first, low, high))
        column, first, low, high = here, x, bottom, top
    return [*kept, (first, low, high)] if column is not None else []


def _in_order(low: tuple[float, float], high: tuple[float, float]) -> Run:
    return [low] if low is high else [low, high] if low[0] <= high[0] else [high, low]


def smooth(values: Sequence[float | None], window: int = 5) -> list[float | None]:
    """Centred moving average over `window` values, for the eye only; gaps stay gaps and count in no average."""
    half, result = window // 2, list[float | None]()
    for index, value in enumerate(values):
        near = [other for other in values[max(0, index - half) : index + half + 1] if other is not None]
        known = [other for other in near if math.isfinite(other)]
        result.append(sum(known) / len(known) if value is not None and math.isfinite(value) else None)
    return result


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Values of 0..1 as `width` blocks at most, each the mean of its share; a share without a value is a space."""
    if not values or width <= 0:
        return ""
    columns = min(width, len(values))
    signs = []
    for column in range(columns):
        share = values[column * len(values) // columns : (column + 1) * len(values) // columns]
        known = [value for value in share if value is not None and math.isfinite(value)]
        mean = sum(known) / len(known) if known else None
        signs.append(" " if mean is None else _BLOCKS[min(7, max(0, int(mean * 8)))])
    return "".join(signs)
