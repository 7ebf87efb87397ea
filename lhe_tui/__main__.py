"""The `lhe-tui` command, and `python -m lhe_tui`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (DESIGN §7)."""
    from lhe_tui.cli.command_line import run_command_line

    return run_command_line(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
