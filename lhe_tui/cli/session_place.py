"""How a session that a command names is read; what is wrong with it in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError

if TYPE_CHECKING:
    from lhe_tui.record.read import Recording


def read_recording(path: Path) -> Recording:
    """A session read from its file. Raises UsageError where it is none."""
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.read import read_session

    try:
        return read_session(path)
    except SessionError as error:
        raise UsageError(naming(path, str(error))) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None


def naming(path: Path, sentence: str) -> str:
    """The sentence, with the file's name in it."""
    return sentence if str(path) in sentence else f"{path}: {sentence}"


def check_is_session(path: Path) -> None:
    """Look at a session's first line only. Raises UsageError where it is none."""
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.read import open_session

    try:
        with open_session(path) as file:
            file.readline(1)
    except SessionError as error:
        raise UsageError(naming(path, str(error))) from None
