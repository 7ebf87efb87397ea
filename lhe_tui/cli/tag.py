"""`lhe-tui tag`: words by which sessions are found."""

from __future__ import annotations

import argparse

from lhe_tui.cli.annotating import add_annotation_options, annotate_by

NAME = "tag"
HELP = "tag a session, or take tags away"
DESCRIPTION = "Append tags to a session's file; the list of sessions finds it by them."


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE and the tags."""
    add_annotation_options(parser)
    parser.add_argument("tag", nargs="+", metavar="TAG", help="a word")
    parser.add_argument("--remove", action="store_true", help="take these tags away")


def run(options: argparse.Namespace) -> int:
    """Append the tags. Raises LheError."""
    if options.remove:
        return annotate_by(options, options.tag, "untag", "tags taken away")
    return annotate_by(options, options.tag, "tag", "tagged")
