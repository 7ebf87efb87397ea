"""The sessions of some folders in short. What was read of a file is kept, here and on the disk, until the file changes.

What is kept on the disk can be deleted at any time. A file counts as unchanged where its times, its size and its last
bytes are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

from lhe_tui.engine.events import Parent
from lhe_tui.record.errors import SessionError
from lhe_tui.record.json_text import dump_line, loads
from lhe_tui.record.scan import SessionSummary, scan_session
from lhe_tui.record.whole_file import write_whole
from lhe_tui.task.spec import TaskSpec

SUFFIX: Final = ".jsonl"
_TAIL: Final = 128
_FORMAT: Final = f"lhe-index/1 {' '.join(field.name for field in fields(SessionSummary))}"
Known = tuple[list[Any], dict[str, Any] | None, str]
"""What is kept of a file: its mark, its summary as plain values or None, and why it cannot be read."""


class Found(NamedTuple):
    """A session file of a folder, not read yet."""

    modified: float
    path: str
    mark: tuple[int, int, int]
    """What changes when the file does: two times and its size."""


@dataclass(frozen=True)
class SessionEntry:
    """One file of the list: its summary, or why it cannot be read."""

    path: Path
    modified: float
    summary: SessionSummary | None
    problem: str = ""
    """A sentence; foreign text."""
    shipped: bool = False
    """Whether it lies in the folder of stories: it belongs to the product, and no key changes it."""

    @property
    def story(self) -> bool:
        """Whether it ships with the package and has a title."""
        return self.shipped and self.summary is not None and bool(self.summary.title)

    @property
    def simulated(self) -> bool:
        """Whether the model is a simulated one."""
        return self.summary is not None and self.summary.simulated

    @cached_property
    def _fields(self) -> dict[str, str]:
        summary = self.summary
        if summary is None:
            return {"file": self.path.name.lower()}
        simulated = " simulated" if summary.simulated else ""
        told = {
            "file": self.path.name,
            "model": summary.model + simulated,
            "task": f"{summary.spec.variant} k{summary.spec.turn_complexity} {summary.mode} {summary.controls}",
            "tag": " ".join(summary.tags),
            "note": f"{summary.title} {summary.notes}",
            "date": summary.created,
            "status": self.status,
            "arm": summary.parent.note if summary.parent is not None else "",
        }
        return {name: text.lower() for name, text in told.items()}

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word stands in what is known of it; `tag:word` looks at its tags alone (so with all fields)."""
        for word in words:
            name, colon, rest = word.partition(":")
            if colon and name in FIELDS:
                if rest not in self._fields.get(name, ""):
                    return False
            elif not any(word in text for text in self._fields.values()):
                return False
        return True

    @property
    def status(self) -> str:
        """`complete`, `incomplete` (it says so, and lacks turns), `stopped`, `unfinished` or `damaged`."""
        if self.summary is None:
            return "damaged"
        if self.summary.missing:
            return "incomplete"
        return "complete" if self.summary.status == "completed" else self.summary.status

    @property
    def resumable(self) -> bool:
        """Whether there is something left to ask."""
        return self.status in ("stopped", "unfinished", "incomplete")


FIELDS: Final = ("file", "model", "task", "tag", "note", "date", "status", "arm")
"""What a search may name: `model:qwen tag:keep date:2026-11`."""


