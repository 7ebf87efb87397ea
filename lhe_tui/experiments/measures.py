"""What a cell measures, and how two cells differ, with intervals that know which turns hang together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lhe_tui.engine.overall import conditioning_kind
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.grid import Experiment
from lhe_tui.record.report import observations
from lhe_tui.task.scoring import Curve
from lhe_tui.task.stats.paired_tests import PairedTurn, paired_difference
from lhe_tui.task.stats.proportions import Z_95, clustered_interval
from lhe_tui.task.stats.sample_size import Needed, needed_from
from lhe_tui.task.stats.self_conditioning import Kind, SelfConditioning, self_conditioning


class Measure(NamedTuple):
    """An accuracy (0..1) with its 95 % interval, over `turns` turns of `samples` samples."""

    rate: float
    low: float
    high: float
    turns: int
    samples: int


class Difference(NamedTuple):
    """An accuracy minus that of another cell (-1..1), with its 95 % interval where there are samples enough.

    `needed` is how many samples find a difference of 10 points, where these leave its sign open.
    """

    difference: float
    low: float | None
    high: float | None
    paired: bool
    needed: Needed | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def measured(state: RunState, curve: Curve, turns: range) -> Measure | None:
    """The accuracy over some turns; None where none of them has been scored."""
    by_sample: dict[int, list[bool]] = {}
    for sample, record in _scored(state, turns):
        by_sample.setdefault(sample, []).append(_right(record, curve))
    counts = [(sum(right), len(right)) for right in by_sample.values()]
    n = sum(count for _, count in counts)
    if not n:
        return None
    right = sum(correct for correct, _ in counts)
    interval = clustered_interval(counts)
    low, high = interval or (0.0, 1.0)
    return Measure(right / n, low, high, n, len(counts))


def cell_measure(experiment: Experiment, run: CellRun) -> Measure | None:
    """What the experiment measures of a cell."""
    return measured(run.state, experiment.measure, experiment.measured_turns(run.cell))


def cell_difference(experiment: Experiment, baseline: CellRun, run: CellRun) -> Difference | None:
    """A cell's measure minus the baseline's: paired where both ran the same plans. None where one has no turns yet."""
    if baseline.cell.name == run.cell.name:
        return None
    turns = experiment.measured_turns(baseline.cell), experiment.measured_turns(run.cell)
    if len(turns[0]) == len(turns[1]) and same_plans(baseline.state, run.state):
        return _paired(baseline.state, run.state, experiment.measure, *turns)
    first, second = cell_measure(experiment, baseline), cell_measure(experiment, run)
    return None if first is None or second is None else _unpaired(first, second)


def pooled_self_conditioning(runs: Sequence[CellRun]) -> SelfConditioning:
    """The effect of errors in view, over cells that differ in how many they were shown.

    Within one cell the share hardly varies; between them it is set on purpose, and so it is a cause. Sample n of all
    cells goes through the same plan and is one cluster.
    """
    kinds = {conditioning_kind(run.state) for run in runs}
    kind: Kind = "effect" if kinds == {"effect"} else "association"
    return self_conditioning((item for run in runs for item in observations(run.state)), kind)


def same_plans(first: RunState, second: RunState) -> bool:
    """Whether sample n of both runs goes through the same keys and values, however many a turn."""
    one, other = first.task, second.task
    return one is other or (one.plans == other.plans and one.dictionary == other.dictionary)


def _paired(
    first: RunState, second: RunState, curve: Curve, first_turns: range, second_turns: range
) -> Difference | None:
    found = paired_difference(paired_turns(first, second, curve, first_turns, second_turns))
    if found is None:
        return None
    unclear = found.low is None or found.high is None or found.low <= 0 <= found.high
    needed = needed_from(found.standard_error, found.samples) if unclear else None
    return Difference(found.difference, found.low, found.high, True, needed)


def _unpaired(first: Measure, second: Measure) -> Difference:
    """Newcombe's interval: the two intervals' distances, squared and added."""
    difference = second.rate - first.rate
    low = difference - math.hypot(second.rate - second.low, first.high - first.rate)
    high = difference + math.hypot(second.high - second.rate, first.rate - first.low)
    unclear = low <= 0 <= high
    samples = min(first.samples, second.samples)
    needed = needed_from((high - low) / (2 * Z_95), samples) if unclear else None
    return Difference(difference, low, high, False, needed)


def paired_turns(
    first: RunState, second: RunState, curve: Curve, first_turns: range, second_turns: range
) -> Iterator[PairedTurn]:
    """The turns that both runs have scored, sample by sample; the n-th of the first's against that of the second's."""
    shift = second_turns.start - first_turns.start
    others = {(sample, record.turn): record for sample, record in _scored(second, second_turns)}
    for sample, record in _scored(first, first_turns):
        other = others.get((sample, record.turn + shift))
        if other is not None:
            yield PairedTurn(sample, record.turn, _right(record, curve), _right(other, curve))


def _scored(state: RunState, turns: range) -> Iterator[tuple[int, TurnRecord]]:
    for number, sample in enumerate(state.samples, 1):
        for record in sample.turns[turns.start - 1 : turns.stop - 1]:
            if record.outcome != "failed" and not record.event.edited:
                yield number, record


def _right(record: TurnRecord, curve: Curve) -> bool:
    if curve == "turn":
        return record.outcome == "correct"
    return record.absolute if curve == "absolute" else record.task
