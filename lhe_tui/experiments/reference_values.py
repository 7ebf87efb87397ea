"""What the paper reports (arXiv 2509.09677), to be laid beside our figures: facts, each with how it is known.

`exact` stands in the paper's text; `read off` was read from a figure, to ±0.05 or worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["exact", "read off"]


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """One reported number or curve. `points` are (x, y) in the axes of the figure that it belongs to."""

    experiment: str
    """The named experiment, or `ladder`."""
    subject: str
    """The model, as the paper names it."""
    quantity: str
    how: How
    points: tuple[tuple[float, float], ...]

    @property
    def label(self) -> str:
        """For a legend: `Qwen3-14B (read off)`; short, or it would be cut where it says how."""
        return f"{self.subject} ({self.how})"


@dataclass(frozen=True, slots=True)
class ReferenceFact:
    """One reported finding that is words, or a bound."""

    experiment: str
    words: str
    how: How = "exact"


_RATE = "turn accuracy at turn 100"
TARGET_TURN = 100
"""The turn at which the paper measures accuracy under induced errors."""
_RATES = (0.0, 0.25, 0.5, 0.75, 1.0)


def _by_rate(experiment: str, subject: str, *values: float) -> ReferenceValue:
    return ReferenceValue(experiment, subject, _RATE, "read off", tuple(zip(_RATES, values, strict=True)))


def _horizon(subject: str, turns: float) -> ReferenceValue:
    return ReferenceValue("scaling", subject, "H_0.5", "read off", ((0.0, turns),))


def _ladder(subject: str, keys: float) -> ReferenceValue:
    return ReferenceValue("ladder", subject, "largest K", "exact", ((0.0, keys),))


REFERENCE_VALUES: tuple[ReferenceValue, ...] = (
    _horizon("Qwen3-4B", 3),
    _horizon("Qwen3-8B", 4),
    _horizon("Qwen3-14B", 5),
    _horizon("Qwen3-32B", 12),
    _horizon("Gemma3-4B", 3),
    _horizon("Gemma3-12B", 4),
    _horizon("Gemma3-27B", 8),
    ReferenceValue("scaling", "Qwen3-32B", "turn accuracy", "read off", ((100.0, 0.85),)),
    ReferenceValue("scaling", "Qwen3-14B", "turn accuracy", "read off", ((100.0, 0.65),)),
    _by_rate("self-conditioning", "Qwen3-14B", 0.80, 0.75, 0.65, 0.55, 0.50),
    _by_rate("self-conditioning", "Gemma3-12B", 0.40, 0.30, 0.20, 0.15, 0.10),
    _by_rate("thinking", "Qwen3-8B thinking", 0.76, 0.74, 0.86, 0.76, 0.84),
    ReferenceValue("voting", "cot, K = 2", "task accuracy", "read off", ((50.0, 0.92),)),
    _ladder("GPT-5", 2176),
    _ladder("Claude 4 Sonnet", 432),
    _ladder("Grok 4", 384),
    _ladder("Gemini 2.5 Pro", 120),
)

REFERENCE_FACTS: tuple[ReferenceFact, ...] = (
    ReferenceFact("scaling", "Qwen3-32B, the best there, is below 50 % task accuracy within 15 turns"),
    ReferenceFact("scaling", "turn 1 is near perfect for all but the 4B models"),
    ReferenceFact(
        "self-conditioning", "more errors in view, lower accuracy; scale does not cure it, also beyond 200B"
    ),
    ReferenceFact("thinking", "thinking mitigates self-conditioning"),
    ReferenceFact("context-management", "Gemma3-12B: the smaller the window, the better"),
    ReferenceFact("self-verification", "no full cure"),
    ReferenceFact("voting", "K = 2: majority votes are near 0 by length 5", "read off"),
    ReferenceFact("turns-vs-complexity", "U-shaped for Gemma3-12B with reasoning aloud"),
    ReferenceFact("components", "retrieval and addition near perfect, prefix sums decay slowly"),
    ReferenceFact("ladder", "DeepSeek-R1 is over 100; none beyond 6 without reasoning"),
)


def reference_values(experiment: str, quantity: str | None = None) -> list[ReferenceValue]:
    """What the paper reports for an experiment, of one quantity or of all."""
    return [
        value
        for value in REFERENCE_VALUES
        if value.experiment == experiment and quantity in (None, value.quantity)
    ]


def reference_words(experiment: str) -> list[str]:
    """The paper's facts and numbers for an experiment, a line each, each saying how it is known."""
    lines = [f"{fact.words} ({fact.how})" for fact in REFERENCE_FACTS if fact.experiment == experiment]
    by_quantity: dict[tuple[str, How], list[str]] = {}
    for value in reference_values(experiment):
        if len(value.points) == 1:
            x, y = value.points[0]
            place = f" at {x:g}" if x else ""
            by_quantity.setdefault((value.quantity, value.how), []).append(f"{value.subject} {y:g}{place}")
        else:
            curve = ", ".join(f"{y:g} at {x * 100:g} %" for x, y in value.points)
            lines.append(f"{value.quantity}, {value.subject}: {curve} ({value.how})")
    lines += [f"{quantity}: {', '.join(said)} ({how})" for (quantity, how), said in by_quantity.items()]
    return lines
