"""Numbers and texts as an HTML report words them. Plain text unless a function says that it gives markup."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from lhe_tui.task.answers import Value, entries_off, gap, written
from lhe_tui.text.visible import visible

MINUS = "\N{MINUS SIGN}"
_BIG_BITS = 200


def plain(value: object) -> object:
    """What a template puts on the page: markup as it is, any other text made visible (it is escaped after that)."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def cut(words: str, limit: int) -> Markup:
    """Foreign words as markup on one line, cut after `limit` characters with the rest counted."""
    return escape(visible(words, limit=limit))


def bounded(words: str, most: int) -> Markup:
    """Foreign words as markup of at most about `most` bytes, cut with the rest counted; newlines stay."""
    limit = max(1, most)
    while True:
        markup = escape(visible(words, multiline=True, limit=limit))
        if limit <= 16 or len(markup.encode("utf-8")) <= most + 40:
            return markup
        limit //= 2


def anchor(title: str) -> str:
    """The anchor of a section."""
    return title.lower().replace(" × ", "-").replace(" ", "-")


def whole(number: Value | None) -> str:
    """An integer with a real minus sign; a monstrous one only by its size; an em dash for none."""
    if number is None:
        return "—"
    if not isinstance(number, int):
        return written(number)
    if number.bit_length() > _BIG_BITS:
        return f"{MINUS if number < 0 else ''}10^{round(number.bit_length() * 0.30103)}"
    return f"{number:,}".replace("-", MINUS)


def signed(number: Value) -> str:
    """An integer that always carries its sign."""
    return whole(number) if not isinstance(number, int) or number < 0 else "+" + whole(number)


def off_words(answer: Value, other: Value) -> str:
    """How far an answer is off."""
    off = gap(answer, other)
    return entries_off(answer, other) if off is None else signed(off)


def share(rate: float | None, digits: int = 1) -> str:
    """A rate as `93.1 %`; an em dash for none."""
    return "—" if rate is None else f"{rate * 100:.{digits}f} %"


def interval_words(interval: Sequence[float] | None) -> str:
    """The bounds of a rate: `[91.0, 95.0]`."""
    return "" if interval is None else f"[{interval[0] * 100:.1f}, {interval[1] * 100:.1f}]"


def share_range(rate: float | None, interval: Sequence[float] | None) -> str:
    """A rate with its interval: `93.1 % [91.0, 95.0]`."""
    return "—" if rate is None or interval is None else f"{share(rate)} {interval_words(interval)}"


def weight(share_of_all: float) -> str:
    """The weight of a slip among its rivals."""
    return "<1 %" if 0 < share_of_all < 0.005 else share(share_of_all, 0)


def count(number: int, noun: str) -> str:
    """`1 turn`, `1,200 turns`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def ranges(turns: Sequence[int]) -> str:
    """Turns in words: `turn 8`, `turns 1–5, 8`."""
    found: list[list[int]] = []
    for turn in turns:
        if found and turn == found[-1][1] + 1:
            found[-1][1] = turn
        else:
            found.append([turn, turn])
    words = ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in found)
    return f"turn{'' if len(turns) == 1 else 's'} {words if len(words) < 300 else words[:300] + '…'}"
