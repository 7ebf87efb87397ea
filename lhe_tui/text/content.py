"""Foreign text as Textual content. The only place that hands such text to widgets; imports Textual when called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lhe_tui.text.visible import visible

if TYPE_CHECKING:
    from textual.content import Content


def content(text: str, style: str = "", *, multiline: bool = False, limit: int | None = None) -> Content:
    """The visible text for a Textual widget, its brackets never read as markup."""
    from textual.content import Content

    shown = visible(text, multiline=multiline, limit=limit)
    return Content.styled(shown, style) if style else Content(shown)
