"""How a command ends: its exit code, and the one sentence it ends with (DESIGN §7)."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
"""By SIGINT; another signal ends a command with 128 + its number."""


class CommandError(Exception):
    """The end of a command: one clear sentence for the person, and the exit code."""

    code = FAILED

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        """A further line, such as the command that goes on from here."""


class RunFailed(CommandError):
    """The command was understood and could not be done."""


class UsageError(CommandError):
    """The command cannot be: an option, a file or a name is wrong."""

    code = USAGE
