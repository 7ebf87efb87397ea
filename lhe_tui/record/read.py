"""Reading session files: all that can be read is read, and what cannot is named by its line."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from lhe_tui.engine.events import ControlsChanged, Event, RunResumed, RunStarted, TurnFinished
from lhe_tui.engine.state import FoldError, RunState
from lhe_tui.record.codec import decode, digest_of
from lhe_tui.record.errors import CodecError, NewerFormat, SessionBusy, SessionError
from lhe_tui.record.json_text import load
from lhe_tui.record.text_file import FileError, FileMissing, open_text, reason

__all__ = ["Recording", "SessionBusy", "SessionError", "open_session", "read_header_line", "read_session"]

MAX_LINE = 1 << 28
"""Bytes of the longest line that is read; a longer one is damage."""
MAX_NAMED = 200
"""Damaged lines that are named one by one; the rest is counted."""
_EXPECTED = "expected a session of lhe-tui (JSON Lines that begin with a header of format lhe-session/1)"
_PROGRESS_EVERY = 4096
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Recording:
    """A session as read: its events in order, and the state that they fold to.

    `damage` names what could not be read, a sentence each; `torn` tells that the last line was cut off and dropped.
    """

    header: RunStarted
    events: list[Event]
    state: RunState
    damage: list[str]
    torn: bool
    path: Path
    doubt: str = ""
    """What may be wrong with the header, of which nobody can be sure."""

    @property
    def warnings(self) -> list[str]:
        """Everything that a person who opens the session should be told."""
        found = [self.doubt] if self.doubt else []
        if self.torn:
            found.append(
                "the last line was cut off in the writing and is dropped: its turn will be asked again"
            )
        if missing := self.state.missing_turns:
            turns = "1 turn is" if missing == 1 else f"{missing:,} turns are"
            found.append(f"the session says that it completed, but {turns} missing: its file has lost lines")
        return [*found, *self.damage]


def read_session(path: Path | str, *, progress: Callable[[float], None] | None = None) -> Recording:
    """Read a whole session. `progress` is told the share of the file that is read, 0 to 1. Raises SessionError."""
    path = Path(path)
    with open_session(path) as file, _no_collections():
        header_line, header, told = _find_header(file, path)
        reader = _Reader(header)
        if told.get("digest") not in (None, digest_of(told)):
            reader.name(
                header_line, "the header was changed after it was written: its sums may not be the run's"
            )
        if header_line != 1:
            reader.name(header_line, "the header stands here and not on the first line")
        size = file.seek(0, os.SEEK_END) or 1
        file.seek(0)
        for number, line in lines_of(file):
            if number != header_line:
                reader.take(line, number)
            if number % _PROGRESS_EVERY == 0 and progress is not None:
                progress(min(1.0, file.tell() / size))
        reader.close()
    if progress is not None:
        progress(1.0)
    doubt = "" if "digest" in told else _short_plan(header)
    return Recording(header, reader.events, reader.state, reader.damage(), reader.torn, path, doubt)


def _short_plan(header: RunStarted) -> str:
    """A plan of our own that lacks keys: its last turn is short, or a key was lost and its sums are shifted."""
    steps = header.task.spec.steps
    for number, plan in enumerate(header.task.plans, 1):
        if len(plan) < steps and header.origin == "lhe-tui":
            return (
                f"the plan of sample {number} holds {len(plan)} keys and not {steps}: "
                "its last turn is short, or keys were lost"
            )
    return ""


def lines_of(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number, line with its newline) of each line that is not blank; a longer one than `MAX_LINE` comes in pieces."""
    number, rest = 0, b""
    while chunk := file.read(_CHUNK):
        lines = chunk.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        for line in lines:
            number += 1
            if line and not line.isspace():
                yield number, line + b"\n"
        if len(rest) > MAX_LINE:
            number += 1
            yield number, rest
            rest = b""
    if rest and not rest.isspace():
        yield number + 1, rest


@contextmanager
def open_session(path: Path) -> Iterator[BinaryIO]:
    """Open a session's file. Raises SessionError where it is no regular one, also for errors while it is read."""
    try:
        with open_text(path) as file:
            yield file
    except FileMissing:
        raise SessionError(f"there is no file {path}") from None
    except FileError as error:
        raise SessionError(f"{path} cannot be read: {error}; {_EXPECTED}") from None
    except OSError as error:
        raise SessionError(f"{path} cannot be read: {reason(error)}") from None


