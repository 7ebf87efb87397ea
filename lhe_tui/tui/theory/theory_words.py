"""The theory screen in words: the point, the table, and a session's measured p beside what it predicts. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lhe_tui.charts.run_curves import corrupted_in_view
from lhe_tui.engine.overall import sample_outcomes, step_accuracy
from lhe_tui.engine.state import RunState
from lhe_tui.task.scoring import horizon_length as observed_horizon
from lhe_tui.task.stats.proportions import Horizon
from lhe_tui.task.stats.survival import FIRST_TURNS, AtRisk, WeibullFit, weibull_fit
from lhe_tui.task.stats.theory import (
    horizon_length,
    horizon_length_exact,
    horizon_slope,
)
from lhe_tui.tui.theory.theory_point import Point, p_words
from lhe_tui.tui.turn.verdict_words import model_name
from lhe_tui.tui.widgets.piece_lines import Line, heading, wrap

TABLE = (
    (0.9, "6.58", "2.12"),
    (0.95, "13.51", "4.35"),
    (0.99, "68.97", "22.2"),
    (0.995, "138.3", "44.5"),
    (0.999, "692.8", "223"),
)
"""p, H_0.5 and H_0.8 before rounding up, with the paper's own digits: exact, they follow from the proposition."""
THRESHOLDS = (0.5, 0.8)
_FASTER_FROM = 0.7
_LARGEST_SHOWN = 1e9


@dataclass(frozen=True, slots=True)
class Predicted:
    """H_s at constant accuracy p, and the range that p's interval leaves; None: it never ends."""

    turn: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What an open session or run says: p over its first turns, and how far it really came."""

    name: str
    accuracy: AtRisk
    trend: WeibullFit
    observed: dict[float, Horizon]
    turns: int
    """Turns that every sample has finished."""
    turns_planned: int
    keys: int
    first_turns: int
    corrupted: bool
    changed: bool

    @property
    def unit(self) -> str:
        """With one key a turn is a step."""
        return "turns"

    def predicted(self, s: float) -> Predicted:
        """What p alone would lead to."""
        found = self.accuracy
        return Predicted(*(horizon_length(p, s) for p in (found.p, found.low, found.high)))


def measure(state: RunState) -> Measured | None:
    """What a state says about p; None while no turn has been counted."""
    tallies = state.tallies[: state.complete_turns]
    accuracy = step_accuracy(state, len(tallies))
    if accuracy is None:
        return None
    return Measured(
        model_name(state.header.controls.model),
        accuracy,
        weibull_fit(sample_outcomes(state, len(tallies))),
        {s: observed_horizon(tallies, s) for s in THRESHOLDS},
        len(tallies),
        state.spec.turns,
        state.spec.turn_complexity,
        min(FIRST_TURNS, len(tallies)),
        corrupted_in_view(state),
        any(1 < event.turn <= len(tallies) for event in state.changes),
    )


# ---- the point


def horizon_steps(p: float, s: float) -> str:
    """H_s(p) for people: `69`, `69,315`."""
    found = horizon_length(p, s)
    return "∞" if found is None else _whole(found)


def _whole(number: float) -> str:
    return f"{number:,.0f}" if number < _LARGEST_SHOWN else f"{number:.2e}"


def _digits(number: float) -> str:
    """Four digits: `6.579`, `68.97`, `138.3`, `6,931`."""
    if number >= 1000:
        return _whole(number)
    return f"{number:.4g}"


def _steps_words(p: float, s: float) -> str:
    steps = horizon_steps(p, s)
    return "1 step" if steps == "1" else f"{steps} steps"


def top_line(point: Point) -> Line:
    """Where we are, for the line that is always in sight."""
    return [
        (" theory ", "change"),
        (f" p = {p_words(point.p)}  s = {point.s:.2f}  ", "strong"),
        (f"H_{point.s:g} = {_steps_words(point.p, point.s)}", "live"),
        ("   Proposition 1: constant step accuracy p, no self-correction", "dim"),
    ]


def point_lines(point: Point, width: int) -> list[Line]:
    """The formula with its numbers, the slope, and what one more digit is worth."""
    p, s = point.p, point.s
    exact = horizon_length_exact(p, s)
    lines: list[Line] = [heading("H_s(p) = ⌈ln s / ln p⌉", width)]
    lines.append([(" step accuracy   ", "dim"), (f"p = {p_words(p)}", "strong"), ("   ← →", "dim")])
    lines.append([(" threshold       ", "dim"), (f"s = {s:.2f}", "strong"), ("   ↑ ↓", "dim")])
    name = f"H_{s:g}"
    lines += wrap(
        [
            (f" {name} = ⌈ln {s:g} / ln {p_words(p)}⌉ = ⌈{_digits(exact)}⌉ = ", "plain"),
            (_steps_words(p, s), "live"),
        ],
        width,
        indent=3,
    )
    near = -math.log(s) / (1 - p)
    lines += wrap([(f" ≈ −ln s / (1 − p) = {_digits(near)}", "dim")], width, indent=3)
    lines += wrap(_slope_words(point), width, indent=3)
    return lines


def _slope_words(point: Point) -> Line:
    p, s = point.p, point.s
    slope = horizon_slope(p, s)
    further = point.step_p(up=True)
    line: Line = [(f" dH/dp = {_digits(slope)}", "plain")]
    if further.p > p:
        gain = horizon_length_exact(further.p, s) - horizon_length_exact(p, s)
        line.append((f": +{further.p - p:.2g} in p is worth +{gain:.3g} steps", "plain"))
    if p > _FASTER_FROM:
        line.append((" (above p ≈ 0.7 H_0.5 grows faster than an exponential)", "dim"))
    return line


def table_lines(point: Point, width: int) -> list[Line]:
    """The paper's table, the row of the point marked."""
    lines: list[Line] = [heading("before rounding up · exact (paper)", width)]
    lines.append([(f"   {'p':<8}{'H_0.5':>9}{'H_0.8':>10}", "dim")])
    for p, half, most in TABLE:
        here = math.isclose(p, point.p, abs_tol=1e-9)
        row = f"{p:<8g}{half:>9}{most:>10}"
        lines.append([(" ▸ " if here else "   ", "change"), (row, "strong" if here else "plain")])
    return lines


