"""`lhe-tui schema`: the session format, for who writes a reader of it."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE
from lhe_tui.cli.output import result_json

NAME = "schema"
HELP = "print the session format as a JSON Schema"
DESCRIPTION = "Print the JSON Schema of one line of a session file: the header, or an event."


def add_options(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    from lhe_tui.record.json_text import to_json
    from lhe_tui.record.session_format import session_schema

    result_json(to_json(session_schema()))
    return DONE
