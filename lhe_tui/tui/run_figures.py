"""The run screen's charts as data: a run's state in, figures and the sentence under each out. No widget, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from lhe_tui.charts import Chart, Mark, Series, smooth
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.scoring import TurnTally, accuracies, counts, intervals
from lhe_tui.task.theory import measured_step_accuracy, task_accuracy
from lhe_tui.text_safety import clip
from lhe_tui.tui.control_words import changes_in_words
from lhe_tui.tui.run_words import short_count, signed, whole

FigureName = Literal["accuracy", "running_sum", "latency"]
FIGURE_TITLES: dict[FigureName, str] = {
    "accuracy": "accuracy",
    "running_sum": "running sum",
    "latency": "latency",
}
_THEORY_POINTS = 200
_ROOM = 0.75
"""How far the axis of sums reaches beyond the truth, as a share of the truth's range: answers may run far away."""


class Figure(NamedTuple):
    """A chart and what is to be said about it."""

    chart: Chart
    note: str


def control_marks(state: RunState) -> list[Mark]:
    """One mark for each turn at which controls changed, in words."""
    marks: list[Mark] = []
    for turn, changes in groupby(changes_in_words(state), key=lambda change: change.turn):
        marks.append(Mark(turn, clip(", ".join(change.words for change in changes), 60)))
    return marks


def seen_tallies(state: RunState) -> list[TurnTally]:
    """The turns that every sample still in the run has finished: the ragged front would jump about."""
    return state.tallies[: state.complete_turns]


def accuracy_figure(state: RunState, smoothed: bool) -> Figure:
    """Turn accuracy with its interval, task accuracy, and p^t from the first ten turns."""
    tallies = seen_tallies(state)
    corrupted = state.controls_at(max(1, state.built_turns)).injection.rate > 0
    shown = smooth if smoothed else list
    turn_label = "turn (5-turn mean)" if smoothed else "turn"
    series = [
        Series(
            _points(shown(accuracies(tallies, "turn"))), turn_label, "turn", band=_band(tallies, smoothed)
        ),
        Series(_points(accuracies(tallies, "task")), "task", "task", dimmed=corrupted),
    ]
    measured = measured_step_accuracy(counts(tallies, "turn"))
    note = ""
    if measured is not None:
        turns = state.spec.turns
        stride = max(1, turns // _THEORY_POINTS)
        theory = [(float(turn), task_accuracy(measured.p, turn)) for turn in range(1, turns + 1, stride)]
        series.append(Series(theory, "p^t", "theory"))
        note = f"p^t: constant accuracy p = {measured.p:.3f}, measured over the first {_turns(min(10, len(tallies)))}"
    if corrupted:
        note = "corrupted answers in view: turn accuracy leads, task is dimmed"
    chart = Chart(
        series,
        marks=control_marks(state),
        hlines=(0.5,),
        x_label="turn",
        x_range=_turn_range(state),
        y_range=(0.0, 1.0),
        y_percent=True,
        empty="the curves begin when every sample has finished turn 1",
    )
    return Figure(chart, note)


def _turns(count: int) -> str:
    return "turn" if count == 1 else f"{count} turns"


def _turn_range(state: RunState) -> tuple[float, float]:
    return 1.0, float(max(2, state.spec.turns))


def _points(values: Sequence[float | None]) -> list[tuple[float, float | None]]:
    return [(float(turn), value) for turn, value in enumerate(values, 1)]


def _band(tallies: Sequence[TurnTally], smoothed: bool) -> list[tuple[float, float, float]]:
    found = intervals(tallies, "turn")
    lows: list[float | None] = [None if interval is None else interval.low for interval in found]
    highs: list[float | None] = [None if interval is None else interval.high for interval in found]
    if smoothed:
        lows, highs = smooth(lows), smooth(highs)
    return [
        (float(turn), low, high)
        for turn, (low, high) in enumerate(zip(lows, highs, strict=True), 1)
        if low is not None and high is not None
    ]


def running_sum_figure(state: RunState, sample: int) -> Figure:
    """One sample's answers against the true running sum."""
    turns = state.samples[sample - 1].turns
    truth = [(float(record.turn), float(record.truth)) for record in turns]
    low, high = _sum_range(
        [record.truth for record in turns], [r.number for r in turns if r.number is not None]
    )
    model = [(float(record.turn), _on_chart(record, low, high)) for record in turns]
    outside = sum(1 for r in turns if r.number is not None and not low <= r.number <= high)
    chart = Chart(
        [Series(model, "model", "model"), Series(truth, "truth", "truth")],
        marks=control_marks(state),
        x_label="turn",
        x_range=_turn_range(state),
        y_range=(low, high) if turns else None,
        empty="the sums begin when this sample has finished turn 1",
    )
    return Figure(chart, _drift_note(sample, turns, outside))


def _sum_range(truths: list[int], numbers: list[int]) -> tuple[float, float]:
    low, high = min(truths, default=0), max(truths, default=1)
    room = max(10.0, (high - low) * _ROOM)
    inside = [number for number in numbers if low - room <= number <= high + room]
    return float(min([low, *inside])) - 1, float(max([high, *inside])) + 1


def _on_chart(record: TurnRecord, low: float, high: float) -> float | None:
    if record.number is None or not low <= record.number <= high:
        return None
    return float(record.number)


def _drift_note(sample: int, turns: list[TurnRecord], outside: int) -> str:
    if not turns:
        return f"sample {sample}"
    last = turns[-1]
    words = f"sample {sample}"
    if last.number is None:
        words += f" · no number at turn {last.turn}"
    elif last.number == last.truth:
        words += f" · on the true sum at turn {last.turn}"
    else:
        off = signed(last.number - last.truth)
        words += f" · drift {off} at turn {last.turn} ({whole(last.number)} against {whole(last.truth)})"
    first = next((record.turn for record in turns if not record.absolute), None)
    if first is not None:
        words += f" · left it first at turn {first}"
    return words + (f" · {outside} answers beyond the chart" if outside else "")


def latency_figure(state: RunState, sample: int) -> Figure:
    """One sample's seconds to the first token and to the end of each reply."""
    done = [record.event for record in state.samples[sample - 1].turns if record.outcome != "failed"]
    whole_reply = [(float(event.turn), event.latency) for event in done]
    first = [(float(event.turn), event.first_token) for event in done if event.first_token is not None]
    series = [Series(whole_reply, "whole reply (s)", "1")]
    if first:
        series.append(Series(first, "first token (s)", "2", stroke="dotted"))
    chart = Chart(
        series,
        marks=control_marks(state),
        x_label="turn",
        x_range=_turn_range(state),
        y_range=(0.0, max([0.001, *[event.latency for event in done]]) * 1.05),
        empty="latency begins when this sample has finished turn 1",
    )
    note = f"sample {sample}"
    if done:
        last = done[-1]
        parts = [("context", last.prompt_tokens), ("reply", last.completion_tokens)]
        told = [f"{name} {short_count(count)} tokens" for name, count in parts if count is not None]
        note += f" · turn {last.turn}: {last.latency:.2f} s" + "".join(f" · {words}" for words in told)
    return Figure(chart, note)


def figure(name: FigureName, state: RunState, sample: int, smoothed: bool) -> Figure:
    """A figure by its name."""
    if name == "accuracy":
        return accuracy_figure(state, smoothed)
    return running_sum_figure(state, sample) if name == "running_sum" else latency_figure(state, sample)
