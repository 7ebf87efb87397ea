"""What a run says as a whole: how far each sample came, and accuracies with intervals by sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.stats.proportions import Interval, PooledShare
from lhe_tui.task.stats.self_conditioning import Kind
from lhe_tui.task.stats.survival import FIRST_TURNS, AtRisk, SampleOutcome, accuracy_at_risk
from lhe_tui.task.stats.t_distribution import t_quantile


class Segment(NamedTuple):
    """Turns under the same controls: how many of the scored ones are turn-correct, the interval by sample.

    `interval` is None where fewer than two samples were scored; `counts` holds each sample's (correct, scored).
    """

    first: int
    last: int
    correct: int
    n: int
    interval: Interval | None
    counts: tuple[tuple[int, int], ...]


class ChangeOfAccuracy(NamedTuple):
    """The mean of the samples' own changes between two segments, -1..1, with Student's interval over samples.

    `interval` is None from fewer than two samples, and where all changed by the same: no spread, nothing to judge by.
    """

    mean: float
    interval: Interval | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def change_between(before: Segment, after: Segment) -> ChangeOfAccuracy | None:
    """How turn accuracy changed within samples; None where no sample was scored in both segments."""
    pairs = zip(before.counts, after.counts, strict=True)
    changes = [right / n - was / m for (was, m), (right, n) in pairs if m and n]
    if not changes:
        return None
    mean = sum(changes) / len(changes)
    squares = sum((change - mean) ** 2 for change in changes)
    if not squares:
        return ChangeOfAccuracy(mean, None)
    half = t_quantile(0.975, len(changes) - 1) * math.sqrt(squares / (len(changes) - 1) / len(changes))
    return ChangeOfAccuracy(mean, Interval(max(-1.0, mean - half), min(1.0, mean + half)))


def sample_outcomes(state: RunState, turns: int | None = None) -> list[SampleOutcome]:
    """Each sample's first error, and the turns it was scored for, among the first `turns`."""
    found = []
    for sample in state.samples:
        scored = [record for record in islice(sample.turns, turns) if record.outcome != "failed"]
        wrong = next((record.turn for record in scored if not record.task), None)
        found.append(SampleOutcome(wrong, len(scored)))
    return found


def step_accuracy(state: RunState, seen: int | None = None) -> AtRisk | None:
    """p on the turns at risk of the first ten, of which `seen` are looked at; None over a past that was given."""
    if state.given_turns:
        return None
    turns = FIRST_TURNS if seen is None else min(seen, FIRST_TURNS)
    return accuracy_at_risk(sample_outcomes(state, turns), turns)


def counts_by_sample(
    state: RunState,
    first: int = 1,
    last: int | None = None,
    counted: Callable[[TurnRecord], bool] = lambda record: record.outcome == "correct",
) -> list[tuple[int, int]]:
    """Each sample's (turns that count, turns scored) from turn `first` to `last`, without failed and edited ones."""
    found = []
    for sample in state.samples:
        records = sample.turns[first - 1 : last]
        scored = [
            counted(record) for record in records if record.outcome != "failed" and not record.event.edited
        ]
        found.append((sum(scored), len(scored)))
    return found


def segments(state: RunState) -> list[Segment]:
    """Turn accuracy for each stretch of turns without a change of controls; stretches without a scored turn are left
    out."""
    starts = [turn for turn, _ in state.timeline]
    found = []
    for first, after in zip(starts, [*starts[1:], state.spec.turns + 1], strict=True):
        counts = counts_by_sample(state, first, after - 1)
        pooled = PooledShare.of(counts)
        if pooled.n:
            last = min(after - 1, len(state.tallies))
            found.append(Segment(first, last, *pooled, tuple(counts)))
    return found


def truth_corrupted(state: RunState) -> bool:
    """Whether past answers were ever shown as the truth, some of them corrupted: task accuracy says nothing then."""
    told = [controls.injection for turn, controls in state.timeline if turn <= max(1, state.built_turns)]
    return any(injection.base == "truth" and injection.rate > 0 for injection in told)


def conditioning_kind(state: RunState) -> Kind:
    """`effect` where every request showed true sums with errors put in by chance, so that no sample made its own view;
    else `association`."""
    asked = max(2, state.given_turns // max(1, len(state.samples)) + 1)
    told = (state.controls_at(turn).injection for turn in range(asked, max(asked, state.built_turns) + 1))
    controlled = all(
        injection.active and injection.base == "truth" and (injection.since or 0) <= 1 for injection in told
    )
    return "effect" if controlled else "association"
