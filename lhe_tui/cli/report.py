"""`lhe-tui report`: a session's figures, in words and a chart or as JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import message, result_json
from lhe_tui.cli.parsing import session_file

if TYPE_CHECKING:
    from lhe_tui.record.read import Recording

NAME = "report"
HELP = "print the figures of a session or an experiment"
DESCRIPTION = (
    "Print a session's accuracy curves, horizon lengths and outcomes, or all that an experiment's folder has measured "
    "so far."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE and how it is scored."""
    parser.add_argument("file", type=session_file, metavar="FILE|FOLDER", help="a session")
    parser.add_argument(
        "--rules",
        choices=("strict", "reference"),
        help="score by this tool's rules or the published harness's (default: as the session says)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document (lhe-report/1)")


def run(options: argparse.Namespace) -> int:
    """Print the report. Raises CommandError."""
    if options.file.is_dir():
        return _report_folder(options)
    from lhe_tui.cli.session_place import read_recording
    from lhe_tui.record.json_text import to_json
    from lhe_tui.record.report import report

    recording = read_recording(options.file)
    say_damage(recording)
    state = recording.state
    document = report(state, options.rules or state.header.rules)
    if options.json:
        result_json(to_json(document))
        return DONE
    from lhe_tui.cli.summary import print_summary

    print_summary(state, document)
    return DONE


def _report_folder(options: argparse.Namespace) -> int:
    from lhe_tui.cli.experiment_folder import experiment_json, print_folder, read_folder

    if options.rules:
        raise UsageError("--rules scores one session: a folder's cells are scored by their own")
    experiment = read_folder(options.file)
    if options.json:
        result_json(experiment_json(experiment))
    else:
        print_folder(experiment)
    return DONE


def say_damage(recording: Recording) -> None:
    """Say on stderr what is wrong with a session, or could not be read of it."""
    for words in recording.warnings:
        message(f"note: {words}")
