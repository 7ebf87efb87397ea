"""The root of everything that can go wrong in a way that a person can mend."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
"""Exit code after SIGINT; another signal ends a command with 128 + its number."""


class LheError(Exception):
    """One clear sentence for a person: what was wrong, where, and what to do. May hold foreign text.

    `exit_code` is what a command ends with; `hint` is a further line, such as the command that goes on from here.
    """

    exit_code = USAGE

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
