"""The last gate before the terminal: whatever a widget was given, no line of it acts, vanishes or reorders.

Foreign text is made visible where it enters (`text.visible`). This gate is for what forgot to, and for what a person
pastes into a field: it holds for every widget, Textual's own among them, because every line passes here.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from lhe_tui.text.visible import visible

_BLANK_BRAILLE = "\u2800"
"""What charts are made of: harmless, though no reply may draw with it."""


class SafeLines(LineFilter):
    """Makes visible what is not, within the cells that it had; takes links off."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where there is nothing to do."""
        if all(map(_is_safe, segments)):
            return segments
        return [segment if _is_safe(segment) else _made_safe(segment) for segment in segments]


def _is_safe(segment: Segment) -> bool:
    text, style, _ = segment
    return (style is None or style.link is None) and _shown(text) == text


def _made_safe(segment: Segment) -> Segment:
    text, style, control = segment
    if style is not None and style.link is not None:
        style = style.update_link(None)
    shown, width = _shown(text), cell_len(text)
    return Segment(shown if cell_len(shown) == width else set_cell_size(shown, width), style, control)


@lru_cache(maxsize=4096)
def _shown(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _BLANK_BRAILLE.join(map(visible, text.split(_BLANK_BRAILLE)))
