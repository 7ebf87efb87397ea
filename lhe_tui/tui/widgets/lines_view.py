"""A pane of inked lines, drawn one by one as they are seen: a hundred thousand cost no more than forty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhe_tui.tui.widgets.guarded import guarded
from lhe_tui.tui.widgets.inks import InkedWidget, Piece

Lines = Sequence[list[Piece]]
_KEPT_STRIPS = 512


class LinesView(ScrollView, InkedWidget, can_focus=False, inherit_bindings=False):
    """Shows the lines that a function lays out for a width; `show` gives it another."""

    @dataclass
    class LineClicked(Message):
        """A line was clicked; `line` counts from 0."""

        view: LinesView
        line: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lay_out: Callable[[int], Lines] = lambda width: []
        self._lines: Lines = []
        self._width = 0
        self._place: int | None = None
        self._strips: dict[int, Strip] = {}

    def show(self, lay_out: Callable[[int], Lines], *, place: int | None = 0) -> None:
        """Show other lines: from line `place` on, a number below 0 for the end, None to stay at the place."""
        self._lay_out = lay_out
        self._width = 0
        self._place = place
        self._fit()

    @property
    def lines(self) -> Lines:
        """What is shown now."""
        return self._lines

    def go_to(self, line: int) -> None:
        """Bring a line into view, a little below the top."""
        # Forced: whether there is a scrollbar is known only once the new lines are laid out.
        self.scroll_to(y=max(0, line - 2), animate=False, force=True)

    def go_to_end(self) -> None:
        """Bring the last line into view."""
        height = self.scrollable_content_region.height
        self.scroll_to(y=max(0, len(self._lines) - height), animate=False, force=True)

    def scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(
            y=max(0, min(self.max_scroll_y, round(self.scroll_y) + lines)), animate=False, force=True
        )

    @property
    def page(self) -> int:
        """Lines that a page holds."""
        return max(1, self.scrollable_content_region.height - 1)

    @guarded
    def _fit(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        if width != self._width:
            self._width = width
            self._strips.clear()
            self._lines = self._lay_out(width)
            self.virtual_size = Size(0, len(self._lines))
            self._take_place()
        self.refresh()

    def _take_place(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            self._go(place)

    def watch_show_vertical_scrollbar(self) -> None:
        """A scrollbar that comes up has not heard how far was scrolled without it."""
        self.vertical_scrollbar.position = self.scroll_y

    def _go(self, place: int) -> None:
        if place < 0:
            self.go_to_end()
        else:
            self.go_to(place)

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        number = round(self.scroll_y) + y
        if number >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        strip = self._strips.get(number)
        if strip is None:
            if len(self._strips) >= _KEPT_STRIPS:
                self._strips.clear()
            strip = self._strips[number] = self.inked(self._lines[number], self._width)
        return strip

    def notify_style_update(self) -> None:
        """Colours changed: nothing drawn before is of use."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Another width is another layout."""
        self._fit()

    def on_click(self, event: events.Click) -> None:
        """Tell which line was hit."""
        line = round(self.scroll_y) + event.y
        if line < len(self._lines):
            self.post_message(self.LineClicked(self, line))
