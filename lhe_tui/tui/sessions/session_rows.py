"""The list of sessions without its widgets: the tree of forks, and the words of a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lhe_tui.record.scan import SessionSummary
from lhe_tui.tui.sessions.session_index import SessionEntry

_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line: an entry, and the branch that ties a fork to what it left."""

    entry: SessionEntry
    branch: str = ""


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
