"""Title, tags and notes from the sessions screen: typed in a line, written in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from lhe_tui.errors import LheError
from lhe_tui.record.annotations import AnnotationError, Kind, annotate, checked
from lhe_tui.record.session_index import SessionEntry
from lhe_tui.tui.messages import Problem
from lhe_tui.tui.widgets.base_screen import BaseScreen

_HINTS = {
    "title": "one line; empty takes the title away",
    "tag": "words with spaces between; what is left out is taken away",
    "note": "about the session as a whole; lhe-tui note --sample N --turn T writes one on a turn",
}
Written = list[tuple[Kind, list[str]]]


class AnnotationDialogs:
    """Opens its dialogs over a screen; `changed` is told of a session that has been written to."""

    def __init__(self, screen: BaseScreen[None], changed: Callable[[Path], None]) -> None:
        self._screen = screen
        self._changed = changed

    def ask(self, entry: SessionEntry, kind: Kind) -> None:
        """Type a title, the tags or a note of a session."""
        from lhe_tui.tui.dialogs.entry_screen import EntryScreen

        summary = entry.summary
        if summary is None:
            self._screen.post_message(Problem(f"{entry.path.name} cannot be read: {entry.problem}"))
            return
        before = {"title": summary.title, "tag": " ".join(summary.tags)}.get(kind, "")

        def typed(text: str | None) -> None:
            if text is not None and text != before:
                work = self._write(entry.path, _changes(kind, text, summary.tags))
                self._screen.run_worker(work, group="annotate", exclusive=False)

        def why_not(text: str) -> str | None:
            try:
                for part in text.split() if kind == "tag" else [text]:
                    checked(part, kind)
            except AnnotationError as error:
                return str(error)
            return None

        asked = EntryScreen(f"{kind.capitalize()} of {entry.path.name}", _HINTS[kind], why_not, before)
        self._screen.app.push_screen(asked, typed)

    async def _write(self, path: Path, changes: Written) -> None:
        try:
            for kind, texts in changes:
                await asyncio.to_thread(annotate, path, texts, kind)
        except LheError as error:
            self._screen.post_message(Problem(str(error)))
        except OSError as error:
            self._screen.post_message(Problem(f"{path} cannot be written: {error.strerror or error}"))
        self._changed(path)


def _changes(kind: Kind, text: str, tags: tuple[str, ...]) -> Written:
    if kind != "tag":
        return [(kind, [text])]
    wanted = text.split()
    changes: Written = [
        ("untag", [tag for tag in tags if tag not in wanted]),
        ("tag", [tag for tag in wanted if tag not in tags]),
    ]
    return [change for change in changes if change[1]]
