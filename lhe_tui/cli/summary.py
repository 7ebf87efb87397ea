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
    missing = report.get("missing_turns")
    lines = []
    if missing:
        lines.append(
            ("status", f"says completed, but {missing:,} turn{'s are' if missing > 1 else ' is'} missing")
        )
    lines += [(f"H_{s}", _horizon_words(report, s)) for s in ("0.5", "0.8")]
    lines.append(("turn accuracy", _overall(state)))
    lines += _at_the_end(report)
    lines.append(("outcomes", _outcome_words(report["outcomes"])))
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


def _overall(state: RunState) -> str:
    from lhe_tui.task.stats.proportions import wilson

    correct = sum(tally.correct for tally in state.tallies)
    n = sum(tally.n for tally in state.tallies)
    interval = wilson(correct, n)
    if interval is None:
        return "nothing to count"
    return f"{rate_words(correct / n, *interval)} over all turns"


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
