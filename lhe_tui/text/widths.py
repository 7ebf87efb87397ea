"""Visible text measured, cut and padded in terminal cells. Loads rich only for text that is not ASCII."""

from __future__ import annotations

from lhe_tui.text.visible import MARKS_PER_LETTER, visible


def cells(text: str) -> int:
    """Width on a terminal: wide characters count 2, combining marks 0. Takes text that is already visible."""
    if text.isascii():
        return len(text)
    # The widths that Textual itself lays out with; 15 ms that plain runs are spared.
    from rich.cells import cell_len

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
