"""The pictures of an HTML report: accuracy, the grid of samples × turns, the running sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from lhe_tui.charts.data import Mark
from lhe_tui.charts.run_curves import accuracy_chart, control_marks, corrupted_in_view, running_sum_chart
from lhe_tui.engine.state import RunState, SampleState, TurnRecord
from lhe_tui.record.exporting.html_words import share, whole
from lhe_tui.record.exporting.svg_chart import Figure, svg_figure
from lhe_tui.task.answers import gap
from lhe_tui.text.visible import html_text

MULTIPLES: Final = 12
"""Samples whose running sums are drawn."""
STRIP_ROWS: Final = 100
STRIP_COLUMNS: Final = 200
_LEVELS: Final = ("given", "correct", "wrong", "odd", "failed")
"""What a cell of the grid shows, each a shape of its own; of several turns the last in this order."""


def accuracy_figure(state: RunState, report: Mapping[str, Any]) -> dict[str, Any]:
    """The accuracy curves, laid out once for wide pages and once for narrow ones."""
    chart = accuracy_chart(state, each_turn=True)
    words = _accuracy_words(state, report)
    wide = Figure(chart, "Turn accuracy and task accuracy over turns", words, "accuracy", 1080, 400)
    slim = replace(wide, name="accuracy-slim", width=380, height=360)
    return {"wide": _svg(wide), "slim": _svg(slim), "dimmed": corrupted_in_view(state)}


def _svg(figure: Figure) -> Markup:
    return Markup(svg_figure(figure))


def _accuracy_words(state: RunState, report: Mapping[str, Any]) -> str:
    """The chart in words, for who cannot see it."""
    known = [(turn, rate) for turn, rate in enumerate(report["turn_accuracy"], 1) if rate is not None]
    if not known:
        return "No turn was answered."
    task = report["task_accuracy"]
    (first, start), (last, end) = known[0], known[-1]
    words = f"Turn accuracy goes from {share(start)} at turn {first} to {share(end)} at turn {last}; "
    words += f"task accuracy from {share(task[first - 1])} to {share(task[last - 1])}."
    marks = [f"turn {mark.x:g}: {mark.label}" for mark in control_marks(state)]
    return words + (f" Controls change at {'; '.join(marks)}." if marks else "")


def strip_figure(state: RunState) -> dict[str, str]:
    """Samples × turns: one row a sample, one shape a turn."""
    turns = state.spec.turns
    per_cell = -(-turns // STRIP_COLUMNS)
    columns = -(-turns // per_cell)
    cell = max(7.0, min(14.0, 1000 / columns))
    shown = state.samples[:STRIP_ROWS]
    left, top = 34.0, 8.0
    width, height = left + columns * cell + 10, top + len(shown) * cell + 24
    shapes: dict[str, list[str]] = {level: [] for level in _LEVELS}
    for row, sample in enumerate(shown):
        for column, level in _cells(sample, per_cell):
            shapes[level].append(_shape(level, left + column * cell, top + row * cell, cell))
    parts = [f'<path class="{level}" d="{"".join(found)}"/>' for level, found in shapes.items() if found]
    parts += _strip_axes(state, len(shown), per_cell, (left, top, cell))
    svg = (
        f'<svg class="strip" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" aria-labelledby="strip-title"><title id="strip-title">Outcome of every turn of every sample'
        f"</title>{''.join(parts)}</svg>"
    )
    return {"svg": Markup(svg), "words": _strip_words(state, per_cell)}


def _cells(sample: SampleState, per_cell: int) -> list[tuple[int, str]]:
    """(column, level) of each cell that holds a finished turn, the worst of its turns."""
    worst: dict[int, int] = {}
    for record in sample.turns:
        column = (record.turn - 1) // per_cell
        worst[column] = max(worst.get(column, 0), _LEVELS.index(_level(record)))
    return [(column, _LEVELS[level]) for column, level in worst.items()]


def _level(record: TurnRecord) -> str:
    if record.event.edited:
        return "given"
    return str(record.outcome) if record.outcome in ("correct", "wrong", "failed") else "odd"


def _shape(level: str, x: float, y: float, cell: float) -> str:
    """■ correct, □ wrong, ! no number, × no reply, ○ given."""
    room = cell - 2.4
    x, y = x + 1.2, y + 1.2
    if level == "correct":
        return f"M{x:.1f} {y:.1f}h{room:.1f}v{room:.1f}h-{room:.1f}z"
    if level == "wrong":
        inner = room - 1.4
        return f"M{x + 0.7:.1f} {y + 0.7:.1f}h{inner:.1f}v{inner:.1f}h-{inner:.1f}z"
    if level == "odd":
        middle = x + room / 2
        return f"M{middle:.1f} {y:.1f}v{room * 0.62:.1f}m0 {room * 0.2:.1f}v{room * 0.18:.1f}"
    if level == "failed":
        return f"M{x:.1f} {y:.1f}l{room:.1f} {room:.1f}m-{room:.1f} 0l{room:.1f} -{room:.1f}"
    radius = room / 3
    return (
        f"M{x + room / 2 - radius:.1f} {y + room / 2:.1f}a{radius:.1f} {radius:.1f} 0 1 0 {2 * radius:.1f} 0"
        f"a{radius:.1f} {radius:.1f} 0 1 0 -{2 * radius:.1f} 0"
    )


def _strip_axes(state: RunState, rows: int, per_cell: int, place: tuple[float, float, float]) -> list[str]:
    left, top, cell = place
    bottom = top + rows * cell
    every = next(step for step in (1, 2, 5, 10, 20, 50) if step * cell >= 14)
    parts = []
    for row in range(rows):
        if (row + 1) % every == 0 or (row == 0 and every > 2):
            y = top + (row + 0.5) * cell + 4
            parts.append(f'<text class="tick y" x="{left - 6:.1f}" y="{y:.1f}">{row + 1}</text>')
    step = next(
        step for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if step / per_cell * cell >= 34
    )
    turns = sorted({1, *range(step, state.spec.turns + 1, step)})
    for turn in turns:
        x = left + ((turn - 1) // per_cell + 0.5) * cell
        parts.append(f'<text class="tick x" x="{x:.1f}" y="{bottom + 16:.1f}">{turn}</text>')
    for mark in control_marks(state):
        x = left + (mark.x - 1) // per_cell * cell
        words = html_text(f"turn {mark.x:g}: {mark.label}", limit=300)
        parts.append(
            f'<path class="mark" d="M{x:.1f} {top - 5:.1f}V{bottom + 3:.1f}"><title>{words}</title></path>'
        )
    return parts


def _strip_words(state: RunState, per_cell: int) -> str:
    words = (
        "One row a sample, one column a turn. ■ correct  □ wrong  ! no number in the reply  × no reply at all"
    )
    if any(record.event.edited for sample in state.samples for record in sample.turns):
        words += "  ○ given, not the model's"
    if per_cell > 1:
        words += f". A cell is the worst of {per_cell} turns"
    if len(state.samples) > STRIP_ROWS:
        words += f". The first {STRIP_ROWS} of {len(state.samples):,} samples are shown"
    if state.changes:
        words += ". Dashed lines: controls change"
    return words + "."


def sum_figures(state: RunState) -> list[dict[str, str]]:
    """The running sum of the first samples against the truth, each small with its words."""
    pictures: list[dict[str, str]] = []
    if not state.task.variant.has_integers:
        return pictures
    for number, sample in enumerate(state.samples[:MULTIPLES], 1):
        if sample.turns:
            chart = running_sum_chart(state, number)
            bare = replace(chart, legend=False, x_label="", marks=[Mark(mark.x) for mark in chart.marks])
            words = _drift_words(sample)
            title = f"Sample {number}: the model's running sum against the true one"
            svg = _svg(Figure(bare, title, words, f"sum-{number}", 300, 150))
            pictures.append({"svg": svg, "words": f"sample {number} · {words}"})
    return pictures


def _drift_words(sample: SampleState) -> str:
    left = next(
        (record.turn for record in sample.turns if not record.absolute and record.outcome != "failed"), None
    )
    if left is None:
        return "never left the true sum"
    last = sample.turns[-1]
    words = f"left the true sum at turn {left}"
    if last.number is None:
        return words
    off = gap(last.number, last.truth)
    return f"{words}, at the end off by {whole(off)}" if off else f"{words}, on it at the end"