class SessionIndex:
    """Reads folders of sessions, the newest file first. `store` is a folder for what is kept between processes."""

    def __init__(
        self, folders: Sequence[Path], *, stories: Path | None = None, store: Path | None = None
    ) -> None:
        self.folders = folders
        self.stories = stories
        self._store = store
        self._known: dict[str, Known] = {}
        self._entries: dict[str, SessionEntry] = {}
        self._loaded: set[str] = set()
        self._changed: set[str] = set()
        self.read_files = 0
        """Sessions read whole so far."""

    def files(self) -> list[Found]:
        """Every session file, the newest first, each once; folders that are not there hold none."""
        found: dict[tuple[int, int], Found] = {}
        for folder in dict.fromkeys([*self.folders, *([self.stories] if self.stories else [])]):
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.name.endswith(SUFFIX):
                            _add(found, entry)
            except OSError:
                continue
        return sorted(found.values(), key=lambda file: (-file.modified, file.path))

    def entries(self) -> Iterator[SessionEntry]:
        """All files, the newest first, each read when it is asked for; keeps what was read once all were."""
        files = self.files()
        there = {file.path for file in files}
        self._known = {path: known for path, known in self._known.items() if path in there}
        try:
            yield from map(self.entry, files)
        finally:
            self.save()

    def entry(self, file: Found) -> SessionEntry:
        """One file in short; never fails."""
        folder = os.path.dirname(file.path)
        if folder not in self._loaded:
            self._load(folder)
        mark = [*file.mark, _tail_of(file)]
        known = self._known.get(file.path)
        entry = self._entries.get(file.path)
        if known is not None and known[0] == mark:
            if entry is not None:
                return entry
            try:
                return self._keep(file, _summary_of(known[1]), known[2])
            except (TypeError, ValueError, KeyError):
                # Not as we write it: it is read again.
                known = None
        summary, problem = _read(Path(file.path))
        self.read_files += 1
        self._known[file.path] = (mark, None if summary is None else _kept(summary), problem)
        self._changed.add(folder)
        return self._keep(file, summary, problem)

    def save(self) -> None:
        """Keep what was read on the disk, as far as it can be; what is lost is read again."""
        if self._store is None:
            return
        for name in self._changed:
            here = {
                os.path.basename(path): known
                for path, known in self._known.items()
                if os.path.dirname(path) == name
            }
            try:
                text = dump_line({"format": _FORMAT, "folder": name, "files": here}).decode()
                self._store.mkdir(parents=True, exist_ok=True)
                write_whole(self._place(name), text, replace=True)
            except (OSError, TypeError, ValueError):
                # A disk that is full, or a text that is no Unicode: nothing is lost but time.
                continue
        self._changed.clear()

    def _keep(self, file: Found, summary: SessionSummary | None, problem: str) -> SessionEntry:
        path = Path(file.path)
        shipped = self._is_of_stories(os.path.dirname(file.path))
        entry = self._entries[file.path] = SessionEntry(path, file.modified, summary, problem, shipped)
        return entry

    def _is_of_stories(self, folder: str) -> bool:
        return self.stories is not None and _real(folder) == _real(str(self.stories))

    def _place(self, folder: str) -> Path:
        name = blake2b(os.fsencode(os.path.abspath(folder)), digest_size=12).hexdigest()
        return (self._store or Path()) / f"{name}.json"

    def _load(self, folder: str) -> None:
        self._loaded.add(folder)
        if self._store is None:
            return
        try:
            kept = loads(self._place(folder).read_bytes())
            if kept["format"] == _FORMAT:
                for name, known in kept["files"].items():
                    self._known[os.path.join(folder, name)] = tuple(known)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            # There is none, or it is damaged: the sessions themselves are read.
            return


_real = cache(os.path.realpath)


def _add(found: dict[tuple[int, int], Found], entry: os.DirEntry[str]) -> None:
    try:
        told = entry.stat()
    except OSError:
        return
    mark = (told.st_mtime_ns, told.st_ctime_ns, told.st_size)
    # The same folder, or the same file, may be given by two names.
    found.setdefault((told.st_dev, told.st_ino), Found(told.st_mtime, entry.path, mark))


def _tail_of(file: Found) -> str:
    """The last bytes of a file, so that a change within one tick of the clock is seen."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return ""
    try:
        os.lseek(descriptor, max(0, file.mark[2] - _TAIL), os.SEEK_SET)
        return os.read(descriptor, _TAIL).hex()
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _kept(summary: SessionSummary) -> dict[str, Any]:
    """A summary as it is kept; the seed as text, since it may have more digits than a fast reader keeps."""
    kept = asdict(summary)
    kept["spec"]["seed"] = str(summary.spec.seed)
    return kept


def _summary_of(kept: dict[str, Any] | None) -> SessionSummary | None:
    """A summary as it is kept. Raises TypeError, ValueError or KeyError."""
    if kept is None:
        return None
    parent = kept["parent"]
    return SessionSummary(
        **{
            **kept,
            "spec": TaskSpec(**{**kept["spec"], "seed": int(kept["spec"]["seed"])}),
            "parent": None if parent is None else Parent(**parent),
            "curve": tuple(kept["curve"]),
            "tags": tuple(kept["tags"]),
        }
    )


def _read(path: Path) -> tuple[SessionSummary | None, str]:
    try:
        return scan_session(path), ""
    except SessionError as error:
        return None, str(error)
    except OSError as error:
        return None, f"it cannot be read: {error.strerror or error}"
