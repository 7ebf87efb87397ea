"""The accuracy figure with the control arm on it. No widget, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lhe_tui.charts.plot import Gap, Series, smooth
from lhe_tui.charts.run_curves import smoothing_window
from lhe_tui.engine.state import RunState
from lhe_tui.task.scoring import accuracies
from lhe_tui.task.stats.paired_tests import PairedDifference
from lhe_tui.text.counts import counted, points_words
from lhe_tui.tui.controller.control_arm import ControlArm
from lhe_tui.tui.run.run_figures import Figure, seen_tallies

Points = Sequence[tuple[float, float | None]]


def with_control_arm(figure: Figure, arm: ControlArm, own: RunState, smoothed: bool) -> Figure:
    """The accuracy figure with the arm's turn accuracy, the room between the two filled, and both in words."""
    state = arm.state
    if state is None:
        return figure
    tallies = seen_tallies(state)
    values = accuracies(tallies, "turn")
    shown = smooth(values, smoothing_window(len(tallies))) if smoothed else values
    points = [(float(turn), value) for turn, value in enumerate(shown, 1) if turn >= arm.turn]
    series = Series(points, f"without {arm.words}", "reference", stroke="thick")
    with_it, *others = figure.chart.series
    chart = replace(
        figure.chart,
        series=[with_it, series, *others],
        gaps=[Gap(_between(with_it.points, points), "reference")],
    )
    return Figure(chart, _note(arm, own, state), note_lines=2)


def _between(one: Points, other: Points) -> list[tuple[float, float, float]]:
    """(turn, low, high) where both curves are."""
    known = dict(one)
    pairs = [(turn, known.get(turn), value) for turn, value in other]
    return [(turn, min(a, b), max(a, b)) for turn, a, b in pairs if a is not None and b is not None]


def _note(arm: ControlArm, own: RunState, state: RunState) -> str:
    """Both accuracies over the turns that the two ran under different controls, and what lies between them."""
    last = min(state.complete_turns, own.complete_turns)
    if last < arm.turn:
        return arm.status
    turns = [turn for turn in range(arm.turn, last + 1) if own.controls_at(turn) != state.controls_at(turn)]
    if not turns:
        return f"{arm.status}; both ran under the same controls so far: nothing to compare"
    difference = arm.difference(turns)
    if difference is None:
        return arm.status
    contiguous = turns[-1] - turns[0] == len(turns) - 1
    where = f"turns {turns[0]}–{turns[-1]}" if contiguous else counted(len(turns), "turn")
    with_it, without = (_share(run, turns) for run in (own, state))
    return f"{where}: {with_it} with {arm.words}, {without} without: {_gap(difference)}"


def _gap(difference: PairedDifference) -> str:
    if difference.low is None or difference.high is None:
        return f"{points_words(difference.difference, None)} (one sample: no interval)"
    clear = difference.low > 0 or difference.high < 0
    words = points_words(difference.difference, (difference.low, difference.high))
    return words + ("" if clear else ", no clear difference")


def _share(state: RunState, turns: Sequence[int]) -> str:
    tallies = [state.tallies[turn - 1] for turn in turns]
    scored = sum(tally.n for tally in tallies)
    return f"{100 * sum(tally.correct for tally in tallies) / scored:.0f} %" if scored else "–"
