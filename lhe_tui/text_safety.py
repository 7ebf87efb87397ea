"""The only road from a foreign string (reply, error, file name, model name) to a screen or a page.

What is visible and how is said in `visible_text`; here stands what needs a screen's widths and widgets.

Importing this module loads neither Textual nor rich.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lhe_tui.visible_text import (
    MARKS_PER_LETTER,
    code_point,
    html_text,
    safe_error,
    visible,
    visible_path,
)

if TYPE_CHECKING:
    from textual.content import Content

__all__ = [
    "MARKS_PER_LETTER",
    "cells",
    "clip",
    "code_point",
    "content",
    "html_text",
    "pad",
    "safe_error",
    "visible",
    "visible_path",
]


def cells(text: str) -> int:
    """Width on a terminal: wide characters count 2, combining marks 0. Takes text that is already visible."""
    if text.isascii():
        return len(text)
    from rich.cells import (
        cell_len,
    )  # the widths that Textual itself lays out with; 15 ms that plain runs are spared

    return cell_len(text)


def clip(text: str, width: int) -> str:
    """The text made visible on one line and cut to at most `width` cells, the last one an `…` where it was cut."""
    if width <= 0:
        return ""
    # A cell takes one letter and its marks at most, so no more of a long text than this can be seen.
    shown = visible(text[: (width + 1) * (MARKS_PER_LETTER + 1) + 1])
    if cells(shown) <= width:
        return shown
    if shown.isascii():
        return shown[: width - 1] + "…"
    from rich.cells import set_cell_size

    # A wide character cut in half comes back as a space: keep the cell count and say the cut after it.
    return set_cell_size(shown, width - 1) + "…"


def pad(text: str, width: int) -> str:
    """`clip`, filled with spaces to exactly `width` cells."""
    shown = clip(text, width)
    return shown + " " * (width - cells(shown))


def content(text: str, style: str = "", *, multiline: bool = False, limit: int | None = None) -> Content:
    """The visible text for a Textual widget, its brackets never read as markup."""
    from textual.content import Content

    shown = visible(text, multiline=multiline, limit=limit)
    return Content.styled(shown, style) if style else Content(shown)
