"""What a worked reply says of each key: the value it looked up and the sum it reached, for showing beside the truth.

A reading for the eye, not a judgement: `working_check` alone says which statement is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lhe_tui.task.diagnosis.working_tokens import Token, token_lines

_JOINS = frozenset({"colon", "eq", "open"})
_FILLERS = frozenset({"s", "has", "have", "the", "a", "value", "of", "was", "with", "maps", "to"})


class Stated(NamedTuple):
    """What the working says at one key; None where it says nothing."""

    value: int | None = None
    partial: int | None = None


class _Sum(NamedTuple):
    terms: tuple[int, ...]
    result: int


def stated_working(reply: str, keys: Sequence[str], values: Sequence[int]) -> list[Stated]:
    """For each key in order, the value and the running sum that the working states."""
    known = {key.lower(): value for key, value in zip(keys, values, strict=True)}
    lookups: list[tuple[str, int]] = []
    sums: list[_Sum] = []
    for _, tokens in token_lines(reply, known):
        lookups.extend(_lookups(tokens))
        sums.extend(_sums(tokens))
    stated_values = _values_by_key(lookups, keys)
    partials = _partials_by_key(sums, stated_values, values)
    return [Stated(*pair) for pair in zip(stated_values, partials, strict=True)]


def _lookups(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    for at, token in enumerate(tokens):
        if token.kind != "key":
            continue
        here, joined, sign = at + 1, False, 1
        while here < len(tokens) and (
            tokens[here].kind in _JOINS or (tokens[here].kind == "word" and tokens[here].text in _FILLERS)
        ):
            joined = joined or tokens[here].kind in _JOINS
            here += 1
        while here < len(tokens) and tokens[here].kind == "op":
            sign *= tokens[here].value
            joined = True
            here += 1
        if not joined or here >= len(tokens) or tokens[here].kind != "num":
            continue
        if here + 1 >= len(tokens) or tokens[here + 1].kind != "op":
            yield token.text.lower(), sign * tokens[here].value


def _sums(tokens: Sequence[Token]) -> Iterator[_Sum]:
    terms: list[int] = []
    waiting: tuple[int, ...] = ()
    sign, before = 1, ""
    for token in tokens:
        if token.kind == "num":
            number = sign * token.value
            if waiting:
                yield _Sum(waiting, number)
            terms = [*terms, number] if before == "op" and terms and not waiting else [number]
            waiting, sign = (), 1
        elif token.kind == "op":
            sign = token.value * (sign if before == "op" else 1)
        elif token.kind == "eq":
            waiting, terms = (tuple(terms) if len(terms) > 1 else ()), []
        elif token.kind in ("key", "open", "close"):
            continue
        else:
            terms, waiting, sign = [], (), 1
        before = token.kind


def _values_by_key(lookups: list[tuple[str, int]], keys: Sequence[str]) -> list[int | None]:
    by_key: dict[str, list[int]] = {}
    for key, value in lookups:
        by_key.setdefault(key, []).append(value)
    found: list[int | None] = []
    for key in keys:
        said = by_key.get(key.lower(), [])
        # A key that comes twice may be looked up once for both.
        found.append(said.pop(0) if len(said) > 1 else said[0] if said else None)
    return found


def _partials_by_key(
    sums: list[_Sum], stated: Sequence[int | None], values: Sequence[int]
) -> list[int | None]:
    """Each sum goes to the next key whose value it adds; a sum of many terms to the last key."""
    partials: list[int | None] = [None] * len(values)
    following = 0
    for terms, result in sums:
        if len(terms) > 2:
            partials[-1] = result
            following = len(values)
            continue
        added = terms[-1]
        for at in range(following, len(values)):
            if added in (stated[at], values[at]):
                partials[at] = result
                following = at + 1
                break
    return partials
