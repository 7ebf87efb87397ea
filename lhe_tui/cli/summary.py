"""A run in words and one chart, for a plain terminal: what `run` ends with and `report` prints."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.output import colour_wanted, result, result_drawing

if TYPE_CHECKING:
    from lhe_tui.engine.state import RunState

_LABEL_WIDTH = 18
_NARROWEST, _WIDEST = 40, 120
_CHART_HEIGHT = 16


def print_summary(state: RunState, report: Mapping[str, Any]) -> None:
    """The accuracy chart and the figures of a run, on stdout."""
    from lhe_tui.charts.plot import draw
    from lhe_tui.charts.run_curves import accuracy_chart
    from lhe_tui.record.report import rescored

    state = rescored(state, report["rules"])
    result(headline(state, report))
    result()
    if any(value is not None for value in report["turn_accuracy"]):
        width = min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns))
        colour = colour_wanted(sys.stdout)
        result_drawing(draw(accuracy_chart(state), width, _CHART_HEIGHT, colour=colour))
        result()
    for label, words in summary_lines(state, report):
        result(f"{label:<{_LABEL_WIDTH}}{words}")


def headline(state: RunState, report: Mapping[str, Any]) -> str:
    """The run's identity: model, task, size, seed."""
    spec = state.spec
    simulated = " (simulated)" if state.header.simulated else ""
    scored = "" if report["rules"] == "strict" else f" · {report['rules']} rules"
    return (
        f"{report['model']}{simulated} · {spec.variant} K={spec.turn_complexity} {state.header.controls.mode} · "
        f"{spec.turns} turns × {spec.samples} samples · seed {spec.seed}{scored}"
    )


def summary_lines(state: RunState, report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of a run as (label, words)."""
    from lhe_tui.engine.overall import truth_corrupted
    from lhe_tui.engine.untidy_replies import untidy_replies

    missing = report.get("missing_turns")
    lines = annotation_lines(state)
    if missing:
        lines.append(
            ("status", f"says completed, but {missing:,} turn{'s are' if missing > 1 else ' is'} missing")
        )
    corrupted = truth_corrupted(state)
    if corrupted:
        lines.append(
            ("H, task accuracy", "— not told: past answers were the truth with some of them corrupted")
        )
    else:
        lines += [(f"H_{s}", _horizon_words(report, s)) for s in ("0.5", "0.8")]
    lines += _turn_accuracy(state)
    lines += [] if corrupted else _at_the_end(report)
    survival = report.get("survival")
    if isinstance(survival, Mapping):
        lines.append(("first error", str(survival["sentence"])))
    lines.append(("outcomes", _outcome_words(report["outcomes"])))
    untidy = untidy_replies(state).sentence()
    lines += [("", untidy)] if untidy else []
    lines += _injection_lines(report["injected"])
    lines += _control_lines(state)
    tokens = report["tokens"]
    said = [f"{tokens[kind]:,} {kind}" for kind in ("prompt", "completion", "reasoning") if tokens.get(kind)]
    lines.append(("tokens", " · ".join(said) if said else "not told by the server"))
    if state.cost:
        lines.append(("cost", f"US$ {state.cost:.4f}"))
    estimate = report.get("self_conditioning")
    if isinstance(estimate, Mapping) and estimate.get("sentence"):
        lines.append(("in the history", str(estimate["sentence"])))
    return lines


def annotation_lines(state: RunState) -> list[tuple[str, str]]:
    """What people wrote about the session, as (label, words)."""
    from lhe_tui.record.annotations import annotations_of, note_words, place_words

    written = annotations_of(state.notes)
    notes = [f"{place_words(note)}: {note_words(note)}" for note in written.notes]
    lines = [("" if place else "notes", words) for place, words in enumerate(notes)]
    told = [("title", written.title), ("tags", " ".join(written.tags)), *lines]
    return [(label, words) for label, words in told if words]


def rate_words(rate: float, low: float, high: float) -> str:
    """A rate with its interval: `93.1 % [91.0, 95.0]`."""
    return f"{rate * 100:.1f} % [{low * 100:.1f}, {high * 100:.1f}]"


def _horizon_words(report: Mapping[str, Any], s: str) -> str:
    horizon: Mapping[str, Any] | None = report["horizon"][s]
    turns: int = report["turns"]
    if report.get("given_turns") and report["turn_accuracy"][0] is None:
        return "not told: the first turns were given and not asked"
    if horizon is None:
        return f"beyond {turns} turns"
    turn, low, high = horizon.get("turn"), horizon.get("low"), horizon.get("high")
    span = f"[{low if low is not None else f'>{turns}'}, {high if high is not None else f'>{turns}'}]"
    if turn is None:
        return f"beyond {turns} turns  {span}"
    return f"turn {turn} (step {horizon['steps']})  {span}"


def _turn_accuracy(state: RunState) -> list[tuple[str, str]]:
    """Pooled over the turns of each stretch without a change of controls, the intervals by sample."""
    from lhe_tui.engine.overall import segments

    lines = []
    for place, segment in enumerate(segments(state)):
        accuracy, interval = segment.correct / segment.n, segment.interval
        words = (
            rate_words(accuracy, *interval)
            if interval
            else f"{accuracy * 100:.1f} %, no interval from one sample"
        )
        turns = (
            f"turns {segment.first}–{segment.last}"
            if segment.first < segment.last
            else f"turn {segment.first}"
        )
        lines.append(("" if place else "turn accuracy", f"{words} over {turns}"))
    return lines or [("turn accuracy", "nothing to count")]


def _at_the_end(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    for turn in range(len(report["task_accuracy"]), 0, -1):
        rate = report["task_accuracy"][turn - 1]
        if rate is not None:
            interval = report["intervals"]["task_accuracy"][turn - 1]
            return [("task accuracy", f"{rate_words(rate, *interval)} at turn {turn}")]
    return []


def _outcome_words(outcomes: Mapping[str, int]) -> str:
    said = [f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in outcomes.items() if count]
    return " · ".join(said) if said else "none yet"


def _injection_lines(injected: Mapping[str, float | None] | None) -> list[tuple[str, str]]:
    if not injected or not injected.get("asked"):
        return []
    rates = {
        name: f"{rate * 100:.1f} %" if rate is not None else "none shown" for name, rate in injected.items()
    }
    words = (
        f"over all requests: asked for {rates['asked']} · wrong states shown {rates['states']} · "
        f"wrong transitions shown {rates['transitions']}"
    )
    return [
        ("injection", words),
        ("", "While answers are corrupted, turn accuracy is the curve that means something."),
    ]


def _control_lines(state: RunState) -> list[tuple[str, str]]:
    from lhe_tui.charts.run_curves import control_marks

    first = state.timeline[0][1]
    switches = [words for words in (first.injection.words(), first.pruning.words()) if words != "off"]
    start = [f"turn 1: {', '.join(switches)}"] if switches else []
    said = start + [f"turn {mark.x:.0f}: {mark.label}" for mark in control_marks(state)]
    return [("controls" if not number else "", words) for number, words in enumerate(said)]
