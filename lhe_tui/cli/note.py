"""`lhe-tui note`: a word on a session, a sample or a turn, kept in the session's file."""

from __future__ import annotations

import argparse

from lhe_tui.cli.annotating import add_annotation_options, annotate_by
from lhe_tui.cli.parsing import whole_number

NAME = "note"
HELP = "write a note on a session, a sample or a turn"
DESCRIPTION = (
    "Append a note to a session's file, with the time and its author. It changes no figure; report, inspect, replay, "
    "the HTML export and the list of sessions show it."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE, the text, and what it is about."""
    add_annotation_options(parser)
    parser.add_argument("text", metavar="TEXT", help="the note")
    parser.add_argument("--sample", type=whole_number, metavar="N", help="the note is about one sample")
    parser.add_argument("--turn", type=whole_number, metavar="T", help="the note is about one turn of it")


def run(options: argparse.Namespace) -> int:
    """Append the note. Raises LheError."""
    return annotate_by(options, [options.text], "note", "noted")
