"""How a command ends that cannot do what it was asked: with one sentence and an exit code."""

from __future__ import annotations

from lhe_tui.errors import DONE, FAILED, INTERRUPTED, USAGE, LheError

__all__ = ["DONE", "FAILED", "INTERRUPTED", "USAGE", "CommandError", "RunFailed", "UsageError"]


class CommandError(LheError):
    """The end of a command: one clear sentence for the person, and the exit code."""


class RunFailed(CommandError):
    """The command was understood and could not be done."""

    exit_code = FAILED


class UsageError(CommandError):
    """The command cannot be: an option, a file or a name is wrong."""
