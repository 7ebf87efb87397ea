"""`lhe-tui compare`: two to six sessions side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import command, message, result, result_json
from lhe_tui.cli.parsing import session_file

if TYPE_CHECKING:
    from lhe_tui.experiments.comparison import Compared, Comparison

NAME = "compare"
HELP = "two to six sessions side by side"
DESCRIPTION = (
    "Compare two to six sessions: their curves overlaid, the settings that differ, and, where they went through the "
    "same plans, paired tests against the first one and the first turn at which they part. A FOLDER is an experiment: "
    "each of its cells stands beside those that differ from it in one setting alone."
)
_TURNS_AROUND = 3


def add_options(parser: argparse.ArgumentParser) -> None:
    """The files."""
    parser.add_argument("file", nargs="+", type=session_file, metavar="FILE|FOLDER", help="a session")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print the comparison. Raises CommandError."""
    files: list[Path] = options.file
    folders = [path for path in files if path.is_dir()]
    if not folders:
        comparison = _compared(files)
        if options.json:
            _print_json(_document(comparison, files))
        else:
            _print(comparison, files)
        return DONE
    if len(files) > 1:
        raise UsageError(f"{folders[0]} is a folder: compare it alone, or name its sessions")
    _compare_folder(folders[0], as_json=options.json)
    return DONE


def _compare_folder(folder: Path, *, as_json: bool) -> None:
    from lhe_tui.cli.experiment_folder import fair_comparisons

    groups = fair_comparisons(folder)
    if as_json:
        documents = [_document(_compared(files), files) for files in groups]
        _print_json({"format": "lhe-comparisons/1", "folder": str(folder), "comparisons": documents})
        return
    for place, files in enumerate(groups):
        if place:
            result()
        _print(_compared(files), files)


def _compared(files: list[Path]) -> Comparison:
    from lhe_tui.experiments.comparison import FEWEST, MOST, compare

    if not FEWEST <= len(files) <= MOST:
        raise UsageError(f"compare takes {FEWEST} to {MOST} sessions, not {len(files)}")
    return compare(_read(files))


def _document(comparison: Comparison, files: list[Path]) -> dict[str, Any]:
    from lhe_tui.experiments.comparison_words import comparison_document

    return {**comparison_document(comparison), "files": [str(path) for path in files]}


def _print_json(document: dict[str, Any]) -> None:
    from lhe_tui.record.json_text import to_json

    result_json(to_json(document))


def _read(files: list[Path]) -> list[Compared]:
    from lhe_tui.cli.session_place import read_recording
    from lhe_tui.experiments.comparison import Compared

    sessions = []
    for path, name in zip(files, _names(files), strict=True):
        recording = read_recording(path)
        for words in recording.warnings:
            message(f"note: {path}: {words}")
        sessions.append(Compared(name, recording.state))
    return sessions


def _names(files: list[Path]) -> list[str]:
    """Short names that tell the files apart: the file's own, with its folder or number where two share one."""
    stems = [path.stem for path in files]
    if len(set(stems)) == len(files):
        return stems
    longer = [f"{path.parent.name}/{path.stem}" for path in files]
    return longer if len(set(longer)) == len(files) else [f"{n} {name}" for n, name in enumerate(stems, 1)]


def _print(comparison: Comparison, files: list[Path]) -> None:
    from lhe_tui.cli.experiment_summary import print_chart
    from lhe_tui.experiments.comparison_words import comparison_chart, horizon_line, pair_sentences

    print_chart(comparison_chart(comparison.sessions, "turn"))
    result()
    print_chart(comparison_chart(comparison.sessions, "task"))
    result()
    for compared, horizons in zip(comparison.sessions, comparison.horizons, strict=True):
        said = " · ".join([compared.state.header.controls.model, *horizon_line(compared, horizons)])
        result(f"{compared.name}: {said}")
    _print_settings(comparison)
    if not comparison.same_plans:
        result()
        result("They did not go through the same plans: no paired test, and no turn stands beside another.")
        return
    for pair, path in zip(comparison.pairs, files[1:], strict=True):
        result()
        result(f"{pair.name} beside {comparison.sessions[0].name}")
        for line in pair_sentences(comparison, pair):
            result(f"  {line}")
        if pair.divergence is not None:
            sample, turn = pair.divergence
            where = ("--sample", str(sample), "--turn", str(turn))
            result(f"  look at it: {command('inspect', path, *where)}")
    _print_turns(comparison)


def _print_settings(comparison: Comparison) -> None:
    from lhe_tui.cli.experiment_summary import print_table

    result()
    if not comparison.differing:
        result("No setting differs.")
        return
    heads = ("setting", *(compared.name for compared in comparison.sessions))
    print_table(heads, [(name, *values) for name, values in comparison.differing])


def _print_turns(comparison: Comparison) -> None:
    """The turns around the first divergence of any pair, side by side."""
    from lhe_tui.cli.experiment_summary import print_table
    from lhe_tui.experiments.comparison import aligned_turns
    from lhe_tui.task.answers import written

    parted = [pair.divergence for pair in comparison.pairs if pair.divergence is not None]
    if not parted:
        return
    sample, turn = min(parted, key=lambda place: (place[1], place[0]))
    rows = []
    for number, records in aligned_turns(comparison.sessions, sample):
        if abs(number - turn) <= _TURNS_AROUND:
            told = [
                "—"
                if record is None
                else f"{'✓' if record.outcome == 'correct' else '✗'} "
                f"{record.outcome.replace('_', ' ') if record.number is None else written(record.number)}"
                for record in records
            ]
            rows.append((f"{'→' if number == turn else ' '} {number}", *told))
    result()
    result(f"sample {sample} around turn {turn}, where they part first")
    print_table(("  turn", *(compared.name for compared in comparison.sessions)), rows)
