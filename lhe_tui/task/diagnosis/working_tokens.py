"""Cutting a worked reply into numbers, keys, signs and the rest, line by line, for the modules that read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Kind = Literal["num", "key", "word", "op", "eq", "colon", "open", "close", "sep", "bad"]

MAX_READ = 200_000
"""Characters of a reply that are read: four times the longest chain of thought that the paper allowed."""
MAX_DIGITS = 30
"""A longer run of digits is no number of a sum."""

# `bad` is whatever makes a sum beside it something else than a sum: other operators, decimals, comparisons.
_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|\*\*|__|[`$"“”'’&{}]|\\(?!times|cdot|frac|div)[A-Za-z]*)
    | (?P<decimal>\d+\.\d\w*)
    | (?P<num>(?:[0-9]{1,3}(?:[,'\u202f\u2009\u00a0][0-9]{3}){1,9}(?!\d)|[0-9]+)(?!\w))
    | (?P<mixed>\d\w*)
    | (?P<word>[^\W\d_]\w*)
    | (?P<bad>!=|<=|>=|\\[a-z]+|[×*/÷%^·<>≠≈~!?])
    | (?P<eq>===?|=>|[-\u2212]>|[=→⇒])
    | (?P<op>[+\-\u2212\u2013])
    | (?P<colon>[:|\u2014])
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<sep>[,;.…•])
    """,
    re.VERBOSE,
)
_EQUALS = frozenset({"is", "equals", "gives", "makes"})
_SIGNS = {"plus": "+", "minus": "-"}


class Token(NamedTuple):
    """One token: reply[start:end]. `value` is a number's (without its sign), a key's, or a sign's +1 or -1."""

    kind: Kind
    text: str
    start: int
    end: int
    value: int = 0


def token_lines(reply: str, keys: Mapping[str, int]) -> Iterator[tuple[int, list[Token]]]:
    """Each line that holds a number, as (line from 1, tokens); `keys` holds lower-case keys and their values."""
    start, number = 0, 0
    end_of_text = min(len(reply), MAX_READ)
    while start < end_of_text:
        number += 1
        stop = reply.find("\n", start, end_of_text)
        stop = end_of_text if stop < 0 else stop
        tokens = list(_tokens(reply, start, stop, keys))
        if any(token.kind == "num" for token in tokens):
            yield number, tokens
        start = stop + 1


def _tokens(reply: str, start: int, stop: int, keys: Mapping[str, int]) -> Iterator[Token]:
    for match in _TOKEN.finditer(reply, start, stop):
        kind, text = match.lastgroup, match[0]
        at, end = match.span()
        if kind == "num":
            digits = "".join(char for char in text if char.isdigit())
            known = len(digits) <= MAX_DIGITS
            yield Token("num", text, at, end, int(digits)) if known else Token("bad", text[:9], at, end)
        elif kind == "word":
            yield _word(text, at, end, keys)
        elif kind == "op":
            yield Token("op", text, at, end, 1 if text == "+" else -1)
        elif kind in ("decimal", "mixed", "bad"):
            yield Token("bad", text[:9], at, end)
        elif kind in ("eq", "colon", "open", "close", "sep"):
            yield Token(_PLAIN[kind], text, at, end)


_PLAIN: dict[str, Kind] = {"eq": "eq", "colon": "colon", "open": "open", "close": "close", "sep": "sep"}


def _word(text: str, at: int, end: int, keys: Mapping[str, int]) -> Token:
    # A key comes first: `minus` and `gives` are five-letter words too.
    lower = text.lower() if len(text) <= 64 else ""
    if lower in keys:
        return Token("key", text, at, end, keys[lower])
    if lower in _EQUALS:
        return Token("eq", lower, at, end)
    if lower in _SIGNS:
        return Token("op", lower, at, end, 1 if _SIGNS[lower] == "+" else -1)
    return Token("word", lower, at, end)
