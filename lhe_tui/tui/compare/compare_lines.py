"""A comparison as lines: a row for each session, what the tests say, the settings that differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lhe_tui.charts.layout import MARKERS
from lhe_tui.experiments.comparison_words import pair_sentences
from lhe_tui.experiments.findings import horizon_words, measure_words
from lhe_tui.task.stats.horizon_bootstrap import BootstrapHorizon
from lhe_tui.task.stats.proportions import Horizon
from lhe_tui.text.counts import true_minus
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.text.widths import cells, pad
from lhe_tui.tui.compare.compare_reading import LETTERS, CompareFindings, ReadSession
from lhe_tui.tui.turn.run_words import task_words
from lhe_tui.tui.turn.verdict_words import model_name
from lhe_tui.tui.widgets.inks import Piece
from lhe_tui.tui.widgets.piece_lines import Line, heading, wrap

_MOST_OF_A_VALUE = 200


class TableColumns(NamedTuple):
    """Widths of the sessions' table; 0 leaves a column out."""

    file: int
    model: int
    task: int
    size: int
    half: int
    most: int
    accuracy: int

    @classmethod
    def for_width(cls, width: int) -> TableColumns:
        """What fits."""
        half = 16
        if width < 100:
            rest = width - 6 - half - 9 - 3
            return cls(rest // 2, rest - rest // 2, 0, 9, half, 0, 0)
        task = 22 if width >= 140 else 0
        rest = width - 6 - task - 9 - 2 * half - 15 - (6 if task else 5)
        return cls(rest // 2, rest - rest // 2, task, 9, half, half, 15)


def table_lines(
    paths: Sequence[str], sessions: Sequence[ReadSession], found: CompareFindings | None, width: int
) -> list[Line]:
    """The sessions with their letters; what is not known yet is `…`."""
    columns = TableColumns.for_width(width)
    heads = ("file", "model", "task", "turns×n", "H_0.5", "H_0.8", "turn accuracy")
    lines: list[Line] = [[("      " + _row(heads, columns), "dim")]]
    for number, path in enumerate(paths):
        line: Line = [(f" {MARKERS[number]} ", "plain"), (f"{LETTERS[number]}  ", "live")]
        if number < len(sessions):
            line.append((_row(_session_cells(sessions[number], found, number), columns), "plain"))
        else:
            line.append((pad(visible_path(path), columns.file) + " reading…", "dim"))
        lines.append(line)
    return lines


def _session_cells(session: ReadSession, found: CompareFindings | None, number: int) -> tuple[str, ...]:
    state = session.state
    spec = state.spec
    half = most = accuracy = "…"
    if found is not None:
        horizons = found.comparison.horizons[number]
        turns = max(1, state.complete_turns)
        half, most = (_horizon(horizons.get(s), turns) for s in (0.5, 0.8))
        measure = found.accuracies[number]
        accuracy = "—" if measure is None else measure_words(measure)
    return (
        session.path.name,
        model_name(state.header.controls.model),
        task_words(spec, state.header.controls.mode),
        f"{spec.turns}×{spec.samples}",
        half,
        most,
        accuracy,
    )


def _horizon(found: BootstrapHorizon | None, turns: int) -> str:
    return "—" if found is None else horizon_words(Horizon(found.turn, found.low, found.high), turns)


def _row(values: Sequence[str], columns: TableColumns) -> str:
    return " ".join(pad(visible(v), w) for v, w in zip(values, columns, strict=True) if w)


def findings_lines(sessions: Sequence[ReadSession], found: CompareFindings | None, width: int) -> list[Line]:
    """Every pair in words, then the settings that differ."""
    if found is None:
        return [[("counting, resampling and testing…", "dim")]]
    comparison = found.comparison
    first = comparison.sessions[0].name
    lines: list[Line] = []
    if not comparison.same_plans:
        words = (
            "They did not go through the same plans: no turn stands beside another, and no paired test can be made. "
            "Sessions of one task and seed (forks, arms, cells of an experiment) have the same plans."
        )
        lines += [heading("not the same plans", width), *wrap([(words, "plain")], width), []]
    for pair in comparison.pairs:
        lines.append(heading(f"{pair.name} against {first}", width))
        for number, sentence in enumerate(pair_sentences(comparison, pair)):
            ink: Piece = (visible(true_minus(sentence)), "strong" if number == 0 else "plain")
            lines += wrap([(" · ", "dim"), ink], width, indent=3)
        lines.append([])
    lines += settings_lines(comparison.differing, [s.letter for s in sessions], width)
    for session in sessions:
        for warning in session.warnings:
            words = f"{session.letter}: {visible(warning, limit=300)}"
            lines += [[], *wrap([("! ", "injected"), (words, "dim")], width, indent=2)]
    return lines


def settings_lines(
    differing: Sequence[tuple[str, tuple[str, ...]]], letters: Sequence[str], width: int
) -> list[Line]:
    """A small table where it fits; long values a line each."""
    lines: list[Line] = [heading("settings that differ", width)]
    if not differing:
        return [*lines, [(" none: the same settings in all", "dim")]]
    name_width = max(cells(name) for name, _ in differing) + 1
    shown = [
        (name, [visible(value, limit=_MOST_OF_A_VALUE) for value in values]) for name, values in differing
    ]
    room = (width - name_width - 1) // len(letters)
    if room >= 6:
        head = "".join(pad(letter, room) for letter in letters)
        lines.append([(" " + " " * name_width + head, "dim")])
    for name, values in shown:
        if max(cells(value) for value in values) < room:
            lines.append(
                [
                    (f" {pad(name, name_width)}", "dim"),
                    ("".join(pad(value, room) for value in values), "plain"),
                ]
            )
            continue
        lines.append([(f" {name}", "dim")])
        for letter, value in zip(letters, values, strict=True):
            lines += wrap([(f"   {letter}  ", "live"), (value, "plain")], width, indent=6)
    return lines
