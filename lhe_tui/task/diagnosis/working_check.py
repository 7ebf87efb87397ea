"""Reading a worked reply for its first false statement: a lookup against the dictionary, or a sum.

A statement is called false only when every way of reading it is false: a missed slip costs a hint, a wrong accusation
costs trust. One pass over the reply, in time linear in its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from lhe_tui.task.answers import find_answer, read_number
from lhe_tui.task.diagnosis.slip_case import short
from lhe_tui.task.diagnosis.working_sums import equations, side_at
from lhe_tui.task.diagnosis.working_tokens import MAX_READ, Token, token_lines

MAX_QUOTE = 200
"""How much of a false statement is quoted, in characters."""

_FILLERS = frozenset({"s", "has", "have", "the", "a", "value", "of", "was", "with", "maps", "to"})
"""Words that may stand between a key and its value."""
_RUNNING = frozenset({"after", "adding", "add", "subtract", "subtracting", "through", "including", "before"})
"""Words before a key that make the number after it a running sum."""
_GOING_ON = frozenset(
    {"and", "so", "then", "which", "but", "because", "giving", "thus", "hence", "now", "while"}
)
"""Words after a number that leave it a bare number (`14 letters` is none)."""
_TAKEN_BACK = re.compile(
    r"\b(?:wait|actually|correction|oops|hold on|scratch that|i made a mistake|no,|let me re-?\w+)",
    re.IGNORECASE,
)
"""Words by which a reply takes back what it said."""
TAKEN_BACK_WITHIN = 200
"""How far behind such words the corrected statement may stand, in characters."""

Kind = Literal["lookup", "addition", "start", "tag"]


class FalseStatement(NamedTuple):
    """Where the working first says something false: reply[start:end], its line (from 1), the claim and the truth."""

    start: int
    end: int
    line: int
    kind: Kind
    text: str
    detail: str
    claimed: int
    true: int


class _Claim(NamedTuple):
    """A false statement before it is cut from the reply."""

    start: int
    end: int
    subject: slice
    kind: Kind
    claimed: int
    true: int


def first_false_statement(
    reply: str, dictionary: Mapping[str, int], keys: Sequence[str], basis: int | None, values: Sequence[int]
) -> FalseStatement | None:
    """The first lookup or sum in the reply that is false whichever way it is read; None where there is none."""
    known = {word.lower(): value for word, value in dictionary.items()}
    known.update((key.lower(), value) for key, value in zip(keys, values, strict=False))
    running = frozenset(accumulate(values, initial=basis)) if basis is not None else frozenset()
    lines = list(token_lines(reply, known))
    marks = [word.end() for word in _TAKEN_BACK.finditer(reply, 0, MAX_READ)]
    for line, tokens in lines:
        claims = (*_false_lookups(tokens, running), *_false_sums(tokens))
        for claim in sorted(claims, key=lambda claim: (claim.start, claim.end)):
            if not _taken_back(reply, claim, marks):
                return _statement(reply, line, claim)
    if basis is None:
        return None
    found = _false_start(lines, basis, values, running) or _other_tag(reply, lines, basis, values)
    return _statement(reply, *found) if found else None


def _taken_back(reply: str, claim: _Claim, marks: Sequence[int]) -> bool:
    """Whether the reply corrects itself behind the claim and speaks of the same thing again."""
    at = bisect_left(marks, claim.end)
    if at == len(marks):
        return False
    behind = reply[marks[at] : marks[at] + TAKEN_BACK_WITHIN].lower()
    subject = reply[claim.subject].lower()
    return subject in behind or re.search(rf"(?<!\d){abs(claim.true)}(?!\d)", behind) is not None


def _false_start(
    lines: Sequence[tuple[int, list[Token]]], basis: int, values: Sequence[int], running: frozenset[int]
) -> tuple[int, _Claim] | None:
    """The first sum that adds this turn's values to something else, in a reply that never names the basis."""
    if basis == 0 or any(t.kind == "num" and t.value == abs(basis) for _, tokens in lines for t in tokens):
        return None
    for line, tokens in lines:
        for left, _ in equations(tokens):
            first, added = left.values[0], left.values[1:]
            if not added or first in values or first in running or not set(added) <= set(values):
                return None
            start, end = tokens[left.first].start, tokens[left.after - 1].end
            return line, _Claim(start, end, slice(start, end), "start", first, basis)
    return None


def _other_tag(
    reply: str, lines: Sequence[tuple[int, list[Token]]], basis: int, values: Sequence[int]
) -> tuple[int, _Claim] | None:
    """An answer tag that holds another number than the right one that the working ends in."""
    span, expected = find_answer(reply), basis + sum(values)
    number = read_number(reply[span.start : span.end]) if span else None
    if span is None or number is None or number == expected:
        return None
    last: int | None = None
    for _, tokens in lines:
        for _, right in equations(tokens):
            last = right.total
        if any(t.kind == "num" and t.value == abs(number) and t.end < span.start for t in tokens):
            return None
    if last != expected:
        return None
    line = reply.count("\n", 0, span.start) + 1
    return line, _Claim(span.start, span.end, slice(span.start, span.end), "tag", number, expected)


def _statement(reply: str, line: int, claim: _Claim) -> FalseStatement:
    text = reply[claim.start : min(claim.end, claim.start + MAX_QUOTE)]
    true, claimed = short(claim.true), short(claim.claimed)
    where = " in the dictionary" if claim.kind == "lookup" else ""
    subject = " ".join(reply[claim.subject][:MAX_QUOTE].split())
    detail = f"{subject} is {true}{where}, not {claimed}"
    if claim.kind == "start":
        detail = f"the working starts from {claimed}, and the sum before was {true}"
    elif claim.kind == "tag":
        detail = f"the working ends in {true}, and the tag says {claimed}"
    return FalseStatement(claim.start, claim.end, line, claim.kind, text, detail, claim.claimed, claim.true)