def read_header_line(line: bytes, path: Path) -> RunStarted:
    """The header that a line holds. Raises SessionError."""
    if not line.strip(b"\x00\r\n\t "):
        found = "an empty file" if not line else "an empty first line"
        raise SessionError(f"{path} is no session: {_EXPECTED}, found {found}")
    try:
        event = decode(line)
    except NewerFormat as error:
        raise SessionError(f"{path} was {error}") from None
    except CodecError as error:
        if line.startswith(b'{"event":"header"') and not line.endswith(b"\n"):
            raise SessionError(f"{path} holds no more than a header that was cut off") from None
        raise SessionError(f"{path} is no session: {_EXPECTED}, found {error}") from None
    if not isinstance(event, RunStarted):
        raise SessionError(f"{path} has lost its header: {_EXPECTED}, found another event")
    return event


def _find_header(file: BinaryIO, path: Path) -> tuple[int, RunStarted, Mapping[str, Any]]:
    """(line number, header, its document): the first line's, or else the first that is found further down."""
    first = file.readline(MAX_LINE)
    try:
        return 1, read_header_line(first, path), load(first)
    except SessionError:
        for number, line in lines_of(file):
            if b'"lhe-session/' in line:
                try:
                    return number + 1, read_header_line(line, path), load(line)
                except SessionError:
                    continue
        raise


class _Reader:
    """Folds lines as they come. A turn that comes before its time is held until the ones before it have come."""

    def __init__(self, header: RunStarted) -> None:
        self.state = RunState(header)
        self.events: list[Event] = [header]
        self.torn = False
        self._named: list[str] = []
        self._unnamed = 0
        self._held: dict[tuple[int, int], tuple[int, TurnFinished]] = {}

    def name(self, number: int, what: str) -> None:
        """Note damage by its line."""
        if len(self._named) < MAX_NAMED:
            self._named.append(f"line {number}: {what}")
        else:
            self._unnamed += 1

    def damage(self) -> list[str]:
        """The damage so far, a sentence each."""
        return self._named + ([f"and {self._unnamed} more damaged lines"] if self._unnamed else [])

    def take(self, line: bytes, number: int) -> None:
        """Take in one line."""
        # Nearly all lines are turns: they take the shortest way through.
        try:
            event = decode(line)
        except CodecError as error:
            if line.endswith(b"\n") or len(line) >= MAX_LINE:
                if line.strip():
                    self.name(number, f"{error}; the line is skipped")
            else:
                self.torn = True
            return
        if type(event) is TurnFinished:
            pass
        elif type(event) is ControlsChanged:
            event = self._in_time(event, number)
        elif type(event) is RunResumed and event.process:
            # The process that resumed did not know of turns that were out of their order: it asked them again.
            self._give_up_held()
        try:
            self.state.apply(event)
        except FoldError as error:
            self._refused(event, error, number)
            return
        self.events.append(event)
        if self._held and type(event) is TurnFinished:
            self._release_after(event)

    def close(self) -> None:
        """Name what is still held: no line is left that it could follow."""
        self._give_up_held()

    def _in_time(self, event: ControlsChanged, number: int) -> ControlsChanged:
        due = self.state.built_turns + 1
        if event.turn >= due:
            return event
        self.name(
            number, f"a change for turn {event.turn} comes after that turn: it is taken from turn {due} on"
        )
        return replace(event, turn=due)

    def _refused(self, event: Event, error: FoldError, number: int) -> None:
        if type(event) is TurnFinished and self._may_follow(event):
            self._held[event.sample, event.turn] = number, event
        else:
            self.name(number, f"{error}; the line is skipped")

    def _may_follow(self, event: TurnFinished) -> bool:
        spec = self.state.spec
        if not (event.sample <= spec.samples and event.turn <= spec.turns):
            return False
        known = (event.sample, event.turn) in self._held
        return not known and event.turn > self.state.samples[event.sample - 1].next_turn

    def _release_after(self, event: TurnFinished) -> None:
        sample = self.state.samples[event.sample - 1]
        while (held := self._held.pop((event.sample, sample.next_turn), None)) is not None:
            number, event = held
            self.name(
                number, f"turn {event.turn} of sample {event.sample} stands before the turn that it follows"
            )
            self.state.apply(event)
            self.events.append(event)

    def _give_up_held(self) -> None:
        for (sample, turn), (number, _) in self._held.items():
            due = self.state.samples[sample - 1].next_turn
            self.name(number, f"turn {turn} of sample {sample} is left out: turn {due} before it is missing")
        self._held.clear()


@contextmanager
def _no_collections() -> Iterator[None]:
    """Hold off the cycle collector while a session loads: it finds nothing there and costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
