"""The `lhe-tui` command, and `python -m lhe_tui`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Objects made, and rounds, between collections: a screen makes so many that Python's own 700 costs a fifth of it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    from lhe_tui.cli.command_line import run_command_line

    return run_command_line(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
