"""A session in the forms that other programs and people take it in: one file per format, nothing written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lhe_tui.charts.run_curves import accuracy_chart, running_sum_chart
from lhe_tui.engine.state import RunState
from lhe_tui.record.datasets import dataset_document
from lhe_tui.record.exporting.export_csv import csv_text
from lhe_tui.record.exporting.export_parquet import parquet_data
from lhe_tui.record.exporting.repeat_words import RepeatWords
from lhe_tui.record.exporting.svg_chart import Figure, svg_document
from lhe_tui.record.json_text import to_json
from lhe_tui.record.report import report, rescored
from lhe_tui.task.scoring import Rules

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "csv": "one row per sample and turn",
        "json": "the report, lhe-report/1",
        "svg": "the charts",
        "html": "a report that stands alone",
        "dataset": "the task, as the published generator writes it",
        "parquet": "one row per sample and turn, typed",
        "inspect": "a log of inspect_ai",
    }
)
"""Every format and what it holds."""
SVG_SAMPLES: Final = 4
"""Samples whose running sums are drawn under the accuracy chart."""


NO_TEXT: Final = ("parquet", "inspect")
"""Formats whose files are no text."""


def export_data(
    state: RunState,
    to: str,
    *,
    rules: Rules | None = None,
    file: str = "SESSION.jsonl",
    warnings: Sequence[str] = (),
    repeat: Callable[[RunState, str], RepeatWords] | None = None,
) -> str | bytes:
    """What a format's file holds. `file` is the session's name, `warnings` what of it could not be read.

    `repeat` says for a session and its name how it is run again; a page tells it.

    `rules` None scores as the session says. Raises KeyError for a format that is not in FORMATS, and
    ExportError where the session, or a package that is missing, does not allow it.
    """
    scored = rescored(state, rules or state.rules)
    # pydantic and jinja2 cost a tenth and a twentieth of a second.
    from lhe_tui.record.exporting.export_inspect import inspect_log_data
    from lhe_tui.record.exporting.html_report import html_report

    makers: dict[str, Callable[[], str | bytes]] = {
        "csv": lambda: csv_text([("", scored)]),
        "json": lambda: to_json(report(scored, scored.rules)) + "\n",
        "svg": lambda: svg_text(scored),
        "html": lambda: html_report(
            scored, file=file, warnings=warnings, repeat=repeat(state, file) if repeat else None
        ),
        "dataset": lambda: to_json(dataset_document(state.task)) + "\n",
        "parquet": lambda: parquet_data([("", scored)]),
        "inspect": lambda: inspect_log_data(scored),
    }
    return makers[to]()


def svg_text(state: RunState) -> str:
    """The accuracy chart, and the running sums of the first samples, as one picture."""
    header, spec = state.header, state.spec
    simulated = " (simulated)" if header.simulated else ""
    size = f"{spec.turns} turns × {spec.samples} samples"
    task = f"{spec.variant} K={spec.turn_complexity} {header.controls.mode}"
    title = f"{header.controls.model}{simulated} · {task} · {size}"
    words = "Turn accuracy with its Wilson 95 % interval, task accuracy, and p^t: what constant accuracy would give."
    figures = [Figure(accuracy_chart(state, each_turn=True), title, words, "accuracy", 900, 400)]
    sums = SVG_SAMPLES if state.task.variant.has_integers else 0
    for number in range(1, min(sums, len(state.samples)) + 1):
        chart = running_sum_chart(state, number)
        words = "The model's answers against the true running sum."
        figures.append(Figure(chart, f"sample {number}: running sum", words, f"sum-{number}", 900, 230))
    return svg_document(figures)
