"""JSON in and out: orjson where it can, and Python's own where a text or a number is beyond it.

orjson refuses lone surrogates (a reply cut inside a pair) and integers beyond 64 bits, and reads the latter as
floats. Python's own module writes the first as `\\ud83d` and the second digit by digit, which is valid JSON too.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, is_dataclass
from typing import Any

import orjson

from lhe_tui.record.errors import CodecError


def dump_line(doc: object) -> bytes:
    """One compact JSON line with its newline."""
    try:
        return orjson.dumps(doc, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(_plain(doc), separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def to_json(doc: object, *, indent: bool = True) -> str:
    """A JSON document for people and programs, with integers of any size exact and no NaN."""
    try:
        return orjson.dumps(doc, option=orjson.OPT_INDENT_2 if indent else None).decode("utf-8")
    except TypeError:
        return json.dumps(_plain(doc), indent=2 if indent else None, allow_nan=False)


def loads(data: bytes) -> Any:
    """The JSON value of foreign bytes, fast; whole numbers beyond 64 bits may come as floats. Raises CodecError."""
    try:
        return orjson.loads(data)
    except ValueError:
        return load(data)


def load(data: bytes) -> Any:
    """The JSON value, integers of any size exact; NaN and Infinity, which Python's own module writes, are numbers.

    Raises CodecError.
    """
    try:
        # Every way in which foreign bytes can be no JSON for Python's parser: its own error and bad UTF-8 are
        # ValueErrors, as are numbers of thousands of digits; nesting beyond the stack is a RecursionError.
        return json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise CodecError(f"no JSON: {error.msg} at character {error.pos + 1}") from None
    except UnicodeDecodeError as error:
        raise CodecError(f"no text: byte {error.start + 1} is not UTF-8") from None
    except RecursionError:
        raise CodecError("no event: it is nested too deeply") from None
    except ValueError as error:
        raise CodecError(f"no JSON: {str(error)[:100]}") from None


def _plain(value: Any) -> Any:
    """The value as Python's own module takes it: NaN and infinity become null, as with orjson."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
