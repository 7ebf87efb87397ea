"""Pieces of HTML. What comes in as *words* is foreign until it went through here; what comes out is markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lhe_tui.text.visible import html_text

MINUS = "\N{MINUS SIGN}"
_BIG_BITS = 200


def bounded(words: str, most: int) -> str:
    """Foreign words as markup of at most about `most` bytes, cut with the rest counted; newlines stay."""
    limit = max(1, most)
    while True:
        markup = html_text(words, multiline=True, limit=limit)
        if limit <= 16 or len(markup.encode("utf-8")) <= most + 40:
            return markup
        limit //= 2


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kinds: Sequence[str] = ()) -> str:
    """A table of markup cells; `kinds` has for each column "", "n" (a number, to the right) or "bar"."""
    known = [*kinds, *[""] * len(head)][: len(head)]
    looks = [f' class="{kind}"' if kind else "" for kind in known]
    cells = "".join(f'<th scope="col"{look}>{cell}</th>' for cell, look in zip(head, looks, strict=True))
    lines = []
    for first, *rest in rows:
        others = "".join(f"<td{look}>{cell}</td>" for cell, look in zip(rest, looks[1:], strict=True))
        lines.append(f'<tr><th scope="row">{first}</th>{others}</tr>')
    top = f"<thead><tr>{cells}</tr></thead>\n" if any(head) else ""
    body = "\n".join(lines)
    return f'<div class="scroll"><table>\n{top}<tbody>\n{body}\n</tbody></table></div>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of (name, markup) without a head; rows without markup are left out."""
    lines = [f'<tr><th scope="row">{name}</th><td>{markup}</td></tr>' for name, markup in rows if markup]
    return '<table class="facts"><tbody>\n' + "\n".join(lines) + "\n</tbody></table>"


def folded(summary: str, inner: str) -> str:
    """Something that opens when it is asked for."""
    return f"<details><summary>{summary}</summary>\n{inner}\n</details>"


def section(title: str, inner: str) -> str:
    """A part of the page under its title, which its anchor is made of."""
    return f'<section id="{anchor(title)}">\n<h2>{title}</h2>\n{inner}\n</section>'


def anchor(title: str) -> str:
    """The anchor of a section."""
    return title.lower().replace(" × ", "-").replace(" ", "-")


def bar(share: float) -> str:
    """A bar from the left whose length is a share of 0 to 1."""
    width = 100 * min(1.0, max(0.0, share))
    return (
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="8"/></svg>'
    )


def whole(number: int | None) -> str:
    """An integer with a real minus sign; a monstrous one only by its size; an em dash for none."""
    if number is None:
        return "—"
    if number.bit_length() > _BIG_BITS:
        return f"{MINUS if number < 0 else ''}10^{round(number.bit_length() * 0.30103)}"
    return f"{number:,}".replace("-", MINUS)


def signed(number: int) -> str:
    """An integer that always carries its sign."""
    return whole(number) if number < 0 else "+" + whole(number)


def share(rate: float | None, digits: int = 1) -> str:
    """A rate as `93.1 %`; an em dash for none."""
    return "—" if rate is None else f"{rate * 100:.{digits}f} %"


def share_range(rate: float | None, interval: Sequence[float] | None, digits: int = 1) -> str:
    """A rate with its interval: `93.1 % [91.0, 95.0]`."""
    if rate is None or interval is None:
        return "—"
    low, high = interval
    return f"{share(rate, digits)} [{low * 100:.{digits}f}, {high * 100:.{digits}f}]"


def count(number: int, noun: str) -> str:
    """`1 turn`, `1,200 turns`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def ranges(turns: Sequence[int]) -> str:
    """Turns in words: `1–5, 8`."""
    found: list[list[int]] = []
    for turn in turns:
        if found and turn == found[-1][1] + 1:
            found[-1][1] = turn
        else:
            found.append([turn, turn])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in found)
