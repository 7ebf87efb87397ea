"""The list of sessions without its widgets: the tree of forks, and the words of a line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lhe_tui.record.scan import SessionSummary
from lhe_tui.record.session_index import SessionEntry

_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line: an entry, and the branch that ties a fork to what it left."""

    entry: SessionEntry
    branch: str = ""
    folded: int = 0
    """Forks below it that are not shown."""


def arrange(
    entries: Iterable[SessionEntry], query: str = "", unfolded: Collection[str] = ()
) -> list[SessionRow]:
    """Stories first, then the newest; every fork under the session that it left; only what matches the search.

    Where several forks left one session (arms do), they are folded unless it is among the `unfolded` identifiers.
    """
    words = query.lower().split()
    shown = sorted((entry for entry in entries if entry.matches(words)), key=lambda entry: not entry.story)
    by_id = {entry.summary.session: entry for entry in shown if entry.summary is not None}
    if words:
        # What a search found is all shown.
        unfolded = by_id
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
    # Files that name each other as parents hang from no root: they are listed all the same.
    for root in (*roots, *shown):
        _place(root, children, rows, placed, unfolded)
    return rows


def _place(
    entry: SessionEntry,
    children: dict[str, list[SessionEntry]],
    rows: list[SessionRow],
    placed: set[int],
    unfolded: Collection[str],
) -> None:
    stack = [(entry, "", "", True)]
    while stack:
        entry, branch, indent, seen = stack.pop()
        if id(entry) in placed:
            continue
        placed.add(id(entry))
        session = entry.summary.session if entry.summary is not None else ""
        below = sorted(children.get(session, []), key=lambda child: child.modified)
        folded = len(below) > 1 and session not in unfolded
        if seen:
            rows.append(SessionRow(entry, branch, len(below) if folded else 0))
        for place, child in reversed(list(enumerate(below, 1))):
            last = place == len(below)
            end = ("└ ", "  ") if last else ("├ ", "│ ")
            stack.append((child, indent + end[0], indent + end[1], seen and not folded))


def sparkline(values: Sequence[float], width: int) -> str:
    """Accuracies from 0 to 1 as bars, at most `width` of them."""
    if not values or width < 1:
        return ""
    count = min(width, len(values))
    step = (len(values) - 1) / max(1, count - 1)
    picked = [values[round(index * step)] for index in range(count)]
    return "".join(_BARS[min(7, max(0, round(value * 7)))] for value in picked)


def name_words(row: SessionRow) -> tuple[str, str]:
    """(what a session is called, what else tells it from others): its title or model; its arm and controls."""
    summary = row.entry.summary
    if summary is None:
        return row.entry.path.name, ""
    rest = [summary.model] if summary.title else []
    rest += [summary.parent.note] if summary.parent is not None and summary.parent.note else []
    rest += [summary.controls] if summary.controls else []
    rest += [f"#{tag}" for tag in summary.tags]
    rest += [f"+{row.folded} forks"] if row.folded else []
    return ("★ " if row.entry.story else "") + (summary.title or summary.model), " · ".join(rest)


def horizon_words(summary: SessionSummary) -> str:
    """H_0.5 in turns; `>` the last turn where accuracy never fell below one half; `–` where none is told."""
    if summary.horizon is not None:
        return str(summary.horizon)
    return f">{summary.last_turn}" if summary.last_turn and summary.horizon_told else "–"


def date_words(created: str) -> str:
    """The recorded time, as it was written: `2026-11-23 20:58`."""
    return created[:16].replace("T", " ")
