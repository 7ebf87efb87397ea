"""What the commands note, title and tag have in common: they append to a session's file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, RunFailed
from lhe_tui.cli.output import message
from lhe_tui.cli.parsing import session_file

if TYPE_CHECKING:
    from lhe_tui.record.annotations import Kind


def add_annotation_options(parser: argparse.ArgumentParser) -> None:
    """FILE and who writes."""
    parser.add_argument("file", type=session_file, metavar="FILE", help="a session")
    parser.add_argument("--author", metavar="NAME", help="who writes it (default: who is logged in)")


def annotate_by(options: argparse.Namespace, texts: Sequence[str], kind: Kind, said: str) -> int:
    """Append the texts, and say so. Raises LheError."""
    from lhe_tui.record.annotations import annotate

    place = {name: getattr(options, name, None) for name in ("sample", "turn", "author")}
    try:
        annotate(options.file, texts, kind, **place)
    except OSError as error:
        raise RunFailed(f"{options.file} cannot be written: {error.strerror or error}") from None
    message(f"{said}: {options.file}")
    return DONE
