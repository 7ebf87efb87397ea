"""Reading a reply: reasoning set aside, the answer found, the outcome named."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias, get_args

Value: TypeAlias = int | tuple[tuple[int, ...], ...]
"""What a key stands for and what an answer is: a whole number, or rows of them. The task owns which."""

Outcome = Literal["correct", "wrong", "no_answer", "not_a_number", "truncated", "refused", "failed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
FORMAT_FAILURES: frozenset[Outcome] = frozenset({"no_answer", "not_a_number", "truncated", "refused"})

OPEN_TAG = "<answer>"
CLOSE_TAG = "</answer>"
MAX_DIGITS = 4000
"""Python refuses longer integers from text; a longer run of digits is no integer here."""

_OPENS = r"<(?:seed:)?(?:think|thinking|thought)>|\[THINK\]|\u25c1think\u25b7"
_CLOSES = _OPENS.replace("<", "</").replace(r"\[", r"\[/").replace(r"\u25c1", r"\u25c1/")
_HEAD = r"(?:<\|end\|>\s*)?(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*"
_THINK = re.compile(
    rf"(?P<open>{_OPENS}|{_HEAD}(?:analysis|commentary)[^<]*<\|message\|>)"
    rf"|(?P<close>{_CLOSES}|{_HEAD}final[^<]*<\|message\|>)|<\|(?:end|return)\|>",
    re.IGNORECASE,
)
"""Where a block of thinking opens or closes, by the marks of the common model families; else a mark of no meaning."""
_SEPARATED = r"[0-9]{1,3}(?P<mark>[,'’\u00a0\u2009\u202f])[0-9]{3}(?:(?P=mark)[0-9]{3})*"
_INTEGER = re.compile(rf"([+\-\u2212]?)({_SEPARATED}|[0-9]+)")
_PLAIN = re.compile(r"<answer>(-?[0-9]{1,15})</answer>")
_ORNAMENT = "*_$` \t\r\n\f\v\u00a0\u2009\u202f"


class Span(NamedTuple):
    """Where the answer's text stands in a visible reply: between the tags, [start, end)."""

    start: int
    end: int


class Reading(NamedTuple):
    """What a visible reply says: whether a complete tag was found, and the answer in it."""

    span: Span | None
    number: Value | None


def set_reasoning_aside(content: str) -> tuple[str, str]:
    """Split content into (visible, reasoning). An unclosed block runs on, a lone end reaches back."""
    lower = content.lower()
    if "think" not in lower and "thought" not in lower and "<|" not in lower:
        return content, ""
    visible: list[str] = []
    reasoning: list[str] = []
    position, thinking, marked = 0, False, False
    for mark in _THINK.finditer(content):
        marked = True
        piece = content[position : mark.start()]
        position = mark.end()
        (reasoning if thinking else visible).append(piece)
        if mark["close"] and not thinking:
            reasoning += visible
            visible.clear()
        thinking = bool(mark["open"]) or (thinking and not mark["close"])
    (reasoning if thinking else visible).append(content[position:])
    return "".join(visible).strip() if marked else content, "".join(reasoning)


def find_answer(visible: str) -> Span | None:
    """The last complete `<answer>…</answer>`, in time linear in the reply's length."""
    close = visible.rfind(CLOSE_TAG)
    if close < 0:
        return None
    start = visible.rfind(OPEN_TAG, 0, close)
    if start < 0:
        return None
    start += len(OPEN_TAG)
    return Span(start, visible.find(CLOSE_TAG, start))


def read_number(text: str) -> int | None:
    """The integer that `text` is, or None: optional sign (+, -, U+2212), optional thousands separators."""
    match = _INTEGER.fullmatch(text.strip(_ORNAMENT)) if len(text) <= 2 * MAX_DIGITS else None
    if match is None:
        return None
    mark = match["mark"]
    digits = match[2] if mark is None else match[2].replace(mark, "")
    if len(digits) > MAX_DIGITS:
        return None
    return int(digits) if match[1] in ("", "+") else -int(digits)


def read_answer(visible: str) -> Reading:
    """Read the visible part of a reply."""
    plain = _PLAIN.fullmatch(visible)
    if plain is not None:
        # Nearly every reply is just this: half of what opening a long session costs was spent on looking closer.
        return Reading(Span(*plain.span(1)), int(plain[1]))
    span = find_answer(visible)
    return Reading(None, None) if span is None else Reading(span, read_number(visible[span.start : span.end]))


def unscored_outcome(reading: Reading, finish: str) -> Outcome | None:
    """The outcome of a reply that holds no number, or None where it holds one and is to be scored.

    `finish` is `stop`, `length`, `content_filter` or `failed`.
    """
    if finish == "failed":
        return "failed"
    if reading.number is not None:
        return None
    if finish == "content_filter":
        return "refused"
    if reading.span is not None:
        return "not_a_number"
    return "truncated" if finish == "length" else "no_answer"


def written(value: Value) -> str:
    """A value or an answer as it stands in a prompt, a tag or a table: `-7`, `[[1, 0], [0, 1]]`."""
    return str(value) if isinstance(value, int) else str([list(row) for row in value])


def gap(answer: Value | None, other: Value | None) -> int | None:
    """How far one whole number is above another; None where either is none."""
    return answer - other if isinstance(answer, int) and isinstance(other, int) else None


def entries_off(answer: Value, other: Value) -> str:
    """How much of an answer in rows differs: `2 of 4 entries`."""
    ours, theirs = (
        [n for row in (v if isinstance(v, tuple) else ((v,),)) for n in row] for v in (answer, other)
    )
    differ = sum(a != b for a, b in zip(ours, theirs, strict=False)) + abs(len(ours) - len(theirs))
    return f"{differ} of {max(len(ours), len(theirs))} entries"


def with_number(visible: str, number: Value) -> str:
    """The reply with only the number in its tag changed; a reply without a tag becomes a bare tag."""
    span = find_answer(visible)
    if span is None:
        return f"{OPEN_TAG}{written(number)}{CLOSE_TAG}"
    inside = visible[span.start : span.end]
    core = inside.strip(_ORNAMENT)
    lead = inside.index(core) if core else 0
    return f"{visible[: span.start + lead]}{written(number)}{visible[span.start + lead + len(core) :]}"
