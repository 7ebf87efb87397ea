"""The body of a 200 cut into JSON payloads: server-sent events, or one JSON document. Pure: bytes in, payloads out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from lhe_tui.errors import LheError
from lhe_tui.models.openai.lenient_json import NOT_JSON, parse_json
from lhe_tui.models.openai.sse_lines import EventLines, LineTooLongError, field_of

LONGEST_REPLY = 8 * 2**20
"""Characters of text and reasoning; also the bytes of one line, and of a reply that is one document."""
MOST_BYTES = 512 * 2**20
"""Decoded bytes of a whole stream: one small chunk per token makes some 300 bytes per token."""

_BOM = b"\xef\xbb\xbf"
_MOST_STRAY_LINES = 20


class DoneMark:
    """The one value that stands for `[DONE]`."""


DONE = DoneMark()
Frame: TypeAlias = tuple[Any, bool]
"""(Payload or `DONE`, whether the server marked it as an error)."""


class ReplyTooLongError(LheError):
    """The body passes every bound that a reply can need."""


class BrokenFrameError(LheError):
    """A piece that is no JSON; `half` tells a body that ended inside it. The sentence is the server's own text."""

    def __init__(self, text: str, *, half: bool) -> None:
        super().__init__(text)
        self.half = half


class ReplyFrames:
    """Feed the decoded body, get frames. What stands outside of any event is kept in `stray`."""

    def __init__(self) -> None:
        self._lines = EventLines(LONGEST_REPLY)
        self._head: bytes | None = b""
        self._document: list[bytes] | None = None
        self._open_data: list[bytes] = []
        self._open_size = 0
        self._event = b""
        self._bytes = 0
        self.stray: list[bytes] = []

    @property
    def document(self) -> bytes | None:
        """The body, where it is one JSON document and no stream of events."""
        return None if self._document is None else b"".join(self._document)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that the next bytes complete. Raises ReplyTooLongError or BrokenFrameError."""
        self._bytes += len(data)
        if self._bytes > (MOST_BYTES if self._document is None else LONGEST_REPLY):
            raise ReplyTooLongError("the body is too long")
        if self._head is not None:
            data = self._head + data
            if not (start := data.removeprefix(_BOM).lstrip()):
                self._head = data[:64]
                return
            self._head, data = None, start
            if start[:1] in b"{[":
                self._document = []
        if self._document is not None:
            self._document.append(data)
            return
        try:
            lines = self._lines.feed(data)
        except LineTooLongError:
            raise ReplyTooLongError("a line is too long") from None
        for line in lines:
            if (frame := self._read_line(line)) is not None:
                yield frame

    def end(self, *, whole: bool) -> Iterator[Frame]:
        """The frames that the end of the body completes; a last half piece is of no matter once the reply is whole."""
        if self._document is not None:
            payload = parse_json(b"".join(self._document))
            if payload is NOT_JSON:
                raise BrokenFrameError("", half=True)
            yield payload, False
            return
        for line in self._lines.flush():
            if (frame := self._read_line(line)) is not None:
                yield frame
        payload = parse_json(b"\n".join(self._open_data)) if self._open_data else NOT_JSON
        if payload is not NOT_JSON:
            yield payload, self._event == b"error"
        elif self._open_data and not whole:
            raise BrokenFrameError("", half=True)

    def _read_line(self, line: bytes) -> Frame | None:
        if not line:
            return self._end_event()
        found = field_of(line)
        if found is None:
            return None
        name, value = found
        if name == b"data":
            return self._read_data(value)
        if name == b"event":
            self._event = value.strip()
        elif name not in (b"id", b"retry"):
            return self._read_stray(line)
        return None

    def _read_data(self, value: bytes) -> Frame | None:
        text = value.strip()
        if text == b"[DONE]":
            return DONE, False
        if self._open_data:
            self._open_data.append(value)
            self._open_size += len(value) + 1
            if self._open_size > LONGEST_REPLY:
                raise ReplyTooLongError("an event is too long")
        elif text:
            # One line is one payload with every known server, also where the blank lines between are missing.
            payload = parse_json(text)
            if payload is not NOT_JSON:
                return payload, self._event == b"error"
            self._open_data, self._open_size = [value], len(value)
        return None

    def _end_event(self) -> Frame | None:
        """The end of an event: its lines together are one payload. The event's name holds for no later one."""
        if not self._open_data:
            self._event = b""
            return None
        data, self._open_data = b"\n".join(self._open_data), []
        payload = parse_json(data)
        if payload is NOT_JSON:
            raise BrokenFrameError(data[:20_000].decode("utf-8", "replace"), half=False)
        marked, self._event = self._event == b"error", b""
        return payload, marked

    def _read_stray(self, line: bytes) -> Frame | None:
        """A line that is no event: an error object without `data:` is one all the same, the rest is kept."""
        if line[:1] in b"{[":
            payload = parse_json(line)
            if isinstance(payload, dict) and (payload.get("error") or payload.get("detail")):
                return payload, True
        if len(self.stray) < _MOST_STRAY_LINES:
            self.stray.append(line[:1000])
        return None
