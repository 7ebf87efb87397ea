"""Strict reading of one field at a time from foreign JSON: a wrong one is named in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lhe_tui.record.errors import CodecError
from lhe_tui.record.validation import shown

MAX_COUNT = 10**15
"""Counts (tokens, turns) above this are no counts."""
MAX_SEED = 10**1000
"""Seeds may be any whole number that Python still writes out as text."""
MAX_SECONDS = 1e12

JsonObject = Mapping[str, Any]
_ABSENT = object()


def wrong(where: str, name: str, wanted: str, found: object) -> CodecError:
    """The error that says what a field should have been and what it is."""
    if found is _ABSENT:
        return CodecError(f"{where}: {name} is missing, which should be {wanted}")
    return CodecError(f"{where}: {name} should be {wanted}, not {shown(found)}")


def whole(doc: JsonObject, name: str, where: str, low: int, high: int) -> int:
    """A whole number within [low, high]."""
    value = doc.get(name, _ABSENT)
    if type(value) is not int or not low <= value <= high:
        bounds = f" from {low} to {high}" if max(abs(low), abs(high)) <= MAX_COUNT else ""
        raise wrong(where, name, f"a whole number{bounds}", value)
    return value


def optional_whole(doc: JsonObject, name: str, where: str, low: int, high: int) -> int | None:
    """A whole number within [low, high], or None where it is null or left out."""
    return None if doc.get(name) is None else whole(doc, name, where, low, high)


def number(doc: JsonObject, name: str, where: str, default: float | None = None) -> float:
    """A finite number from 0 up."""
    value = doc.get(name, _ABSENT if default is None else default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(where, name, "a number", value)
    if not 0 <= value <= MAX_SECONDS:
        raise wrong(where, name, f"a number from 0 to {MAX_SECONDS:g}", value)
    return float(value)


def optional_number(doc: JsonObject, name: str, where: str) -> float | None:
    """A finite number from 0 up, or None where it is null or left out."""
    return None if doc.get(name) is None else number(doc, name, where)


def text(doc: JsonObject, name: str, where: str, default: str | None = None, limit: int | None = None) -> str:
    """A text of at most `limit` characters."""
    value = doc.get(name, _ABSENT if default is None else default)
    if type(value) is not str:
        raise wrong(where, name, "a text", value)
    if limit is not None and len(value) > limit:
        raise wrong(where, name, f"a text of at most {limit} characters", value)
    return value


def optional_text(doc: JsonObject, name: str, where: str, limit: int | None = None) -> str | None:
    """A text, or None where it is null or left out."""
    return None if doc.get(name) is None else text(doc, name, where, None, limit)


def choice(
    doc: JsonObject, name: str, where: str, choices: Collection[str], default: str | None = None
) -> str:
    """One of a few words."""
    value = doc.get(name, _ABSENT if default is None else default)
    if type(value) is not str or value not in choices:
        raise wrong(where, name, "one of " + ", ".join(choices), value)
    return value


def flag(doc: JsonObject, name: str, where: str, default: bool | None = None) -> bool:
    """True or false."""
    value = doc.get(name, _ABSENT if default is None else default)
    if type(value) is not bool:
        raise wrong(where, name, "true or false", value)
    return value


def items(doc: JsonObject, name: str, where: str, default: list[Any] | None = None) -> list[Any]:
    """A list."""
    value = doc.get(name, _ABSENT if default is None else default)
    if type(value) is not list:
        raise wrong(where, name, "a list", value)
    return value


def table(doc: JsonObject, name: str, where: str) -> dict[str, Any]:
    """A JSON object."""
    value = doc.get(name, _ABSENT)
    if type(value) is not dict:
        raise wrong(where, name, "a table", value)
    return value
