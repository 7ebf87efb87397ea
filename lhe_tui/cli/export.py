"""`lhe-tui export`: a session as a table, a report, a picture, a page or a task."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE
from lhe_tui.cli.out_file import STDOUT, check_out, write_out
from lhe_tui.cli.output import message
from lhe_tui.cli.parsing import file_path

NAME = "export"
HELP = "hand a session on: csv, json, svg, html or dataset"
DESCRIPTION = (
    "Write a session as csv (one row per sample and turn), json (the report), svg (the charts), html (a report that "
    "stands alone: no script, no network) or dataset (the task, as the published generator writes it)."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE, the format and where it goes."""
    add = parser.add_argument
    add("file", type=file_path, metavar="FILE", help="a session")
    # The names stand here, and not in the exporters, so that --help need not load them; a test holds them together.
    add("--to", required=True, choices=("csv", "json", "svg", "html", "dataset"), help="the format")
    add("--out", type=file_path, required=True, metavar="PATH", help="the file to write; - is stdout")
    add(
        "--rules",
        choices=("strict", "reference"),
        help="score by this tool's rules or the published harness's (default: as the session says)",
    )
    add("--force", action="store_true", help="write over a file that exists")


def run(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all. Raises CommandError."""
    from lhe_tui.cli.report import say_damage
    from lhe_tui.cli.session_place import read_recording

    check_out(options.out, force=options.force, source=options.file)
    recording = read_recording(options.file)
    say_damage(recording)
    from lhe_tui.record.exporting.exporters import FORMATS, export_text

    text = export_text(
        recording.state,
        options.to,
        rules=options.rules,
        file=options.file.name,
        warnings=recording.warnings,
    )
    write_out(options.out, text, force=options.force)
    if options.out != STDOUT:
        message(f"{FORMATS[options.to]}: written to {options.out}")
    return DONE
