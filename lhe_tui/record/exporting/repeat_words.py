"""How a report says that its run can be repeated; what the words are is known where runs are started."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RepeatWords:
    """Commands to be typed one after the other, word by word, and sentences on what they leave open."""

    commands: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The commands as a shell takes them."""
        return [shlex.join(words) for words in self.commands]
