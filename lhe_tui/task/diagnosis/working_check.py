"""Reading a worked reply for its first false statement: a lookup against the dictionary, or a sum (DESIGN §2.6).

A statement is called false only when every way of reading it is false: a missed slip costs a hint, a wrong accusation
costs trust. One pass over the reply, in time linear in its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple

from lhe_tui.task.diagnosis.slip_case import short
from lhe_tui.task.diagnosis.working_tokens import Token, token_lines

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


class FalseStatement(NamedTuple):
    """Where the working first says something false: reply[start:end], its line (from 1), the claim and the truth."""

    start: int
    end: int
    line: int
    kind: Literal["lookup", "addition"]
    text: str
    detail: str
    claimed: int
    true: int


class _Claim(NamedTuple):
    """A false statement before it is cut from the reply."""

    start: int
    end: int
    subject: slice
    kind: Literal["lookup", "addition"]
    claimed: int
    true: int


class _Segment(NamedTuple):
    """A side of an equation: its terms, every total it may stand for, and the tokens it spans [first, after)."""

    values: tuple[int, ...]
    totals: frozenset[int]
    total: int
    first: int
    after: int
    is_key: bool


def first_false_statement(
    reply: str, dictionary: Mapping[str, int], keys: Sequence[str], basis: int | None, values: Sequence[int]
) -> FalseStatement | None:
    """The first lookup or sum in the reply that is false whichever way it is read; None where there is none."""
    known = {word.lower(): value for word, value in dictionary.items()}
    known.update((key.lower(), value) for key, value in zip(keys, values, strict=False))
    running = frozenset(accumulate(values, initial=basis)) if basis is not None else frozenset()
    for line, tokens in token_lines(reply, known):
        claim = min(
            (*_false_lookups(tokens, running), *_false_sums(tokens)),
            key=lambda claim: (claim.start, claim.end),
            default=None,
        )
        if claim is not None:
            return _statement(reply, line, claim)
    return None


def _statement(reply: str, line: int, claim: _Claim) -> FalseStatement:
    text = reply[claim.start : min(claim.end, claim.start + MAX_QUOTE)]
    where = " in the dictionary" if claim.kind == "lookup" else ""
    subject = " ".join(reply[claim.subject][:MAX_QUOTE].split())
    detail = f"{subject} is {short(claim.true)}{where}, not {short(claim.claimed)}"
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
    segment, _ = _segment(tokens, at + 1)
    return segment is not None and len(segment.values) > 1


def _value_added(
    tokens: list[Token], at: int, running: frozenset[int]
) -> tuple[int, int, tuple[int, ...]] | None:
    """`brave: 212 + 14 = 226`: what is added to the running sum under a key's name."""
    if at + 1 >= len(tokens) or tokens[at + 1].kind != "colon" or _in_a_list_or_sum(tokens, at):
        return None
    segment, after = _segment(tokens, at + 2)
    if segment is None or len(segment.values) != 2 or tokens[at].value in segment.values:
        return None
    added = [value for value in segment.values if value not in running]
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


# Sums -------------------------------------------------------------------------------------------------------------


def _false_sums(tokens: list[Token]) -> Iterator[_Claim]:
    at = 0
    while at < len(tokens):
        chain, at = _chain(tokens, at)
        for left, right in pairwise(chain):
            if left is None or right is None or not _is_a_sum(tokens, left, right):
                continue
            if left.totals & right.totals or right.values[0] in left.totals:
                continue
            start, end = tokens[left.first].start, tokens[right.after - 1].end
            subject = slice(start, tokens[left.after - 1].end)
            yield _Claim(start, end, subject, "addition", right.total, left.total)


def _is_a_sum(tokens: list[Token], left: _Segment, right: _Segment) -> bool:
    if len(left.values) > 1:
        return True
    # `226 = 212 + 14` is one; in `turn 2 = 212 + 14` the 2 is a name.
    unnamed = left.first == 0 or tokens[left.first - 1].kind == "sep"
    return len(right.values) > 1 and unnamed and not left.is_key


def _chain(tokens: list[Token], at: int) -> tuple[list[_Segment | None], int]:
    """The sides of an equation that starts at `at`, and where to go on; None for a side that is no plain sum."""
    segment, here = _segment(tokens, at)
    if here == at:
        return [], at + 1
    chain = [segment]
    while here < len(tokens) and tokens[here].kind == "eq":
        segment, after = _segment(tokens, here + 1)
        if after == here + 1:
            return chain, after
        chain.append(segment)
        here = after
    if here < len(tokens) and tokens[here].kind in ("num", "bad"):
        chain[-1] = None
    return chain, here


def _segment(tokens: list[Token], at: int) -> tuple[_Segment | None, int]:
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


def _read(tokens: list[Token], at: int, after: int, terms: list[_Term]) -> _Segment:
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
    return _Segment(values, frozenset(totals), named, at, after, len(terms) == 1 and terms[0].is_key)
