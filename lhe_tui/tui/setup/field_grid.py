"""The lines of a form: labels, hints and errors drawn by one widget, over which the fields themselves lie."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widget import Widget

from lhe_tui.launch.presets import PRESETS
from lhe_tui.text.widths import clip
from lhe_tui.tui.setup.setup_fields import FIELDS, Field

ROOM_FOR_HINT = 12
"""Cells that tell something of a hint."""
NO_WINDOW: frozenset[str] = frozenset({"window"})
"""The fields that say nothing where the pruning policy takes no number."""


class FieldGrid(Widget):
    """Draws what stands left and right of its children: one widget for what would take two per line."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id)
        self.errors: Mapping[str, str] = {}
        self.about = PRESETS[0].about
        self.unused = NO_WINDOW
        self.label_width, self.field_width = 17, 12
        self.with_headings = False

    def fit(self, width: int, *, with_headings: bool) -> None:
        """Choose the columns for a screen of so many cells; headings where there is room."""
        self.label_width, self.field_width = (15, 8) if width < 100 else (17, 12)
        self.with_headings = with_headings
        self.set_class(with_headings, "-with-headings")
        headings = sum(bool(field.heading) for field in FIELDS) if with_headings else 0
        self.styles.height = 2 + headings + len(FIELDS)
        self.refresh()

    def render(self) -> Content:
        """All lines, top to bottom, as the children stand."""
        room = self.size.width
        lines = [
            Content.styled("preset", "$dim"),
            Content.styled(clip(self._indent() + self.about, room), "$accent"),
        ]
        for field in FIELDS:
            if field.heading and self.with_headings:
                lines.append(Content.styled(field.heading, "bold $primary"))
            lines.append(self._line(field, room))
        return Content("\n").join(lines)

    def _indent(self) -> str:
        """What brings the preset's words under its name, where they fit there."""
        indent = self.label_width + 1
        return " " * indent if indent + len(self.about) <= self.size.width else ""

    def _line(self, field: Field, room: int) -> Content:
        style = "$dim 60%" if field.id in self.unused else "$dim"
        label = field.label.ljust(self.label_width)[: self.label_width] + " "
        if field.choices:
            return Content.styled(label, style)
        error = self.errors.get(field.id)
        left = self.label_width + self.field_width + 2
        hint = field.hint if room - left >= ROOM_FOR_HINT else ""
        words = clip(f"✗ {error}" if error else hint, max(0, room - left))
        if room < left:
            return Content.styled(clip(label, room), style)
        gap = " " * (self.field_width + 1)
        return Content.assemble((label, style), gap, (words, "bold $wrong" if error else style))
