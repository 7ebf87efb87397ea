"""What a GGUF file says of itself: its context length and whether it brings a chat template."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from lhe_tui.errors import LheError

MAGIC = b"GGUF"
_MOST_VALUES = 10_000_000
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by its type; the others are texts and arrays."""
_INTEGERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_STRING, _ARRAY = 8, 9


class GGUFError(LheError):
    """A file that is no GGUF file, or one that is cut short."""


@dataclass(frozen=True, slots=True)
class GGUFFacts:
    """`context_length` in tokens, as the model was trained; `size` in bytes."""

    context_length: int | None
    has_chat_template: bool
    size: int


def check_gguf(path: Path) -> None:
    """Whether the file is there and begins as a GGUF file does. Raises GGUFError."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise GGUFError(f"the model file {path} cannot be read: {error.strerror or error}") from None
    if magic != MAGIC:
        raise GGUFError(f"{path} is no GGUF file: give a model in llama.cpp's format, such as model.gguf")


def read_facts(path: Path) -> GGUFFacts:
    """The facts in the file's head. Raises GGUFError. Takes up to 0.2 s for a large vocabulary."""
    check_gguf(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(data)
    except (OSError, ValueError, struct.error) as error:
        raise GGUFError(f"the model file {path} is damaged or cut short: download it again") from error


def _read(data: mmap.mmap) -> GGUFFacts:
    version, _, count = struct.unpack_from("<IQQ", data, 4)
    if version not in (2, 3):
        raise ValueError(f"GGUF version {version}")
    context_length: int | None = None
    has_chat_template = False
    at = 24
    for _ in range(min(count, _MOST_VALUES)):
        key, at = _text(data, at)
        (kind,) = struct.unpack_from("<I", data, at)
        at += 4
        if key.endswith(b".context_length") and kind in _INTEGERS:
            (context_length,) = struct.unpack_from(_INTEGERS[kind], data, at)
        has_chat_template = has_chat_template or key == b"tokenizer.chat_template"
        at = _after(data, at, kind)
    return GGUFFacts(context_length, has_chat_template, len(data))


def _text(data: mmap.mmap, at: int) -> tuple[bytes, int]:
    """A text and the place after it."""
    (length,) = struct.unpack_from("<Q", data, at)
    end = at + 8 + length
    if end > len(data):
        raise ValueError("a text reaches past the end")
    return data[at + 8 : end], end


def _after(data: mmap.mmap, at: int, kind: int) -> int:
    """The place after a value."""
    if kind in _SIZES:
        return at + _SIZES[kind]
    if kind == _STRING:
        return _text(data, at)[1]
    if kind != _ARRAY:
        raise ValueError(f"value type {kind}")
    item, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if item in _SIZES:
        return at + int(count) * _SIZES[item]
    for _ in range(min(count, _MOST_VALUES)):
        at = _after(data, at, item)
    return at
