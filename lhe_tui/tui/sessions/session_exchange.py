"""Sessions from elsewhere and for elsewhere: what import and export read and write, without a screen."""

from __future__ import annotations

import os
from itertools import chain, count, islice
from pathlib import Path
from typing import Final, NamedTuple

from lhe_tui.errors import LheError
from lhe_tui.launch.paths import session_folder

_MOST_COMPLETIONS: Final = 50
_MOST_LOOKED_AT: Final = 5_000
_ENDINGS: Final = {"dataset": "dataset.json", "json": "report.json", "inspect": "eval"}


class ExchangeError(LheError, ValueError):
    """An import or export that cannot be done, in one sentence."""


class Imported(NamedTuple):
    """Where an imported run now lies, and what is to be told of it; `new` is False where it lay there before."""

    path: Path
    lines: list[str]
    new: bool


def typed_path(text: str) -> Path:
    """A path as people type it: spaces and quotes around it are no part of it, `~` is home."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def why_no_path(text: str) -> str | None:
    """What is wrong with the path of something to import, or nothing."""
    path = typed_path(text)
    if not text.strip():
        return "a file or a folder is needed"
    try:
        there = path.exists()
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    return None if there else f"there is no file or folder {path}"


def complete_path(text: str) -> list[str]:
    """Paths that begin with what is typed, folders with a slash behind them."""
    head, slash, start = text.rpartition("/")
    if not slash and text.startswith("~"):
        return []
    try:
        with os.scandir(typed_path(head + slash) if slash else Path()) as entries:
            found = [
                head + slash + entry.name + ("/" if entry.is_dir() else "")
                for entry in islice(entries, _MOST_LOOKED_AT)
                # A name that could act on a terminal is not offered; it can be typed.
                if entry.name.startswith(start) and entry.name.isprintable()
                if start or not entry.name.startswith(".")
            ]
    except (OSError, ValueError):
        return []
    return sorted(found)[:_MOST_COMPLETIONS]


def bring_in(path: Path) -> Imported:
    """Import a run and save it as a session among the others. Raises ExchangeError."""
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.importing.harness_import import ImportFailure, import_run, save_import
    from lhe_tui.record.session_file import new_session_path

    try:
        imported = import_run(path)
        out = new_session_path(session_folder(), imported.recording.header)
        new = not out.exists()
        if new:
            save_import(imported, out)
    except (ImportFailure, SessionError) as error:
        raise ExchangeError(str(error)) from None
    except OSError as error:
        raise ExchangeError(f"{path} cannot be imported: {error.strerror or error}") from None
    return Imported(out, imported.lines(), new)


def hand_out(session: Path, to: str) -> tuple[Path, list[str]]:
    """Write a session in a format of FORMATS next to it, never over a file; the file, and what was not read.

    Raises ExchangeError.
    """
    from lhe_tui.launch.repeat import repeat_words
    from lhe_tui.record.errors import ExportError, SessionError
    from lhe_tui.record.exporting.exporters import export_data
    from lhe_tui.record.read import read_session
    from lhe_tui.record.whole_file import write_whole

    try:
        recording = read_session(session)
        data = export_data(
            recording.state, to, file=session.name, warnings=recording.warnings, repeat=repeat_words
        )
    except ExportError as error:
        raise ExchangeError(str(error)) from None
    except (SessionError, OSError) as error:
        raise ExchangeError(f"{session.name} cannot be read: {error}") from None
    ending = _ENDINGS.get(to, to)
    for number in chain(("",), (f"-{place}" for place in count(2))):
        out = session.with_name(f"{session.stem}{number}.{ending}")
        try:
            write_whole(out, data, replace=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise ExchangeError(f"{out} cannot be written: {error.strerror or error}") from None
        return out, recording.warnings
    raise AssertionError("counting never ends")