# ---- the measured p


def measured_lines(measured: Measured | None, width: int) -> list[Line]:
    """The open session's p, the horizon that it predicts, the one that was seen, and what the gap means."""
    if measured is None:
        lines: list[Line] = [heading("measured", width)]
        words = (
            "Open a session (F3) or start a run: its p over the first ten turns then stands on the curve, with the "
            "horizon that it predicts beside the one observed."
        )
        return lines + wrap([(f" {words}", "dim")], width, indent=1)
    found = measured.accuracy
    lines = [heading("measured", width, measured.name)]
    over = f"turn 1 (of {FIRST_TURNS})" if measured.first_turns == 1 else f"turns 1–{measured.first_turns}"
    lines += wrap(
        [
            (" p = ", "plain"),
            (f"{found.p:.3f}", "strong"),
            (f" [{found.low:.3f}, {found.high:.3f}]", "plain"),
            (
                f"  over {over}, up to each sample's first error: {round(found.p * found.n):,} of {found.n:,} right",
                "dim",
            ),
        ],
        width,
        indent=3,
    )
    rows = [("", *(f"H_{s}" for s in THRESHOLDS))]
    rows.append((" predicted", *(predicted_words(measured.predicted(s)) for s in THRESHOLDS)))
    rows.append((" observed", *(observed_words(measured.observed[s], measured.turns) for s in THRESHOLDS)))
    size = max(len(row[1]) for row in rows) + 3
    for number, (name, *values) in enumerate(rows):
        text = f"{name:<12}{values[0]:<{size}}{values[1]}"
        lines.append([(text, "strong" if number == 2 else "dim" if number == 0 else "plain")])
    keys = f"in turns of {measured.keys} keys" if measured.keys > 1 else "in turns"
    lines += wrap([(f" {keys}; ranges from the 95 % intervals", "dim")], width, indent=1)
    lines += wrap([(" → ", "change"), (gap_sentence(measured), "strong")], width, indent=3)
    return lines


def predicted_words(found: Predicted) -> str:
    """`23 [9, 57]`, `∞` where p is 1."""
    turn, low, high = (
        "∞" if value is None else _whole(value) for value in (found.turn, found.low, found.high)
    )
    return f"{turn} [{low}, {high}]"


def observed_words(found: Horizon, turns: int) -> str:
    """`13 [11, 16]`, `>40` where it lies beyond the turns run."""
    beyond = f">{turns:,}"
    turn, low, high = (beyond if v is None else f"{v:,}" for v in (found.turn, found.low, found.high))
    return f"{turn} [{low}, {high}]"


def gap_sentence(measured: Measured, s: float = 0.5) -> str:
    """What the risk of a first error says of constant accuracy, and of the gap to what it predicts."""
    observed = measured.observed[s]
    caution = ""
    if measured.corrupted:
        caution = " Answers were corrupted on purpose, so task accuracy falls by that too."
    elif measured.changed:
        caution = " Controls changed in mid-run: the risk holds what they did, too."
    sentence = measured.trend.sentence()
    if observed.turn is not None and observed.turn <= measured.first_turns:
        return (
            f"H_{s} lies within the turns that p is measured on: there is nothing left to predict. "
            f"{sentence[0].upper()}{sentence[1:]}.{caution}"
        )
    predicted = measured.predicted(s)
    apart = (
        " It fails sooner than constant accuracy predicts."
        if observed.high is not None and predicted.low is not None and observed.high < predicted.low
        else " It lasts longer than constant accuracy predicts."
        if predicted.high is not None and (observed.low or measured.turns) > predicted.high
        else ""
    )
    return f"{sentence[0].upper()}{sentence[1:]}.{apart}{caution}"