# Lookups ----------------------------------------------------------------------------------------------------------


def _false_lookups(tokens: list[Token], running: frozenset[int]) -> Iterator[_Claim]:
    for at, token in enumerate(tokens):
        if token.kind != "key":
            continue
        found = _value_before(tokens, at) or _value_after(tokens, at) or _value_added(tokens, at, running)
        if found is None:
            continue
        first, last, readings = found
        if token.value in readings or any(value in running for value in readings):
            continue
        named = slice(token.start, token.end)
        yield _Claim(tokens[first].start, tokens[last].end, named, "lookup", readings[0], token.value)


def _value_before(tokens: list[Token], at: int) -> tuple[int, int, tuple[int, ...]] | None:
    """`14 (brave)`: the number before a key that stands alone in brackets."""
    if at < 2 or tokens[at - 1].kind != "open" or tokens[at - 2].kind != "num":
        return None
    if at + 1 >= len(tokens) or tokens[at + 1].kind != "close":
        return None
    number = tokens[at - 2].value
    if at >= 3 and tokens[at - 3].kind == "op":
        # `212 - 63 (cloud)` may take away 63 or add -63.
        return at - 3, at + 1, (number * tokens[at - 3].value, number, -number)
    return at - 2, at + 1, (number,)


def _value_after(tokens: list[Token], at: int) -> tuple[int, int, tuple[int, ...]] | None:
    """`brave: 14`, `brave = 14`, `brave is -5`, `brave (14)`, `brave's value is 14`, `| brave | 14 |`, `brave +14`."""
    if _in_a_list_or_sum(tokens, at):
        return None
    here, joined, bracket = at + 1, False, False
    while here < len(tokens) and not bracket:
        token = tokens[here]
        if token.kind in ("colon", "eq") or (token.kind == "word" and token.text in _FILLERS):
            joined = joined or token.kind != "word" or token.text == "of"
        elif token.kind == "open" and here + 1 < len(tokens) and tokens[here + 1].kind in ("num", "op"):
            joined = bracket = True
        else:
            break
        here += 1
    return _claimed(tokens, at, here, joined, bracket)


def _claimed(
    tokens: list[Token], at: int, here: int, joined: bool, bracket: bool
) -> tuple[int, int, tuple[int, ...]] | None:
    """The number at `here` as what the key at `at` is said to be worth, if it stands by itself."""
    sign, dash = 1, False
    if here < len(tokens) and tokens[here].kind == "op":
        sign = tokens[here].value
        here += 1
        # `brave - 14` joins with a dash; `brave: -14` and `brave -14` do not.
        dash = not joined and here < len(tokens) and tokens[here].start > tokens[here - 1].end
        joined = True
    if here >= len(tokens) or tokens[here].kind != "num" or "," in tokens[here].text:
        return None
    number = tokens[here].value
    if not joined or not (_closed(tokens, here + 1) if bracket else _alone(tokens, here + 1)):
        return None
    return at, here + bracket, (number, -number) if dash else (sign * number,)


def _closed(tokens: list[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].kind == "close"


def _alone(tokens: list[Token], at: int) -> bool:
    """Whether what stands at `at` lets the number before it stand by itself."""
    if at >= len(tokens) or tokens[at].kind in ("sep", "close", "open", "colon", "key"):
        return True
    return tokens[at].text in _GOING_ON or _leads_to_a_sum(tokens, at)


def _leads_to_a_sum(tokens: list[Token], at: int) -> bool:
    """`brave = 14 → 212 + 14`: the equals sign at `at` goes on to another statement."""
    if tokens[at].kind != "eq":
        return False
    side, _ = side_at(tokens, at + 1)
    return side is not None and len(side.values) > 1


def _value_added(
    tokens: list[Token], at: int, running: frozenset[int]
) -> tuple[int, int, tuple[int, ...]] | None:
    """`brave: 212 + 14 = 226`: what is added to the running sum under a key's name."""
    if at + 1 >= len(tokens) or tokens[at + 1].kind != "colon" or _in_a_list_or_sum(tokens, at):
        return None
    side, after = side_at(tokens, at + 2)
    if side is None or len(side.values) != 2 or tokens[at].value in side.values:
        return None
    added = [value for value in side.values if value not in running]
    return (at, after - 1, (added[0],)) if len(added) == 1 else None


def _in_a_list_or_sum(tokens: list[Token], at: int) -> bool:
    """Whether the key is one of several named in a row, a term of a sum, or what a running sum has reached."""
    before = at - 1
    while before >= 0 and tokens[before].kind == "word" and tokens[before].text in _FILLERS:
        before -= 1
    if before < 0:
        return False
    token = tokens[before]
    if token.kind == "op":
        # A sign at the start of a line is a list's dash.
        return before > 0
    if token.kind == "word" and token.text in _RUNNING:
        return True
    if token.kind == "sep" or token.text in ("and", "then"):
        before -= 1
    return before >= 0 and tokens[before].kind == "key"


def _false_sums(tokens: list[Token]) -> Iterator[_Claim]:
    for left, right in equations(tokens):
        if left.totals & right.totals or right.values[0] in left.totals:
            continue
        start, end = tokens[left.first].start, tokens[right.after - 1].end
        subject = slice(start, tokens[left.after - 1].end)
        yield _Claim(start, end, subject, "addition", right.total, left.total)
