"""Widgets whose faults stay their own: a pane that cannot be drawn says so, and what runs goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from textwrap import wrap
from typing import TypeVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from lhe_tui.text.widths import pad

AnyGuarded = TypeVar("AnyGuarded", bound="Guarded")


class Guarded(Widget):
    """Where drawing fails, one sentence stands in the widget's place until its size is another one."""

    fault = ""
    """Visible text; empty while all is well."""
    _fault_size: Size | None = None

    def take_fault(self, error: Exception) -> None:
        """Say that this cannot be drawn; the details go to a file."""
        from lhe_tui.launch.crash import crash_words

        self.fault = f"× this cannot be drawn: {crash_words(error)}"
        self._fault_size = self.size
        self.refresh()

    @property
    def faulty(self) -> bool:
        """Whether drawing failed and nothing has changed since."""
        if self.fault and self._fault_size != self.size:
            self.fault = ""
        return bool(self.fault)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The widget's lines, or the sentence."""
        if not self.faulty:
            try:
                return super().render_lines(crop)
            except Exception as error:  # noqa: BLE001  a fault in drawing must not end the app, nor a run with it
                self.take_fault(error)
        width = max(1, self.outer_size.width)
        lines = wrap(self.fault, width)
        return [
            self._fault_strip(lines, y, width).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)
        ]

    def _fault_strip(self, lines: list[str], y: int, width: int) -> Strip:
        text = pad(lines[y] if y < len(lines) else "", width)
        return Strip([Segment(text, self.rich_style)])


def guarded(method: Callable[[AnyGuarded], None]) -> Callable[[AnyGuarded], None]:
    """A method that brings a widget up to date: its faults are the widget's."""

    @wraps(method)
    def guard(widget: AnyGuarded) -> None:
        if widget.faulty:
            return
        try:
            method(widget)
        except Exception as error:  # noqa: BLE001  a fault in drawing must not end the app, nor a run with it
            widget.take_fault(error)

    return guard
