"""What a pruning policy is: a small immutable object that says which past turns a request shows.

A policy either shows the last turns, from `first` on, or judges each turn once by `keeps`. All else (messages, figures,
command line, forms, completion) follows from that and from `form`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Self

from lhe_tui.errors import LheError

Cards = Literal["none", "gaps", "newest"]


class PruningError(LheError, ValueError):
    """A policy that cannot be set so; the message says what it takes."""


class JudgedTurn(NamedTuple):
    """A past turn as it is shown."""

    right: bool
    """Whether its answer follows from the one shown before it."""
    carried: bool
    """Whether a line of state can carry what it started from."""


@dataclass(frozen=True)
class PruningPolicy:
    """A policy as it is set. Its docstring's first line is what people read about it."""

    number: int = 0
    """The number in the form; 0 where the form has none."""

    form: ClassVar[str]
    """As written on the command line; a capital letter after a colon stands for the number: `window:W`."""
    usual: ClassVar[int] = 0
    """The number where a key or a form chooses it."""
    cards: ClassVar[Cards] = "none"
    """Where a line of state (the prompt part `state_card`) tells what came before: nowhere; in the first turn after
    each gap; or in the newest message."""
    selects: ClassVar[bool] = False
    """Whether `keeps` judges the turns; otherwise those from `first` on are shown."""

    def first(self, past: int) -> int:
        """Of so many past turns, how many of the oldest are left out. Called once per request."""
        return 0

    def keeps(self, turn: JudgedTurn) -> bool:
        """Whether a past turn stays in view. Called once per turn, the oldest first."""
        return True

    @property
    def active(self) -> bool:
        """Whether it can hide any turn."""
        return self.form != "off"

    @classmethod
    def written(cls, number: int | str) -> str:
        """The form with this number in it."""
        return re.sub(":[A-Z]", f":{number}", cls.form)

    @classmethod
    def counted(cls) -> str:
        """What its number counts, by the word before it: `window`; empty where it takes none."""
        match = re.match("([a-z-]+):[A-Z]", cls.form)
        return match[1] if match else ""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The policy as written, or None where it is another one's. Raises PruningError."""
        match = re.fullmatch(re.sub(":[A-Z]", ":([0-9]{1,9})", re.escape(cls.form)), text)
        if match is None:
            return None
        if not match.groups():
            return cls()
        if int(match[1]) < 1:
            raise PruningError(f"{cls.form} takes at least 1 turn, not {match[1]}")
        return cls(int(match[1]))

    def __str__(self) -> str:
        """As written on the command line."""
        return self.written(self.number)

    def words(self) -> str:
        """For people: `window 5 + state card`, `drop wrong`, `off`."""
        return _plain(str(self))

    @classmethod
    def label(cls) -> str:
        """For people, without its number: `window + state card`."""
        return _plain(re.sub(":[A-Z]", "", cls.form))

    @classmethod
    def summary(cls) -> str:
        """What it does, in a few words."""
        return (cls.__doc__ or "").partition("\n")[0].rstrip(".")


def _plain(form: str) -> str:
    return form.replace(":", " ").replace("-", " ").replace("+", " + ")
