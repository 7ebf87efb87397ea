"""The recorded sessions of some folders: what is known of each file. No widget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lhe_tui.record.errors import SessionError
from lhe_tui.record.scan import SessionSummary, scan_session

SUFFIX: Final = ".jsonl"


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One file of the list: its summary, or why it cannot be read."""

    path: Path
    modified: float
    summary: SessionSummary | None
    problem: str = ""
    """A sentence; foreign text."""

    @property
    def simulated(self) -> bool:
        """Whether the model is a simulated one."""
        return self.summary is not None and self.summary.simulated

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word stands in the model's, the task's or the file's name."""
        text = self.path.name
        if self.summary is not None:
            text += f" {self.summary.model} {self.summary.spec.variant} {self.summary.mode} {self.status}"
            text += " simulated" if self.simulated else ""
        text = text.lower()
        return all(word in text for word in words)

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


@dataclass
class SessionIndex:
    """Reads folders of sessions; a file that did not change is not read again."""

    folders: Sequence[Path]
    _known: dict[tuple[Path, float, int], SessionEntry] = field(default_factory=dict)

    def files(self) -> list[tuple[Path, float, int]]:
        """Every session file with its time and size, newest first; folders that are not there hold none."""
        found: list[tuple[Path, float, int]] = []
        for folder in self.folders:
            try:
                paths = list(folder.iterdir())
            except OSError:
                continue
            for path in paths:
                if path.suffix != SUFFIX:
                    continue
                try:
                    stat = path.stat()
                except OSError:
                    continue
                found.append((path, stat.st_mtime, stat.st_size))
        return sorted(found, key=lambda entry: (-entry[1], entry[0].name))

    def read(self, file: tuple[Path, float, int]) -> SessionEntry:
        """One file in short; never fails."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = _read(file[0], file[1])
        return known

    def entries(self) -> Iterator[SessionEntry]:
        """All files, newest first, each read when it is asked for."""
        yield from map(self.read, self.files())


def _read(path: Path, modified: float) -> SessionEntry:
    try:
        return SessionEntry(path, modified, scan_session(path))
    except SessionError as error:
        return SessionEntry(path, modified, None, str(error))
    except OSError as error:
        return SessionEntry(path, modified, None, f"it cannot be read: {error.strerror or error}")
