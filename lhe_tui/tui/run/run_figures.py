"""The run screen's charts as data: a run's state in, figures and the sentence under each out. No widget, no clock."""

from __future__ import annotations

from typing import Literal, NamedTuple

from lhe_tui.charts.data import Chart, Series
from lhe_tui.charts.run_curves import accuracy_chart, control_marks, run_turns, running_sum_chart, sum_range
from lhe_tui.charts.self_conditioning_bins import self_conditioning_chart, share_bins
from lhe_tui.engine.overall import conditioning_kind, step_accuracy
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.record.report import observations
from lhe_tui.task.scoring import TurnTally
from lhe_tui.task.stats.self_conditioning import self_conditioning
from lhe_tui.task.stats.survival import FIRST_TURNS
from lhe_tui.tui.turn.run_words import off_words, short_count, whole

FigureName = Literal["accuracy", "running_sum", "self_conditioning", "latency"]
FIGURE_TITLES: dict[FigureName, str] = {
    "accuracy": "accuracy",
    "running_sum": "running sum",
    "self_conditioning": "self-conditioning",
    "latency": "latency",
}


SLOW_FIGURES: frozenset[FigureName] = frozenset({"self_conditioning"})
"""Worked out from every turn of the run: not in the time that a screen has."""


class Figure(NamedTuple):
    """A chart and what is to be said about it, on at most so many lines."""

    chart: Chart
    note: str
    note_lines: int = 1


def seen_tallies(state: RunState) -> list[TurnTally]:
    """The turns that every sample still in the run has finished: the ragged front would jump about."""
    return state.tallies[: state.complete_turns]


def accuracy_figure(state: RunState, smoothed: bool) -> Figure:
    """Turn accuracy with its interval, task accuracy, and p^t from the first ten turns."""
    tallies = seen_tallies(state)
    corrupted = state.controls_at(max(1, state.built_turns)).injection.rate > 0
    chart = accuracy_chart(state, smoothed=smoothed, tallies=tallies, dim_task=corrupted, brief=True)
    measured = step_accuracy(state, len(tallies))
    note = ""
    if measured is not None:
        over = f"{_turns(min(FIRST_TURNS, len(tallies)))}, up to each sample's first error"
        p = f"{measured.p:.3f} [{measured.low:.3f}, {measured.high:.3f}]"
        note = f"p^t, if nothing got worse: p = {p} from the first {over}"
    if corrupted:
        note = "corrupted answers in view: turn accuracy leads, task is dimmed"
    return Figure(chart, note)


def _turns(count: int) -> str:
    return "turn" if count == 1 else f"{count} turns"


def running_sum_figure(state: RunState, sample: int) -> Figure:
    """One sample's answers against the true running sum."""
    turns = state.samples[sample - 1].turns
    low, high = sum_range(turns)
    outside = sum(1 for r in turns if isinstance(r.number, int) and not low <= r.number <= high)
    return Figure(running_sum_chart(state, sample), _sum_note(sample, turns, outside))


def _sum_note(sample: int, turns: list[TurnRecord], outside: int) -> str:
    if not turns:
        return f"sample {sample}"
    last = turns[-1]
    words = f"sample {sample}"
    if last.number is None:
        words += f" · no number at turn {last.turn}"
    elif last.number == last.truth:
        words += f" · on the true sum at turn {last.turn}"
    else:
        off = off_words(last.number, last.truth)
        words += f" · off by {off} at turn {last.turn} ({whole(last.number)} against {whole(last.truth)})"
    first = next((record.turn for record in turns if not record.absolute), None)
    if first is not None:
        words += f" · left it first at turn {first}"
    return words + (f" · {outside} answers beyond the chart" if outside else "")


def self_conditioning_figure(state: RunState) -> Figure:
    """Turn accuracy against the share of wrong transitions in view, and the estimate with its caveat in words."""
    seen = list(observations(state))
    estimate = self_conditioning(seen, conditioning_kind(state))
    return Figure(self_conditioning_chart(share_bins(seen), estimate), estimate.sentence() if seen else "", 2)


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
        x_range=run_turns(state),
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
    if name == "self_conditioning":
        return self_conditioning_figure(state)
    return running_sum_figure(state, sample) if name == "running_sum" else latency_figure(state, sample)
