"""A run's figures as data, defined once for the terminal, the app and exported pages. Pure: no widget, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.charts.scale import smooth
from lhe_tui.charts.turn_axis import turn_range
from lhe_tui.engine.overall import step_accuracy
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.answers import Value
from lhe_tui.task.controls import change_words
from lhe_tui.task.scoring import Curve, TurnTally, accuracies, intervals
from lhe_tui.task.stats.theory import task_accuracy

SMOOTHED_FROM: Final = 20
"""Turns from which a curve is smoothed for the eye where nobody says otherwise."""
LEAST_FOR_BAND: Final = 5
"""Samples below which an interval is wider than a chart can say."""
THEORY_LABEL: Final = "p^t, if nothing got worse"
_THEORY_POINTS: Final = 200
_ROOM: Final = 0.75
"""How far the axis of sums reaches beyond the truth, as a share of the truth's range: answers may run far away."""

Points = list[tuple[float, float | None]]


def control_marks(state: RunState) -> list[Mark]:
    """One mark for each turn at which controls changed; the words hold foreign names and are not yet made visible."""
    said: dict[int, list[str]] = {}
    for event in sorted(state.changes, key=lambda event: event.turn):
        words = change_words(event.change, state.controls_at(event.turn))
        at_turn = said.setdefault(event.turn, [])
        if words not in at_turn:
            at_turn.append(words)
    return [Mark(turn, ", ".join(words)) for turn, words in said.items()]


def corrupted_in_view(state: RunState) -> bool:
    """Whether any request showed answers that were corrupted on purpose."""
    return state.shown_states[0] > 0 and state.shown_states[2] > 0


def accuracy_chart(
    state: RunState,
    *,
    smoothed: bool | None = None,
    tallies: Sequence[TurnTally] | None = None,
    dim_task: bool | None = None,
    brief: bool = False,
    each_turn: bool = False,
) -> Chart:
    """Turn accuracy with its interval, task accuracy, p^t, and a mark for each change of controls.

    `smoothed` None: from 20 turns on. `tallies` are the turns drawn (default: all). `dim_task` None: where corrupted
    answers were in view. `brief` shortens the legend. `each_turn` adds the curve without smoothing, and leaves the
    band without it.
    """
    drawn = state.tallies if tallies is None else tallies
    calm = len(drawn) >= SMOOTHED_FROM if smoothed is None else smoothed
    dimmed = corrupted_in_view(state) if dim_task is None else dim_task
    turn = accuracies(drawn, "turn")
    word = "" if brief else " accuracy"
    window = smoothing_window(len(drawn))
    mean = (
        (f"turn ({window}-turn mean)" if brief else f"turn accuracy, {window}-turn mean")
        if calm
        else f"turn{word}"
    )
    band = _band(drawn, "turn", window if calm and not each_turn else 1)
    series = [
        Series(_points(smooth(turn, window) if calm else turn), mean, "turn", band=band),
        Series(_points(accuracies(drawn, "task")), f"task{word}", "task", dimmed=dimmed),
    ]
    measured = step_accuracy(state, len(drawn))
    if measured is not None:
        turns = int(run_turns(state)[1])
        stride = max(1, turns // _THEORY_POINTS)
        theory: Points = [(float(t), task_accuracy(measured.p, t)) for t in range(1, turns + 1, stride)]
        series.append(Series(theory, "if nothing got worse" if brief else THEORY_LABEL, "theory"))
    if calm and each_turn:
        series.append(Series(_points(turn), "turn accuracy, each turn", "turn", dimmed=True))
    return Chart(
        series,
        marks=control_marks(state),
        hlines=(0.5,),
        x_label="turn",
        x_range=run_turns(state),
        y_range=(0.0, 1.0),
        y_percent=True,
        empty="the curves begin when every sample has finished turn 1" if brief else "no turns yet",
    )


def running_sum_chart(state: RunState, sample: int) -> Chart:
    """One sample's answers against the true running sum; answers far beyond the truth are gaps."""
    if not state.task.variant.has_integers:
        return Chart([], empty=f"answers of {state.spec.variant} are no numbers: there is no sum to draw")
    turns = state.samples[sample - 1].turns
    low, high = sum_range(turns)
    truth: Points = [(float(record.turn), float(_integer(record.truth))) for record in turns]
    model: Points = [(float(record.turn), _on_chart(record, low, high)) for record in turns]
    return Chart(
        [Series(model, "model", "model"), Series(truth, "truth", "truth")],
        marks=control_marks(state),
        x_label="turn",
        x_range=run_turns(state),
        y_range=(low, high) if turns else None,
        empty="the sums begin when this sample has finished turn 1",
    )


def sum_range(turns: Sequence[TurnRecord]) -> tuple[float, float]:
    """The axis of a sample's sums: the truth, and the answers not too far from it."""
    truths = [_integer(record.truth) for record in turns]
    low, high = min(truths, default=0), max(truths, default=1)
    room = max(10.0, (high - low) * _ROOM)
    answers = [record.number for record in turns if isinstance(record.number, int)]
    inside = [answer for answer in answers if low - room <= answer <= high + room]
    return float(min([low, *inside])) - 1, float(max([high, *inside])) + 1


def run_turns(state: RunState) -> tuple[float, float]:
    """The axis of turns: it grows with the run."""
    return turn_range(state.spec.turns, state.built_turns)


def smoothing_window(turns: int) -> int:
    """Turns that a smoothed curve is averaged over: 5, and more over hundreds of turns, so that they can be read."""
    return max(5, turns // 50 | 1)


def _points(values: Sequence[float | None]) -> Points:
    return [(float(turn), value) for turn, value in enumerate(values, 1)]


def _band(tallies: Sequence[TurnTally], curve: Curve, window: int) -> list[tuple[float, float, float]]:
    found = intervals(tallies, curve)
    told = [
        interval if tally.n >= LEAST_FOR_BAND else None
        for interval, tally in zip(found, tallies, strict=True)
    ]
    lows = smooth([None if interval is None else interval.low for interval in told], window)
    highs = smooth([None if interval is None else interval.high for interval in told], window)
    return [
        (float(turn), low, high)
        for turn, (low, high) in enumerate(zip(lows, highs, strict=True), 1)
        if low is not None and high is not None
    ]


def _on_chart(record: TurnRecord, low: float, high: float) -> float | None:
    if not isinstance(record.number, int) or not low <= record.number <= high:
        return None
    return float(record.number)


def _integer(answer: Value) -> int:
    return answer if isinstance(answer, int) else 0
