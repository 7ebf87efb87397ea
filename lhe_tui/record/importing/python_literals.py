"""Reading what Python's `str()` wrote: lists, tables, texts and numbers, and nothing that could be run.

The published harness saves its lists so, in files that come from strangers. By hand, since `ast.literal_eval` takes
1.1 GB for a list of a million numbers (this takes 0.09 GB, in the same time) and knows neither nan nor numpy's numbers.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from lhe_tui.errors import LheError

MAX_DEPTH: Final = 50
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|nan|inf)"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<text>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")
    | np\.\w+\((?P<wrapped>{_NUMBER})\)
    | (?P<number>{_NUMBER})(?![\w.])
    | (?P<name>True|False|None)\b
    | (?P<open>[\[({{])
    | (?P<close>[\])}}])
    | (?P<mark>[,:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_NAMES: Final = {"True": True, "False": False, "None": None}
_PAIRS: Final = {"[": "]", "(": ")", "{": "}"}


class LiteralError(LheError, ValueError):
    """A text that is no plain Python value; the message says where it stops being one."""


def read_literal(text: str) -> Any:
    """The value that a text writes down; tuples come as lists. Raises LiteralError."""
    # Each open bracket with what it holds so far; a table's keys and values alternate in it.
    open_brackets: list[tuple[str, list[Any], list[str]]] = [("", [], [])]
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise LiteralError(f"no plain value at character {position + 1}")
        kind, word = token.lastgroup, token[token.lastgroup or 0]
        bracket, items, marks = open_brackets[-1]
        if kind == "open":
            if len(open_brackets) > MAX_DEPTH:
                raise LiteralError("nested too deeply")
            open_brackets.append((word, [], []))
        elif kind == "close":
            if _PAIRS.get(bracket) != word:
                raise LiteralError(f"{word} without its beginning at character {position + 1}")
            open_brackets.pop()
            open_brackets[-1][1].append(_closed(bracket, items, marks, position))
        elif kind == "mark":
            marks.append(word)
            if len(marks) != len(items):
                raise LiteralError(f"a stray {word} at character {position + 1}")
        else:
            items.append(_atom(kind or "", word, position))
        if kind != "mark" and len(open_brackets[-1][1]) > len(open_brackets[-1][2]) + 1:
            raise LiteralError(f"a missing comma before character {position + 1}")
        position = token.end()
    _, items, marks = open_brackets[-1]
    if len(open_brackets) > 1 or len(items) != 1 or marks:
        raise LiteralError("cut off before its end" if len(open_brackets) > 1 else "not one value")
    return items[0]


def _closed(bracket: str, items: list[Any], marks: list[str], position: int) -> Any:
    if bracket == "{":
        keys, values = items[::2], items[1::2]
        right = all(mark == ":,"[place % 2] for place, mark in enumerate(marks))
        if not right or len(keys) != len(values) or not all(isinstance(key, str) for key in keys):
            raise LiteralError(f"no table before character {position + 1}")
        return dict(zip(keys, values, strict=True))
    if ":" in marks:
        raise LiteralError(f"a stray : before character {position + 1}")
    return items


def _atom(kind: str, word: str, position: int) -> Any:
    if kind == "name":
        return _NAMES[word]
    try:
        if kind == "text":
            # One quoted text and nothing else: there is nothing in it to nest.
            return ast.literal_eval(word)
        return int(word) if re.fullmatch(r"[+-]?[0-9]+", word) else float(word)
    except (ValueError, SyntaxError) as error:
        raise LiteralError(f"no plain value at character {position + 1}: {str(error)[:80]}") from None


def find_table(text: str, key: str) -> dict[str, Any] | None:
    """The last table in a text that holds `key`; None where there is none."""
    found = None
    for place in re.finditer(r"\{[^{}]*\}", text):
        try:
            table = read_literal(place[0])
        except LiteralError:
            continue
        if isinstance(table, dict) and key in table:
            found = table
    return found
