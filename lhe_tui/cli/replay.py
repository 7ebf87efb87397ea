"""`lhe-tui replay`: a recorded session on the run screen, with play, pause, step and seek."""

from __future__ import annotations

import argparse

from lhe_tui.cli.parsing import positive_number, session_file

NAME = "replay"
HELP = "watch a recorded session in the app"
DESCRIPTION = "Open a recorded session on the run screen: play, pause, step, seek. No model is asked."


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE and the speed."""
    parser.add_argument("file", type=session_file, metavar="FILE", help="a session")
    parser.add_argument(
        "--speed", type=positive_number, default=1.0, metavar="X", help="times the recorded pace (default 1)"
    )


def run(options: argparse.Namespace) -> int:
    """Open the app. Raises CommandError."""
    from lhe_tui.cli.open_app import need_terminal, replay_session

    need_terminal("print its figures by `lhe-tui report`, its turns by `lhe-tui inspect`")
    from lhe_tui.cli.session_place import check_is_session

    check_is_session(options.file)
    return replay_session(options.file, options.speed)
