"""`lhe-tui export`: a session as a table, a report, a picture, a page or a task."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.out_file import STDOUT, check_out, write_out
from lhe_tui.cli.output import message
from lhe_tui.cli.parsing import file_path, session_file

NAME = "export"
HELP = "hand a session on: csv, parquet, json, svg, html, dataset or a log of inspect_ai"
DESCRIPTION = (
    "Write a session as csv (one row per sample and turn), json (the report), svg (the charts), html (a report that "
    "stands alone: no script, no network) or dataset (the task, as the published generator writes it), "
    "parquet (the rows of csv with types, by the extra parquet) or inspect (an .eval log of inspect_ai, by the extra "
    "inspect). An experiment's FOLDER is written as csv or parquet (every cell's turns) or json (what it measured)."
)
_OF_FOLDERS = ("csv", "parquet", "json")


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE, the format and where it goes."""
    add = parser.add_argument
    add("file", type=session_file, metavar="FILE|FOLDER", help="a session")
    # The names stand here, and not in the exporters, so that --help need not load them; a test holds them together.
    add(
        "--to",
        required=True,
        choices=("csv", "json", "svg", "html", "dataset", "parquet", "inspect"),
        help="the format",
    )
    add("--out", type=file_path, required=True, metavar="PATH", help="the file to write; - is stdout")
    add(
        "--rules",
        choices=("strict", "reference"),
        help="score by this tool's rules or the published harness's (default: as the session says)",
    )
    add("--force", action="store_true", help="write over a file that exists")


def run(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all. Raises CommandError."""
    check_out(options.out, force=options.force, source=options.file)
    from lhe_tui.record.exporting.exporters import FORMATS, NO_TEXT

    if options.out == STDOUT and options.to in NO_TEXT:
        raise UsageError(f"--to {options.to} is no text and does not go to stdout: name a file with --out")
    data = _of_folder(options) if options.file.is_dir() else _of_session(options)
    write_out(options.out, data, force=options.force)
    if options.out != STDOUT:
        message(f"{FORMATS[options.to]}: written to {options.out}")
    return DONE


def _of_session(options: argparse.Namespace) -> str | bytes:
    from lhe_tui.cli.report import say_damage
    from lhe_tui.cli.session_place import read_recording
    from lhe_tui.record.exporting.exporters import export_data

    recording = read_recording(options.file)
    say_damage(recording)
    from lhe_tui.launch.repeat import repeat_words

    return export_data(
        recording.state,
        options.to,
        rules=options.rules,
        file=options.file.name,
        warnings=recording.warnings,
        repeat=repeat_words,
    )


def _of_folder(options: argparse.Namespace) -> str | bytes:
    """All cells of an experiment at once."""
    from lhe_tui.cli.experiment_folder import experiment_json, read_folder
    from lhe_tui.experiments.recorded import sessions_of
    from lhe_tui.record.exporting.export_csv import csv_text
    from lhe_tui.record.exporting.export_parquet import parquet_data
    from lhe_tui.record.report import rescored

    if options.to not in _OF_FOLDERS:
        raise UsageError(
            f"--to {options.to} is of one session, and {options.file} is a folder: name a session in it, or export "
            f"{' or '.join(_OF_FOLDERS)}"
        )
    experiment = read_folder(options.file)
    if options.to == "json":
        return experiment_json(experiment) + "\n"
    runs = sessions_of(experiment)
    named = ((run.cell.name, rescored(run.state, options.rules or run.state.rules)) for run in runs)
    return parquet_data(named) if options.to == "parquet" else csv_text(named)
