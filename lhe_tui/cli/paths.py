"""`lhe-tui paths`: where settings, sessions and crash logs lie."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE
from lhe_tui.cli.output import result

NAME = "paths"
HELP = "print where settings, sessions and crash logs lie"
DESCRIPTION = "Print where lhe-tui keeps things on this machine, one name and path on each line."


def add_options(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> int:
    """Print the paths."""
    from lhe_tui.launch.paths import config_file, crash_folder, data_folder, session_folder

    places = {
        "settings": config_file(),
        "new sessions": session_folder().absolute(),
        "data": data_folder(),
        "crash logs": crash_folder(),
    }
    for name, path in places.items():
        result(f"{name:<14}{path}")
    return DONE
