"""Server-sent events from raw bytes, split anywhere: a pure state machine."""

from __future__ import annotations

from lhe_tui.errors import LheError


class LineTooLongError(LheError):
    """One line of the stream is longer than the limit."""


class EventLines:
    """Feed bytes, get complete lines without their ends (`\\n`, `\\r\\n` or `\\r`), never splitting a character."""

    def __init__(self, longest_line: int) -> None:
        self._longest_line = longest_line
        self._rest: list[bytes] = []
        self._rest_size = 0
        self._ended_in_cr = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes."""
        if self._ended_in_cr and data[:1] == b"\n":
            data = data[1:]
        if not data:
            return []
        self._ended_in_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        if len(lines) > 1:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest, self._rest_size = [], 0
        rest = lines.pop()
        if rest:
            self._rest.append(rest)
            self._rest_size += len(rest)
        if self._rest_size > self._longest_line:
            raise LineTooLongError(f"a line of the stream is longer than {self._longest_line:,} bytes")
        return lines

    def flush(self) -> list[bytes]:
        """The last line, if the stream ended without a line end."""
        last = b"".join(self._rest)
        self._rest, self._rest_size = [], 0
        return [last] if last else []


def field_of(line: bytes) -> tuple[bytes, bytes] | None:
    """Name and value of an event line, with or without the space after the colon; None for comments and blanks."""
    name, colon, value = line.partition(b":")
    if not name:
        return None
    if colon and value[:1] == b" ":
        value = value[1:]
    return name, value
