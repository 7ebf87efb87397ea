"""The lenient reading: the number that a reply plainly holds although its form is wrong. It scores nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from lhe_tui.task.answers import OPEN_TAG, Value, find_answer, read_number

TAIL = 2_000
"""How much of a reply's end is searched, in characters."""

_NUMBER = r"[+\-\u2212]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?"
_LONE = rf"(?<![\w.,])({_NUMBER})(?![\w,]|\.[0-9])"
_ANY = re.compile(r"(?<![\w.])[+\-\u2212]?[0-9](?:[0-9.,]*[0-9])?(?!\w)")
_BOXED = re.compile(rf"\\boxed\{{\s*({_NUMBER})\s*\}}")
_EQUALS = re.compile(rf"=\s*({_NUMBER})\W*$")
_NAMED = re.compile(rf"\banswer\b(?:\s+is)?[\s:=*_$`]*{_LONE}", re.IGNORECASE)


class Lenient(NamedTuple):
    """An answer that a reply plainly holds, and the rule that found it."""

    number: Value
    rule: str


def lenient_reading(visible: str) -> Lenient | None:
    """The number that a reply without a readable answer plainly holds, or None."""
    span = find_answer(visible)
    if span is not None:
        return _in_tag(visible[span.start : span.end])
    tail = visible[-TAIL:]
    open_tag = tail.lower().rfind(OPEN_TAG)
    if open_tag >= 0:
        inside = _whole(tail[open_tag + len(OPEN_TAG) :].partition("<")[0])
        if inside is not None:
            return Lenient(inside, "tag not closed")
    for rule, pattern in (("boxed", _BOXED), ("named the answer", _NAMED), ("equals sign", _EQUALS)):
        matches = pattern.findall(tail)
        if matches:
            return _lenient(matches[-1], rule)
    numbers = _ANY.findall(tail)
    return _lenient(numbers[-1], "last number") if numbers else None


def _in_tag(text: str) -> Lenient | None:
    text = text[-TAIL:]
    for rule, pattern in (("boxed", _BOXED), ("equals sign", _EQUALS)):
        matches = pattern.findall(text)
        if matches:
            return _lenient(matches[-1], rule)
    numbers = _ANY.findall(text)
    if len(numbers) != 1:
        return None
    bare = text.strip().rstrip(".").strip("*_$` ")
    return _lenient(numbers[0], "decimal point" if bare == numbers[0] else "one number in the tag")


def _lenient(text: str, rule: str) -> Lenient | None:
    number = _whole(text)
    return None if number is None else Lenient(number, rule)


def _whole(text: str) -> int | None:
    return read_number(re.sub(r"\.0*$", "", text.strip()))
