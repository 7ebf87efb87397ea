"""What an experiment found, in honest sentences: with intervals, and what may be there unseen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.experiments.grid import INDUCED, Experiment
from lhe_tui.experiments.measures import (
    Difference,
    Measure,
    cell_difference,
    cell_measure,
    pooled_self_conditioning,
)
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.task.controls import percent
from lhe_tui.task.scoring import horizon_length
from lhe_tui.task.stats.proportions import Horizon
from lhe_tui.task.stats.sample_size import SMALLEST_EFFECT, Needed

_NAMES = {"turn": "turn accuracy", "task": "task accuracy", "absolute": "absolute accuracy"}


def finding(grid: GridRun) -> str:
    """The experiment's finding; what is said of several models stands in several sentences."""
    experiment = grid.experiment
    runs = [run for run in grid.runs if cell_measure(experiment, run) is not None]
    if not runs:
        return "nothing has been measured yet"
    if "horizon" in experiment.figures:
        return _horizons(runs)
    sentences = []
    for curve in dict.fromkeys(run.cell.curve for run in runs):
        members = [run for run in runs if run.cell.curve == curve]
        if "against-x" in experiment.figures and all(run.cell.x is not None for run in members):
            said = _against_x(experiment, grid, members)
        else:
            said = _against_baseline(experiment, grid, members)
        several = len({run.cell.curve for run in runs}) > 1
        sentences.append(f"{curve}: {said}" if several and curve else said[:1].upper() + said[1:])
    return " ".join(sentence + "." for sentence in sentences)


def measure_words(measure: Measure) -> str:
    """`87 % [80, 92]`."""
    return f"{measure.rate * 100:.0f} % [{measure.low * 100:.0f}, {measure.high * 100:.0f}]"


def difference_words(difference: Difference) -> str:
    """`+19 points [11, 27]`, with what is missing to be sure."""
    said = f"{difference.difference * 100:+.0f} points"
    if difference.low is None or difference.high is None:
        return f"{said}, one sample only: no interval"
    said += f" [{difference.low * 100:.0f}, {difference.high * 100:.0f}]"
    if difference.clear:
        return said
    return f"{said}: {unseen_words(difference.low, difference.high, difference.needed)}"


def unseen_words(low: float, high: float, needed: Needed | None) -> str:
    """`none seen; up to 44 points are possible; 10 points take about 136 samples [80, 290]`."""
    most = max(-low, high)
    if most < SMALLEST_EFFECT:
        return f"none of {SMALLEST_EFFECT * 100:.0f} points or more"
    said = f"none seen; up to {math.ceil(most * 100)} points are possible"
    if needed is None:
        return said
    return f"{said}; {SMALLEST_EFFECT * 100:.0f} points take about {needed_words(needed)}"


def needed_words(needed: Needed) -> str:
    """`136 samples [80, 290]`."""
    return f"{needed.samples:,} samples [{needed.low:,}, {needed.high:,}]"


def horizon_words(found: Horizon, turns: int) -> str:
    """`13 [9, 17]`, or that it lies beyond the turns run."""
    beyond = f">{turns}"
    low = beyond if found.low is None else str(found.low)
    high = beyond if found.high is None else str(found.high)
    return f"{beyond if found.turn is None else found.turn} [{low}, {high}]"


def where_words(experiment: Experiment, run: CellRun) -> str:
    """Where the measure was taken: `at turn 100`, `over turns 91 to 100`."""
    turns = experiment.measured_turns(run.cell)
    if len(turns) == 1:
        return f"at turn {turns[0]}"
    return f"over turns {turns[0]} to {turns[-1]}"


def _horizons(runs: Sequence[CellRun]) -> str:
    said = []
    for run in runs:
        found = horizon_length(run.state.tallies, 0.5)
        said.append(f"{run.cell.label} {horizon_words(found, run.cell.spec.turns)}")
    first = [run.state.tallies[0] for run in runs if run.state.tallies and run.state.tallies[0].n]
    rates = [tally.correct / tally.n * 100 for tally in first]
    alone = f"{min(rates):.0f} % to {max(rates):.0f} %" if len(rates) > 1 else f"{rates[0]:.0f} %"
    return f"Task accuracy falls below one half (H_0.5) at turn: {', '.join(said)}. Turn 1 alone: {alone} correct."


def _against_baseline(experiment: Experiment, grid: GridRun, runs: Sequence[CellRun]) -> str:
    baseline = grid.run_of(experiment.baseline_of(runs[0].cell))
    first = cell_measure(experiment, baseline)
    if first is None:
        return f"nothing to compare with: {baseline.cell.label} has not been measured yet"
    name = _NAMES[experiment.measure]
    said = f"{name} {where_words(experiment, baseline)}, {baseline.cell.label}: {measure_words(first)}"
    others = []
    for run in runs:
        difference = cell_difference(experiment, baseline, run)
        measure = cell_measure(experiment, run)
        if difference is not None and measure is not None:
            others.append(f"{run.cell.label}: {measure_words(measure)}, {difference_words(difference)}")
    return "; ".join([said, *others])


def _against_x(experiment: Experiment, grid: GridRun, runs: Sequence[CellRun]) -> str:
    if experiment.x_label == INDUCED:
        return _self_conditioning(experiment, grid, runs)
    rated = [(measure.rate, run, measure) for run in runs if (measure := cell_measure(experiment, run))]
    worst = min(rated, key=lambda entry: entry[0])
    best = max(rated, key=lambda entry: entry[0])
    name = _NAMES[experiment.measure]
    if best[0] == worst[0]:
        return f"{name} is the same everywhere: {measure_words(best[2])}"
    said = (
        f"{name} is highest at {best[1].cell.label} ({measure_words(best[2])}) "
        f"and lowest at {worst[1].cell.label} ({measure_words(worst[2])})"
    )
    difference = cell_difference(experiment, worst[1], best[1])
    return said if difference is None else f"{said}: {difference_words(difference)}"


def _self_conditioning(experiment: Experiment, grid: GridRun, runs: Sequence[CellRun]) -> str:
    """From the clean history to the rate of one half, the paper's middle; else to the highest rate there is."""
    clean, other = runs[0], next((run for run in runs if run.cell.x == 0.5), runs[-1])
    first, second = cell_measure(experiment, clean), cell_measure(experiment, other)
    difference = cell_difference(experiment, clean, other)
    if first is None or second is None or difference is None:
        return f"{_NAMES[experiment.measure]} {where_words(experiment, clean)}: one rate only, nothing to compare"
    start = f"{_NAMES[experiment.measure]} {where_words(experiment, clean)}"
    estimate = pooled_self_conditioning(runs)
    over_all = f". Over all rates, {estimate.sentence()}" if estimate.identified else ""
    clean_words = "a clean history" if clean.cell.x == 0 else f"{percent(clean.cell.x or 0)} induced"
    induced = f"{percent(other.cell.x or 0)} induced errors"
    if difference.clear and difference.low is not None and difference.high is not None:
        verb, verdict = (
            ("falls", "self-conditioning") if difference.difference < 0 else ("rises", "the opposite")
        )
        points = sorted((abs(difference.low), abs(difference.high)))
        return (
            f"{start} {verb} from {measure_words(first)} with {clean_words} to {measure_words(second)} at {induced}: "
            f"{verdict}, {abs(difference.difference) * 100:.0f} points "
            f"[{points[0] * 100:.0f}, {points[1] * 100:.0f}]{over_all}"
        )
    return (
        f"{start} is {measure_words(first)} with {clean_words} and {measure_words(second)} at {induced}: "
        f"{difference_words(difference)}{over_all}"
    )
