"""Titles, tags and notes: what people write about a session, appended to its file as events of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Final, Literal

from lhe_tui.engine.events import NoteAdded
from lhe_tui.errors import LheError
from lhe_tui.record.read import MAX_LINE, open_session, read_header_line
from lhe_tui.record.session_file import SessionWriter

Kind = Literal["note", "title", "tag", "untag"]
_LONGEST: Final = {"note": 10_000, "title": 200, "tag": 60, "untag": 60}


class AnnotationError(LheError, ValueError):
    """A title, tag or note that cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Annotations:
    """What stands of all that was written: the last title, the tags in their order, and every note."""

    title: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[NoteAdded, ...] = ()

    def of(self, sample: int, turn: int) -> list[NoteAdded]:
        """The notes about one turn, and those about its sample as a whole."""
        return [note for note in self.notes if note.sample == sample and note.turn in (None, turn)]


def annotations_of(written: Iterable[NoteAdded]) -> Annotations:
    """What stands after all these events."""
    title, tags, notes = "", dict[str, None](), []
    for event in written:
        match event.kind:
            case "title":
                title = event.text[: _LONGEST["title"]]
            case "tag":
                tags[event.text[: _LONGEST["tag"]]] = None
            case "untag":
                tags.pop(event.text[: _LONGEST["tag"]], None)
            case "note":
                notes.append(event)
    return Annotations(title, tuple(tags), tuple(notes))


def annotate(
    path: Path,
    texts: Sequence[str],
    kind: Kind = "note",
    *,
    sample: int | None = None,
    turn: int | None = None,
    author: str | None = None,
) -> None:
    """Append what a person wrote. Raises AnnotationError, SessionError (SessionBusy while it is written) or OSError."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    by = system_user() if author is None else author
    events = [NoteAdded(checked(text, kind), time, by, kind, sample, turn) for text in texts]
    with open_session(path) as file:
        spec = read_header_line(file.readline(MAX_LINE), path).task.spec
    if turn is not None and sample is None:
        raise AnnotationError("a note on a turn says of which sample: --sample N --turn T")
    for name, number, most in (("sample", sample, spec.samples), ("turn", turn, spec.turns)):
        if number is not None and not 1 <= number <= most:
            raise AnnotationError(f"{name} {number}: this session has {name}s 1 to {most}")
    with SessionWriter.append(path) as writer:
        for event in events:
            writer.write(event)


def checked(text: str, kind: Kind) -> str:
    """The text without space around it. Raises AnnotationError."""
    text, most = text.strip(), _LONGEST[kind]
    if len(text) > most:
        raise AnnotationError(f"a {kind} holds at most {most:,} characters, not {len(text):,}")
    if kind == "title" and not text.isprintable():
        raise AnnotationError("a title is one line of plain text")
    if kind in ("tag", "untag") and (not text.isprintable() or " " in text or not text):
        raise AnnotationError(f"a tag is one plain word, not {text!r}")
    if kind == "note" and not text:
        raise AnnotationError("a note needs words")
    return text


def system_user() -> str:
    """Who is logged in; nothing where the system knows no name."""
    try:
        return getuser()
    except (OSError, KeyError):
        return ""


def place_words(note: NoteAdded) -> str:
    """What a note is about: `sample 2, turn 31`, `sample 2`, `session`."""
    if note.sample is None:
        return "session"
    return f"sample {note.sample}" + (f", turn {note.turn}" if note.turn is not None else "")


def note_words(note: NoteAdded) -> str:
    """A note with its author and its day: `look here (ada, 2026-01-02)`."""
    return f"{note.text} ({', '.join(filter(None, (note.author, note.time[:10])))})"
