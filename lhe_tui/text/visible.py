"""Foreign strings made visible: nothing in them acts, vanishes or reorders. Pure.

`text.widths` measures what is visible, `text.content` hands it to widgets.

What would act on a terminal, vanish or reorder its neighbours is shown as itself: C0 controls and DEL as control
pictures (`␛`), everything else as `⟨U+202E⟩`. That holds for C1 controls, bidi controls, zero-width and format
characters, variation selectors, tags, private, unassigned and separator characters, lone surrogates, and spaces
other than U+0020 and U+3000. Right-to-left letters and Arabic digits are shown by number too: on terminals that
reorder text a single one of them would move the numbers around it, and an isolate would be the very kind of
character that must not come out. Combining marks stay on their letter, three at most.
"""

from __future__ import annotations

import html
import os
import re
import sys
from functools import lru_cache
from typing import Final
from unicodedata import bidirectional, category

MARKS_PER_LETTER: Final = 3
"""Combining marks that one letter may carry; the rest is shown by number."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
# Printable by category, and yet drawn as nothing: fillers, joiners and variation selectors.
_BLANK: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
# Vowels and finals of Hangul drawn into the syllable before them: they stack like marks do.
_STACKING_JAMO: Final = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))

# The characters that answers are made of, known to be harmless: one run of the regex engine settles such a text.
_PLAIN: Final = re.compile("[ -~¡-¬®-ʯ‐-‧‰-⁞←-⎿─-➿ぁ-ゖァ-ヺ一-\u9fef]*").fullmatch

_CONTROL_PICTURES: Final = {code: chr(0x2400 + code) for code in range(32)} | {0x7F: "␡"}
_PICTURES_BUT_NEWLINE: Final = {code: sign for code, sign in _CONTROL_PICTURES.items() if code != 0x0A}
_NUMBERED: Final = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩|\\u([0-9a-fA-F]{4})")


def code_point(character: str) -> str:
    """One character by its number: `⟨U+202E⟩`."""
    return f"⟨U+{ord(character):04X}⟩"


def from_code_points(text: str) -> str:
    """The text with its numbered characters (`⟨U+202E⟩`, or `\\u202e` as one can type it) put back."""

    def character(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16)
        return chr(code) if code <= sys.maxunicode else found[0]

    return _NUMBERED.sub(character, text)


@lru_cache(maxsize=8192)
def _substitute(character: str) -> str | None:
    """What stands for the character on a screen; None where it stands for itself."""
    code = ord(character)
    if code in _CONTROL_PICTURES:
        return _CONTROL_PICTURES[code]
    if character in " \u3000":
        return None
    if not character.isprintable() or code in _BLANK or bidirectional(character) in _RIGHT_TO_LEFT:
        return code_point(character)
    return None


@lru_cache(maxsize=8192)
def _is_mark(character: str) -> bool:
    code = ord(character)
    return category(character) in ("Mn", "Me") or any(low <= code <= high for low, high in _STACKING_JAMO)


def visible(text: str, *, multiline: bool = False, limit: int | None = None, tab: str = "␉") -> str:
    """The text with nothing in it that acts, vanishes or reorders.

    A newline stays only if `multiline`. `tab` stands for a tab. Beyond `limit` characters of the
    source the rest is counted: `… (+12 characters)`.
    """
    if limit is not None and len(text) > limit:
        kept = visible(text[: max(limit, 0)], multiline=multiline, tab=tab)
        return f"{kept}… (+{len(text) - max(limit, 0):,} characters)"
    if text.isascii():
        return text if text.isprintable() else _visible_ascii(text, multiline, tab)
    return text if _PLAIN(text) else _visible_unicode(text, multiline, tab)


def _visible_ascii(text: str, multiline: bool, tab: str) -> str:
    pictures = _PICTURES_BUT_NEWLINE if multiline else _CONTROL_PICTURES
    if multiline and "\n" in text and text.replace("\n", "").isprintable():
        return text
    return text.translate(pictures if tab == "␉" else pictures | {0x09: tab})


def _visible_unicode(text: str, multiline: bool, tab: str) -> str:
    # Work per distinct character, not per character: a long text has few of them, and the rest runs in C.
    present = set(text)
    table = {ord(char): shown for char in present if (shown := _substitute(char)) is not None}
    if "\t" in present:
        table[0x09] = tab
    if multiline:
        table.pop(0x0A, None)
    marks = "".join(sorted(char for char in present if ord(char) not in table and _is_mark(char)))
    if marks:
        text = _bound_marks(text, marks)
    return text.translate(table) if table else text


def _bound_marks(text: str, marks: str) -> str:
    """At most `MARKS_PER_LETTER` marks on a letter, none without one (it would sit on what stands before the text)."""
    one = f"[{re.escape(marks)}]"

    def spell(found: re.Match[str]) -> str:
        kept = found.group(1)
        return kept + "".join(code_point(char) for char in found.group()[len(kept) :])

    text = re.sub(rf"(?:\A|(?<=[\x00-\x1f]))(){one}+", spell, text)
    return re.sub(rf"({one}{{{MARKS_PER_LETTER}}}){one}+", spell, text)


def visible_path(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    """A file name for a screen; bytes that are no text come out by number."""
    return visible(os.fsdecode(path))


def safe_error(error: BaseException, *, limit: int = 500) -> str:
    """An exception as one visible line: its type and its message, `limit` characters of the message at most."""
    name = visible(type(error).__name__, limit=80)
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  a foreign __str__ may raise anything, and this runs while reporting an error
        return f"{name} (its message cannot be shown)"
    return f"{name}: {visible(message, limit=limit)}" if message else name


def html_text(text: str, *, multiline: bool = False, limit: int | None = None) -> str:
    """The visible text, escaped for HTML text and quoted attributes."""
    return html.escape(visible(text, multiline=multiline, limit=limit), quote=True)
