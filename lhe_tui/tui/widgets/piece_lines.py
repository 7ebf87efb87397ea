"""Lines of inked pieces: wrapped to a width, searched words marked, bars drawn. Takes visible text only."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import chop_cells

from lhe_tui.text.widths import cells
from lhe_tui.tui.widgets.inks import Ink, Piece

Line = list[Piece]

_WORDS = re.compile(r"\s*\S+|\s+")
_EIGHTHS = " ▏▎▍▌▋▊▉"


def wrap(pieces: Iterable[Piece], width: int, indent: int = 0) -> list[Line]:
    """Break pieces into lines of at most `width` cells, at spaces where there are any; newlines break too.

    Lines after the first are indented by `indent` cells.
    """
    width = max(width, indent + 1, 1)
    hang: Line = [(" " * indent, "plain")] if indent else []
    lines: list[Line] = [[]]
    used = 0
    for text, ink in pieces:
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append(list(hang))
                used = indent
            size = cells(part)
            if used + size <= width:
                if part:
                    lines[-1].append((part, ink))
                used += size
                continue
            for word in _WORDS.findall(part):
                used = _put(lines, hang, word, ink, used, width, indent)
    return lines


def _put(lines: list[Line], hang: Line, word: str, ink: Ink, used: int, width: int, indent: int) -> int:
    """Put one word at the end of the last line, or on a line of its own; returns how far that line is filled."""
    size = cells(word)
    if used + size <= width:
        lines[-1].append((word, ink))
        return used + size
    if used > indent:
        lines.append(list(hang))
        word = word.lstrip(" ")
    pieces = chop_cells(word, width - indent)
    for number, piece in enumerate(pieces):
        if number:
            lines.append(list(hang))
        lines[-1].append((piece, ink))
    return indent + cells(pieces[-1]) if pieces else indent


def marked(pieces: Iterable[Piece], query: str) -> Line:
    """The pieces with every place where `query` stands inked as found, whatever its case."""
    pattern = re.compile(re.escape(query), re.IGNORECASE) if query else None
    if pattern is None:
        return list(pieces)
    found: Line = []
    for text, ink in pieces:
        at = 0
        for match in pattern.finditer(text):
            if match.start() > at:
                found.append((text[at : match.start()], ink))
            found.append((match[0], "found"))
            at = match.end()
        if at < len(text):
            found.append((text[at:], ink))
    return found


def bar(share: float, width: int) -> str:
    """A bar that fills `share` (0..1) of `width` cells, to an eighth of a cell; padded with spaces."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    if share > 0 and not eighths:
        part = 1
    text = "█" * full + (_EIGHTHS[part] if part else "")
    return text.ljust(width)


def percent(share: float) -> str:
    """`71 %`, `<1 %`, `>99 %`: never 0 or 100 for what is neither."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{share * 100:.0f} %"


def heading(title: str, width: int, note: str = "") -> Line:
    """A section's title with a rule to the right end."""
    tail = f" {note}" if note else ""
    rule = "─" * max(0, width - cells(title) - cells(tail) - 4)
    return [("── ", "rule"), (title, "strong"), (" " + rule, "rule"), (tail, "dim")]


def line_text(line: Line) -> str:
    """A line's characters."""
    return "".join(text for text, _ in line)
