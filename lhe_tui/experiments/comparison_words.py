"""A comparison in words, as a chart and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.charts.scale import smooth
from lhe_tui.experiments.comparison import FEWEST, Compared, Comparison, Pair
from lhe_tui.experiments.findings import horizon_words, unseen_words
from lhe_tui.task.scoring import Curve, TurnTally, accuracies, intervals
from lhe_tui.task.stats.horizon_bootstrap import BootstrapHorizon
from lhe_tui.task.stats.proportions import Horizon

_SMOOTHED_FROM = 20


def comparison_chart(sessions: Sequence[Compared], curve: Curve, *, bands: bool | None = None) -> Chart:
    """The sessions' curves overlaid; marks where the first one's controls changed. `bands` None: of two sessions."""
    banded = len(sessions) == FEWEST if bands is None else bands
    longest = max((c.state.spec.turns for c in sessions), default=2)
    calm = curve == "turn" and longest >= _SMOOTHED_FROM
    series = []
    for number, compared in enumerate(sessions, 1):
        tallies = compared.state.tallies
        values = accuracies(tallies, curve)
        band = _band(tallies, curve, calm) if banded else None
        shown = smooth(values) if calm else values
        series.append(
            Series(
                list(enumerate(shown, 1)),
                compared.name,
                str(number),
                band=band,
            )
        )
    return Chart(
        series,
        title=f"{curve} accuracy" + (", 5-turn mean" if calm else ""),
        marks=[Mark(turn) for turn in sorted({e.turn for c in sessions[:1] for e in c.state.changes})],
        x_label="turn",
        x_range=(1, max(2, longest)),
        y_range=(0, 1),
        y_percent=True,
    )


def _band(tallies: Sequence[TurnTally], curve: Curve, calm: bool) -> list[tuple[float, float, float]]:
    found = intervals(tallies, curve)
    lows: list[float | None] = [None if interval is None else interval.low for interval in found]
    highs: list[float | None] = [None if interval is None else interval.high for interval in found]
    if calm:
        lows, highs = smooth(lows), smooth(highs)
    return [
        (float(turn), low, high)
        for turn, (low, high) in enumerate(zip(lows, highs, strict=True), 1)
        if low is not None and high is not None
    ]


def pair_sentences(comparison: Comparison, pair: Pair) -> list[str]:
    """What is known of one session beside the first, in words."""
    first = comparison.sessions[0].name
    lines = [_accuracy_sentence(pair, first), _test_sentence(pair)]
    for s, found in pair.horizons.items():
        if found is not None:
            bound = ", a bound where it lies beyond the turns run" if found.censored else ""
            lines.append(
                f"H_{s}: {found.difference:+d} turns [{found.low:+d}, {found.high:+d}] "
                f"(paired bootstrap, {found.samples} samples{bound})"
            )
    if pair.divergence is None:
        lines.append("the answers are the same on every turn that both have")
    else:
        sample, turn = pair.divergence
        lines.append(f"first divergence: turn {turn}, sample {sample}")
    return lines


def _accuracy_sentence(pair: Pair, first: str) -> str:
    found = pair.turn_accuracy
    if found is None:
        return "no turn has been scored in both"
    said = f"turn accuracy {found.difference * 100:+.1f} points against {first}"
    if found.low is None or found.high is None:
        return f"{said}: one sample only, no interval"
    said += (
        f" [{found.low * 100:+.1f}, {found.high * 100:+.1f}], {found.samples} samples, {found.turns:,} turns"
    )
    if not found.low <= 0 <= found.high:
        return said
    return f"{said}: {unseen_words(found.low, found.high, pair.needed)}"


def _test_sentence(pair: Pair) -> str:
    test = pair.pooled
    exact = "exact McNemar" if test.exact else "McNemar"
    said = (
        f"{test.second_only:,} turns right here alone, {test.first_only:,} there alone: "
        f"{exact} by sample, {p_words(test.p_value)}"
    )
    clear = [turn for turn, found in pair.by_turn.items() if found.p_value < 0.05]
    if not clear:
        return f"{said}; no single turn differs clearly"
    some = ", ".join(map(str, clear[:8])) + (", …" if len(clear) > 8 else "")
    return f"{said}; turns that differ by themselves (Holm): {some}"


def p_words(p: float) -> str:
    """`p = 0.03`, `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values, for `compare --json`."""
    return {
        "format": "lhe-comparison/1",
        "sessions": [
            {
                "name": compared.name,
                "model": compared.state.header.controls.model,
                "session_id": compared.state.header.session,
                "horizon": {str(s): found._asdict() for s, found in horizons.items()},
            }
            for compared, horizons in zip(comparison.sessions, comparison.horizons, strict=True)
        ],
        "same_plans": comparison.same_plans,
        "differing": [{"setting": name, "values": list(values)} for name, values in comparison.differing],
        "pairs": [_pair_document(comparison, pair) for pair in comparison.pairs],
    }


def _pair_document(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    divergence = pair.divergence
    return {
        "first": comparison.sessions[0].name,
        "second": pair.name,
        "turn_accuracy": None if pair.turn_accuracy is None else pair.turn_accuracy._asdict(),
        "mcnemar": pair.pooled._asdict(),
        "mcnemar_by_turn": [
            {"turn": turn, "first_only": t.first_only, "second_only": t.second_only, "p_holm": t.p_value}
            for turn, t in pair.by_turn.items()
        ],
        "horizon": {str(s): None if found is None else found._asdict() for s, found in pair.horizons.items()},
        "first_divergence": None if divergence is None else {"sample": divergence[0], "turn": divergence[1]},
        "samples_needed": None if pair.needed is None else pair.needed._asdict(),
        "sentences": pair_sentences(comparison, pair),
    }


def horizon_line(compared: Compared, horizons: Mapping[float, BootstrapHorizon]) -> list[str]:
    """`H_0.5 13 [9, 17]` and `H_0.8 5 [3, 7]`, with intervals by bootstrap over samples."""
    turns = max(1, compared.state.complete_turns)
    return [
        f"H_{s} {horizon_words(Horizon(found.turn, found.low, found.high), turns)}"
        for s, found in horizons.items()
    ]
