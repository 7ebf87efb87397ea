"""`lhe-tui title`: what a session is called."""

from __future__ import annotations

import argparse

from lhe_tui.cli.annotating import add_annotation_options, annotate_by

NAME = "title"
HELP = "give a session a title"
DESCRIPTION = (
    "Append a title to a session's file; it takes the place of the one before, and '' takes it away."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE and the title."""
    add_annotation_options(parser)
    parser.add_argument("text", metavar="TEXT", help="the title: one line")


def run(options: argparse.Namespace) -> int:
    """Append the title. Raises LheError."""
    return annotate_by(options, [options.text], "title", "titled")
