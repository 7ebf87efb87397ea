"""Where a new session is written, and how one that exists is read; what is wrong with it in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.launch.paths import session_folder

if TYPE_CHECKING:
    from lhe_tui.engine.events import RunStarted
    from lhe_tui.record.read import Recording


def new_session_place(out: Path | None, header: RunStarted) -> Path:
    """The file of a new session: never one that exists. Raises UsageError."""
    if out is None:
        from lhe_tui.record.session_file import new_session_path

        return new_session_path(session_folder(), header)
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder: name a file in it")
    if out.exists() or out.is_symlink():
        raise UsageError(
            f"--out {out} exists and is never overwritten: name another file, or go on with it by --resume"
        )
    return out


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
