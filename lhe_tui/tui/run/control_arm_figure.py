"""The accuracy figure with the control arm on it. No widget, no clock."""

from __future__ import annotations

from dataclasses import replace

from lhe_tui.charts.plot import Series, smooth
from lhe_tui.engine.state import RunState
from lhe_tui.task.scoring import accuracies
from lhe_tui.tui.controller.control_arm import ControlArm
from lhe_tui.tui.run.run_figures import Figure, seen_tallies


def with_control_arm(figure: Figure, arm: ControlArm, own: RunState, smoothed: bool) -> Figure:
    """The accuracy figure with the arm's turn accuracy as a dimmed reference, and both in words."""
    state = arm.state
    if state is None:
        return figure
    tallies = seen_tallies(state)
    shown = smooth(accuracies(tallies, "turn")) if smoothed else accuracies(tallies, "turn")
    points = [(float(turn), value) for turn, value in enumerate(shown, 1) if turn >= arm.turn]
    series = Series(points, f"without {arm.words}", "reference", dimmed=True)
    chart = replace(figure.chart, series=[*figure.chart.series, series])
    last = min(len(tallies), own.complete_turns)
    if last < arm.turn:
        return Figure(chart, arm.status)
    with_it, without = (_share(run, arm.turn, last) for run in (own, state))
    note = f"turns {arm.turn}–{last}: {with_it} with {arm.words}, {without} without (dashed)"
    return Figure(chart, note)


def _share(state: RunState, first: int, last: int) -> str:
    tallies = state.tallies[first - 1 : last]
    scored = sum(tally.n for tally in tallies)
    return f"{100 * sum(tally.correct for tally in tallies) / scored:.0f} %" if scored else "–"
