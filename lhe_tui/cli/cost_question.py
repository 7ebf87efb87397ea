"""What an experiment will cost, said before it starts; where it can cost money, only a person's yes starts it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.output import message

if TYPE_CHECKING:
    from lhe_tui.models.base import ModelInfo


def confirm_cost(estimate: str, infos: Sequence[ModelInfo], *, yes: bool) -> None:
    """Say the estimate, and ask unless `yes`. Raises UsageError where nobody says yes.

    Simulated models start without a word; those on this machine, where nobody can be asked, start too.
    """
    if all(info.simulated for info in infos):
        return
    message(f"This will take {estimate}.")
    if yes:
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        if _answered_yes():
            return
        raise UsageError("not started: nothing was asked and nothing is written")
    remote = [info.name for info in infos if not (info.local or info.simulated)]
    if remote:
        raise UsageError(f"{remote[0]} is a remote model and may cost money: add --yes to start ({estimate})")


def _answered_yes() -> bool:
    print("Start? [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except (OSError, ValueError):
        # A terminal that is gone says no.
        return False
