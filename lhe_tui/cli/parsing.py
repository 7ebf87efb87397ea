"""The command line's parser: argparse, with our own words for what is wrong."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from lhe_tui.cli.exits import UsageError

LAST = "last"
_MOST_SHOWN = 80


class CommandParser(argparse.ArgumentParser):
    """A parser that raises UsageError in place of printing a usage block and leaving."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=_HelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """One sentence, in the style of all others."""
        sentence = re.sub(r"^argument (?:-\w/)?", "", message)
        sentence = sentence.replace("the following arguments are required: ", "missing: ")
        raise UsageError(sentence, hint=f"See {self.prog} --help.")

    def parse_all(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Every argument read, or UsageError: an unknown option is named, with the one that may be meant."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            known = [name for action in self._actions for name in action.option_strings]
            self.error(
                unknown_sentence("option" if unknown[0].startswith("-") else "word", unknown[0], known)
            )
        for action in self._actions:
            if action.option_strings and getattr(options, action.dest, None) == "":
                self.error(f"{action.option_strings[-1]} takes a value, not nothing")
        return options


class _HelpFormatter(argparse.HelpFormatter):
    """Help in two columns that leave room for long options."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def unknown_sentence(kind: str, given: str, known: Iterable[str]) -> str:
    """What was not known, and what may have been meant."""
    name = given.partition("=")[0] if kind == "option" else given
    close = get_close_matches(name, list(known), n=1)
    shown = name if len(name) <= _MOST_SHOWN else name[:_MOST_SHOWN] + "…"
    return f"no {kind} {shown} here" + (f": did you mean {close[0]}?" if close else "")


def whole_number(text: str) -> int:
    """An option's whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"takes a whole number, not {_shown(text)}") from None


def at_least_one(text: str) -> int:
    """An option's whole number from 1."""
    number = whole_number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"takes a whole number from 1, not {_shown(text)}")
    return number


def positive_number(text: str) -> float:
    """An option's number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"takes a number above 0, not {_shown(text)}")
    return number


def session_file(text: str) -> Path:
    """An option's session: a file, or `last` for the newest of the session folders (`./last` is a file)."""
    if text != LAST:
        return file_path(text)
    from lhe_tui.launch.paths import session_folders

    newest: tuple[float, str] | None = None
    for folder in session_folders():
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".jsonl") and entry.is_file():
                    newest = max(newest or (0.0, ""), (entry.stat().st_mtime, entry.path))
    if newest is None:
        places = " or ".join(map(str, session_folders()))
        raise argparse.ArgumentTypeError(f"last: there is no session in {places}")
    return Path(newest[1])


def file_path(text: str) -> Path:
    """An option's file."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("takes a file's name")
    try:
        os.lstat(text)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise argparse.ArgumentTypeError(f"the name {_shown(text)} is too long for a file") from None
    return Path(text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…")
