"""Files that a person names and may have edited: bounded, regular, and text in whatever form an editor left it.

A byte-order mark, UTF-16 under one, and line ends of other systems are no faults. `-` is standard input.
"""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO, Final

from lhe_tui.errors import LheError

MOST_BYTES: Final = 1 << 30
"""The largest file that is read whole."""
MOST_TEXT: Final = 1 << 26
"""The largest text that a person writes: words, prompts, settings."""
STDIN: Final = Path("-")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS: Final = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe: name a file, or give - for standard input",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device: name a file, or give - for standard input",
    stat.S_IFBLK: "it is a device",
}


class FileError(LheError):
    """A file that cannot be read; the message says why, without the file's name."""


class FileMissing(FileError):
    """There is no file of that name."""


def open_text(path: Path) -> BinaryIO:
    """Open a file to be read line by line as UTF-8; one that begins with a byte-order mark is read whole at once.

    Raises FileError.
    """
    file = open_regular(path)
    try:
        head = file.read(len(codecs.BOM_UTF8))
        file.seek(0)
        if head == codecs.BOM_UTF8 or is_utf_16(head):
            with file:
                return io.BytesIO(without_mark(_bounded(file, MOST_BYTES)))
    except OSError as error:
        file.close()
        raise FileError(reason(error)) from None
    return file


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, or standard input, for reading; never waits for a pipe's writer. Raises FileError."""
    if path == STDIN:
        return io.BytesIO(_bounded(sys.stdin.buffer, MOST_BYTES) if sys.stdin is not None else b"")
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise FileMissing("there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileError(reason(error)) from None
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise FileError(_KINDS.get(kind, "it is no regular file"))
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """A whole file, as UTF-8 without a byte-order mark where it began with one. Raises FileError."""
    try:
        with open_regular(path) as file:
            return without_mark(_bounded(file, most))
    except OSError as error:
        raise FileError(reason(error)) from None


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """A whole text file, its lines ended by newlines. Raises FileError."""
    data = read_bytes(path, most)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileError(f"it is no UTF-8 text (byte {error.start + 1})") from None


def without_mark(data: bytes) -> bytes:
    """Bytes that begin with a byte-order mark as plain UTF-8; others as they are. Raises FileError."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    if is_utf_16(data):
        try:
            return data.decode("utf-16").encode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise FileError(f"it is no UTF-16 text (byte {error.start + 1})") from None
    return data


def is_utf_16(data: bytes) -> bool:
    """Whether bytes begin with the mark of UTF-16."""
    return data.startswith(_UTF_16)


def reason(error: Exception) -> str:
    """What the system says was wrong, without the file's name."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _bounded(file: BinaryIO, most: int) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise FileError(f"it is larger than {most >> 20:,} MB")
    return data
