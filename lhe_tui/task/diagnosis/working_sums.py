"""Reading the sums of a worked reply: the two sides of each equation, and every total that a side may stand for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from lhe_tui.task.diagnosis.working_tokens import Token

_STARTS = frozenset({"num", "key", "op", "open"})
"""What a side may begin with: most words of a long reply begin none."""


class Side(NamedTuple):
    """A side of an equation: its terms, every total it may stand for, and the tokens it spans [first, after)."""

    values: tuple[int, ...]
    totals: frozenset[int]
    total: int
    first: int
    after: int
    is_key: bool


def equations(tokens: list[Token]) -> Iterator[tuple[Side, Side]]:
    """The two sides of each equation that is a sum; a chain gives one pair for each of its signs."""
    at = 0 if any(token.kind == "eq" for token in tokens) else len(tokens)
    while at < len(tokens):
        if tokens[at].kind not in _STARTS:
            at += 1
            continue
        chain, at = _chain(tokens, at)
        for left, right in pairwise(chain):
            if left is not None and right is not None and _is_a_sum(tokens, left, right):
                yield left, right


def _is_a_sum(tokens: list[Token], left: Side, right: Side) -> bool:
    if len(left.values) > 1:
        return True
    # `226 = 212 + 14` is one; in `turn 2 = 212 + 14` the 2 is a name.
    unnamed = left.first == 0 or tokens[left.first - 1].kind == "sep"
    return len(right.values) > 1 and unnamed and not left.is_key


def _chain(tokens: list[Token], at: int) -> tuple[list[Side | None], int]:
    """The sides of an equation that starts at `at`, and where to go on; None for a side that is no plain sum."""
    side, here = side_at(tokens, at)
    if here == at:
        return [], at + 1
    chain = [side]
    while here < len(tokens) and tokens[here].kind == "eq":
        side, after = side_at(tokens, here + 1)
        if after == here + 1:
            return chain, after
        chain.append(side)
        here = after
    if here < len(tokens) and tokens[here].kind in ("num", "bad"):
        chain[-1] = None
    return chain, here


def side_at(tokens: list[Token], at: int) -> tuple[Side | None, int]:
    """The sum that starts at `at`, and where it ends: at `at` itself where none starts."""
    terms: list[_Term] = []
    here = at
    while here < len(tokens) and (not terms or tokens[here].kind == "op"):
        term, after = _term(tokens, here)
        if term is None:
            # A sign without a number behind it: whatever this is, it is not a sum of numbers.
            return None, after
        terms.append(term)
        here = after
    if not terms or _entangled(tokens, at):
        return None, here
    return _read(tokens, at, here, terms), here


class _Term(NamedTuple):
    value: int
    is_key: bool


def _term(tokens: list[Token], at: int) -> tuple[_Term | None, int]:
    """One signed number or key with its brackets: `+ (-5)`, `14 (brave)`, `brave (14)`; and where it ends."""
    sign, here = _signs(tokens, at)
    bracket = here < len(tokens) and tokens[here].kind == "open"
    if bracket:
        inner, here = _signs(tokens, here + 1)
        sign *= inner
    if here >= len(tokens) or tokens[here].kind not in ("num", "key"):
        return None, at if here == at or tokens[at].kind == "open" else here
    value, is_key = tokens[here].value, tokens[here].kind == "key"
    here += 1
    if bracket:
        if here >= len(tokens) or tokens[here].kind != "close":
            return None, here
        here += 1
    given = _given(tokens, here) if is_key else None
    if given is not None:
        value, here = given
        is_key = False
    elif not is_key:
        here = _past_remark(tokens, here)
    return _Term(sign * value, is_key), here


def _signs(tokens: list[Token], at: int) -> tuple[int, int]:
    sign = 1
    while at < len(tokens) and tokens[at].kind == "op":
        sign *= tokens[at].value
        at += 1
    return sign, at


def _given(tokens: list[Token], at: int) -> tuple[int, int] | None:
    """The number that follows a key at once, in brackets or bare: `brave (14)`, `brave 14`."""
    if at < len(tokens) and tokens[at].kind == "num":
        return tokens[at].value, at + 1
    if at < len(tokens) and tokens[at].kind == "open":
        sign, here = _signs(tokens, at + 1)
        closed = here + 1 < len(tokens) and tokens[here + 1].kind == "close"
        if closed and tokens[here].kind == "num":
            return sign * tokens[here].value, here + 2
    return None


def _past_remark(tokens: list[Token], at: int) -> int:
    """Where a bracket that holds only words ends: `14 (the value of brave)`."""
    if at >= len(tokens) or tokens[at].kind != "open":
        return at
    here = at + 1
    while here < len(tokens) and tokens[here].kind in ("word", "key"):
        here += 1
    return here + 1 if here > at + 1 and here < len(tokens) and tokens[here].kind == "close" else at


def _entangled(tokens: list[Token], at: int) -> bool:
    """Whether what stands before a sum makes it part of something else: `3 × 4 + 2`, `x + 4 + 2`, `5 4 + 2`."""
    if at == 0:
        return False
    before, first = tokens[at - 1], tokens[at]
    if first.kind != "op":
        return before.kind in ("bad", "num", "op")
    unary = at + 1 < len(tokens) and tokens[at + 1].start == first.end and before.end < first.start
    return before.kind in ("bad", "num", "close", "key") or (before.kind == "word" and not unary)


def _read(tokens: list[Token], at: int, after: int, terms: list[_Term]) -> Side:
    """Every total that the terms may stand for."""
    values = tuple(term.value for term in terms)
    total = sum(values)
    # A key right before a number may be that number's name and no term: `brave +14 + 212`.
    named = sum(term.value for i, term in enumerate(terms) if not term.is_key or i == len(terms) - 1)
    totals = {total, named}
    if at == 0 and tokens[0].kind == "op":
        # The sign at the start of a line may be a list's dash.
        totals.add(total - 2 * values[0])
    if at > 0 and tokens[at - 1].kind == "word" and len(values) > 1:
        # `step 1 - 212 + 14`: the first number may be a name.
        totals.update((sum(values[1:]), sum(values[1:]) - 2 * values[1]))
    return Side(values, frozenset(totals), named, at, after, len(terms) == 1 and terms[0].is_key)
