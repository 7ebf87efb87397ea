"""The inks that line-drawn widgets write with: component classes that the style sheet colours."""

from __future__ import annotations

from typing import Literal, get_args

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from lhe_tui.text.widths import cells, clip
from lhe_tui.tui.widgets.guarded import Guarded

Ink = Literal[
    "plain",
    "dim",
    "rule",
    "strong",
    "correct",
    "calm",
    "wrong",
    "odd",
    "failed",
    "injected",
    "healed",
    "change",
    "live",
    "cursor",
    "struck",
    "mark",
    "found",
]
INK_CLASSES = {f"ink--{name}" for name in get_args(Ink)}
"""Component classes of the screen: as classes of each widget, every change of style would apply them over and over."""
Piece = tuple[str, Ink]
"""Text that is already visible, and its ink."""
_NO_STYLE = Style()
_DIMMED = Style(dim=True)


class InkedWidget(Guarded):
    """A widget that draws lines of inked pieces."""

    def ink(self, name: Ink) -> Style:
        """The style of an ink, without a background of its own but for the cursor's."""
        if name == "plain":
            return _NO_STYLE
        return self.screen.get_component_rich_style(f"ink--{name}", partial=True)

    def inked(
        self, pieces: list[Piece], width: int, *, base: Style = _NO_STYLE, dimmed: bool = False
    ) -> Strip:
        """One line of exactly `width` cells; what does not fit ends in an `…`."""
        # Lines drawn by hand get no ground from Textual.
        base = self.rich_style + base
        segments: list[Segment] = []
        left = width
        for text, name in pieces:
            if left <= 0:
                break
            shown = text if cells(text) <= left else clip(text, left)
            style = base + self.ink(name)
            segments.append(Segment(shown, style + _DIMMED if dimmed else style))
            left -= cells(shown)
        if left > 0:
            segments.append(Segment(" " * left, base))
        return Strip(segments, width)
