"""The list of sessions without its widgets: what is known of each file, the tree of forks, the words of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lhe_tui.record.errors import SessionError
from lhe_tui.record.scan import SessionSummary, scan_session

SUFFIX: Final = ".jsonl"
_BARS: Final = "▁▂▃▄▅▆▇█"


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


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line: an entry, and the branch that ties a fork to what it left."""

    entry: SessionEntry
    branch: str = ""


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


def arrange(entries: Iterable[SessionEntry], query: str = "") -> list[SessionRow]:
    """Newest first, every fork under the session that it left; only what matches the search."""
    words = query.lower().split()
    shown = [entry for entry in entries if entry.matches(words)]
    by_id = {entry.summary.session: entry for entry in shown if entry.summary is not None}
    children: dict[str, list[SessionEntry]] = {}
    roots: list[SessionEntry] = []
    for entry in shown:
        parent = entry.summary.parent if entry.summary is not None else None
        if parent is not None and parent.session in by_id and by_id[parent.session] is not entry:
            children.setdefault(parent.session, []).append(entry)
        else:
            roots.append(entry)
    rows: list[SessionRow] = []
    placed: set[int] = set()
    for root in roots:
        _place(root, "", "", children, rows, placed)
    # Files that name each other as parents hang from no root: they are listed all the same.
    for entry in shown:
        _place(entry, "", "", children, rows, placed)
    return rows


def _place(
    entry: SessionEntry,
    branch: str,
    indent: str,
    children: dict[str, list[SessionEntry]],
    rows: list[SessionRow],
    placed: set[int],
) -> None:
    stack = [(entry, branch, indent)]
    while stack:
        entry, branch, indent = stack.pop()
        if id(entry) in placed:
            continue
        placed.add(id(entry))
        rows.append(SessionRow(entry, branch))
        own = children.get(entry.summary.session, []) if entry.summary is not None else []
        below = sorted(own, key=lambda child: child.modified)
        for place, child in reversed(list(enumerate(below, 1))):
            last = place == len(below)
            stack.append((child, indent + ("└ " if last else "├ "), indent + ("  " if last else "│ ")))


def sparkline(values: Sequence[float], width: int) -> str:
    """Accuracies from 0 to 1 as bars, at most `width` of them."""
    if not values or width < 1:
        return ""
    count = min(width, len(values))
    step = (len(values) - 1) / max(1, count - 1)
    picked = [values[round(index * step)] for index in range(count)]
    return "".join(_BARS[min(7, max(0, round(value * 7)))] for value in picked)


def horizon_words(summary: SessionSummary) -> str:
    """H_0.5 in turns; `>` the last turn where accuracy never fell below one half; `–` where none is told."""
    if summary.horizon is not None:
        return str(summary.horizon)
    return f">{summary.last_turn}" if summary.last_turn and summary.horizon_told else "–"


def date_words(created: str) -> str:
    """The recorded time, as it was written: `2026-11-23 20:58`."""
    return created[:16].replace("T", " ")
