"""Writing session files: append-only, a whole line per event, one writer at a time.

Once `write` returns, the event is with the operating system and outlives this process; about once a second, and when
the file is closed, it is also made to outlive a power cut. A file that another program changes, replaces or deletes
meanwhile is noticed at the next write.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from types import TracebackType

from lhe_tui.engine.events import (
    ControlsChanged,
    Event,
    NoteAdded,
    NoticeRaised,
    RunStarted,
    TurnFinished,
)
from lhe_tui.engine.state import RunState
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.errors import CodecError, SessionBusy, SessionError
from lhe_tui.record.text_file import is_utf_16, reason

if sys.platform != "win32":
    import fcntl

SYNC_EVERY = 1.0
"""Seconds between syncs to the disk while events are written."""
_CHUNK = 1 << 16


class FileChanged(OSError):
    """Another program has changed, replaced or deleted the file that is being written."""


class FileTaken(SessionError):
    """There is a file of that name already."""


class SessionWriter:
    """The one writer of a session file. Made by `create` or `append`; close it, or use it as a context manager."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        """Where the file lies; `close` looks again, in case it was moved."""
        self._fd = descriptor
        self._size = os.fstat(descriptor).st_size
        """How long the file is as we left it."""
        self._state: RunState | None = None
        self._say: Callable[[str], None] = lambda sentence: None
        self._torn_at: int | None = None
        self._next_sync = time.monotonic() + SYNC_EVERY
        self._syncing: threading.Thread | None = None
        self._sync_error: OSError | None = None

    @classmethod
    def create(cls, path: Path | str, header: RunStarted, first: Iterable[Event] = ()) -> SessionWriter:
        """Start a session file with its header; never touches a file that exists. Raises SessionError.

        The `first` events are written in one piece with the header: a killed process leaves all of them or none.
        The file is readable by its owner alone, and so are the folders made for it.
        """
        path = Path(path)
        line = b"".join(encode(event) for event in (header, *first))
        try:
            _make_folder(path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError:
            raise FileTaken(f"{path} exists already: give another name, or resume it with --resume") from None
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise SessionError(f"the session {path} cannot be created: {reason(error)}") from None
        writer = cls(path, descriptor)
        try:
            writer._lock()
            writer._write_line(line)
            _sync_folder(path.parent)
        except (OSError, SessionError) as error:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise SessionError(f"the session {path} cannot be written: {reason(error)}") from None
        return writer

    @classmethod
    def append(cls, path: Path | str) -> SessionWriter:
        """Open a session to add to it: lock it, and drop a torn last line. Raises SessionError or SessionBusy.

        Open first and read the session then, so that nobody can write between the two.
        """
        path = Path(path)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0))
        except (OSError, ValueError) as error:
            raise SessionError(f"the session {path} cannot be opened for writing: {reason(error)}") from None
        writer = cls(path, descriptor)
        try:
            writer._lock()
            writer._mend_tail()
        except SessionError:
            os.close(descriptor)
            raise
        except OSError as error:
            os.close(descriptor)
            raise SessionError(f"the session {path} cannot be written: {reason(error)}") from None
        return writer

    def keep_whole(self, state: RunState, say: Callable[[str], None]) -> None:
        """Say whose events are written: where another program changes the file, a fresh one next to it takes the run.

        `state` holds each event before it is written; `say` is called with a sentence that names both files.
        """
        self._state, self._say = state, say

    def write(self, event: Event) -> None:
        """Append one event. Raises OSError; the file then ends with its last whole line."""
        try:
            self._write_line(encode(event))
        except FileChanged as change:
            if self._state is None:
                raise
            self._start_anew(self._state, event, change)
        now = time.monotonic()
        if now >= self._next_sync:
            self._next_sync = now + SYNC_EVERY
            self._sync_behind()

    def sync(self) -> None:
        """Wait until everything written is on the disk. Raises OSError."""
        if self._syncing is not None:
            self._syncing.join()
            self._syncing = None
        self._raise_sync_error()
        os.fsync(self._fd)

    def close(self) -> None:
        """Sync, unlock and close; safe to call twice. Raises OSError where the disk would not take the last lines."""
        if self._fd < 0:
            return
        try:
            self.sync()
        finally:
            self.path = _whereabouts(self._fd, self.path)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> SessionWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- inside

    def _lock(self) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SessionBusy(f"another process is writing the session {self.path}: stop it first") from None
        except OSError as error:
            # Some network file systems know no locks; a session there is better than none.
            if error.errno not in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                raise

    def _write_line(self, line: bytes) -> None:
        self._raise_sync_error()
        if self._torn_at is not None:
            os.ftruncate(self._fd, self._torn_at)
            self._torn_at = None
        found = os.fstat(self._fd)
        if not found.st_nlink:
            raise FileChanged(errno.ENOENT, "the session file was deleted or replaced", str(self.path))
        if found.st_size != self._size:
            what = "cut" if found.st_size < self._size else "added to"
            raise FileChanged(errno.EBUSY, f"another program has {what} the session file", str(self.path))
        try:
            written = os.write(self._fd, line)
            while written < len(line):
                written += os.write(self._fd, line[written:])
        except OSError:
            self._cut_back(found.st_size)
            raise
        self._size += len(line)

    def _start_anew(self, state: RunState, event: Event, change: FileChanged) -> None:
        """Continue in a fresh file next to the old one, which is left as it is. Raises OSError."""
        old = self.path
        # The state holds the event already, unless it is one that only marks a moment.
        rest = (
            () if isinstance(event, TurnFinished | ControlsChanged | NoticeRaised | NoteAdded) else (event,)
        )
        for number in count(2):
            place = old.with_name(f"{old.stem}-{number}{old.suffix}")
            try:
                fresh = SessionWriter.create(place, state.header, (*events_of(state), *rest))
                break
            except FileTaken:
                continue
            except SessionError as error:
                raise OSError(errno.EIO, f"{change.strerror}, and {error}", str(old)) from None
        if self._syncing is not None:
            self._syncing.join()
        self._sync_error = None
        os.close(self._fd)
        self.path, self._fd, self._size, self._torn_at = fresh.path, fresh._fd, fresh._size, None
        left = f"{old} is left as it is" if old.exists() else f"{old} is gone"
        self._say(f"{change.strerror}: {left}, and {place} holds the whole run")

    def _cut_back(self, size: int) -> None:
        """Leave no part of a line behind; where even that fails, before the next write."""
        try:
            os.ftruncate(self._fd, size)
        except OSError:
            self._torn_at = size

    def _sync_behind(self) -> None:
        """Sync in a thread: a slow disk must not hold up what streams."""
        if self._syncing is None or not self._syncing.is_alive():
            self._syncing = threading.Thread(target=self._sync_data, name="session sync", daemon=True)
            self._syncing.start()

    def _sync_data(self) -> None:
        try:
            os.fsync(self._fd)
        except OSError as error:
            self._sync_error = error

    def _raise_sync_error(self) -> None:
        if self._sync_error is not None:
            error, self._sync_error = self._sync_error, None
            raise error

    def _mend_tail(self) -> None:
        found = os.fstat(self._fd)
        if not stat.S_ISREG(found.st_mode):
            raise SessionError(f"{self.path} is no file")
        size = found.st_size
        start, tail = _last_piece(self._fd, size)
        if not size:
            raise SessionError(f"{self.path} is empty: it is no session")
        os.lseek(self._fd, 0, os.SEEK_SET)
        if is_utf_16(os.read(self._fd, 4)):
            raise SessionError(
                f"{self.path} is UTF-16 text: it can be read, and must be saved as UTF-8 to be added to"
            )
        if not tail:
            return
        try:
            decode(tail)
        except CodecError as error:
            if start == 0:
                raise SessionError(f"{self.path} is no session: {error}") from None
            os.ftruncate(self._fd, start)
            self._size = start
        else:
            self._write_line(b"\n")


def new_session_path(folder: Path | str, header: RunStarted) -> Path:
    """A readable name for a new session: when, which model, which id; nothing in it can leave the folder."""
    when = re.sub(r"[^0-9T]", "", header.created.partition(".")[0].partition("+")[0])[:15].replace("T", "-")
    model = re.sub(r"[^A-Za-z0-9._]+", "-", header.controls.model).strip("-.")[:40]
    session = re.sub(r"[^A-Za-z0-9]", "", header.session)[:6]
    return Path(folder) / ("_".join(part for part in (when, model, session) if part) + ".jsonl")


def events_of(state: RunState) -> list[Event]:
    """The events that a session needs to come to this state again, in the order of their times.

    Pauses and resumptions leave no trace in a state, and are not among them.
    """
    turns = [record.event for sample in state.samples for record in sample.turns]
    timed: list[ControlsChanged | NoticeRaised | TurnFinished] = [*state.changes, *state.notices, *turns]
    return [*sorted(timed, key=lambda event: event.at), *state.notes]


def _whereabouts(descriptor: int, path: Path) -> Path:
    """Where an open file lies now, if the system tells; else the name that it was opened by."""
    found = os.fstat(descriptor)
    if not found.st_nlink:
        return path
    for place in (path, Path(f"/proc/self/fd/{descriptor}")):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, place.stat()):
                return path if place is path else Path(os.readlink(place))
    return path


def _last_piece(descriptor: int, size: int) -> tuple[int, bytes]:
    """(offset, bytes) of what follows the last newline."""
    pieces: list[bytes] = []
    end = size
    while end > 0:
        start = max(0, end - _CHUNK)
        os.lseek(descriptor, start, os.SEEK_SET)
        piece = os.read(descriptor, end - start)
        newline = piece.rfind(b"\n")
        if newline >= 0:
            return start + newline + 1, b"".join([piece[newline + 1 :], *reversed(pieces)])
        pieces.append(piece)
        end = start
    return 0, b"".join(reversed(pieces))


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, each for its owner alone; leave existing ones as they are."""
    missing = [folder, *folder.parents]
    for place in reversed(missing):
        if not place.exists():
            place.mkdir(mode=0o700, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new file's name outlive a power cut, where folders can be synced."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)
