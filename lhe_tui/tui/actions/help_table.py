"""Help: every key of the screen in front and of the app, from the registry."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from lhe_tui.text.visible import visible
from lhe_tui.tui.actions.registry import SCREEN_TITLES, ScreenName, actions_for, shown_keys

ROOM_FOR_GROUPS = 80
"""Cells of a terminal that shows the groups beside their keys."""


def help_table(front: ScreenName | None, keymap: Mapping[str, str], width: int = 120) -> Table:
    """The screen in front first, then everywhere, then the other screens; groups where `width` has room for them."""
    others = [name for name in SCREEN_TITLES if name not in (front, "app")]
    order: list[ScreenName] = [*([front] if front else []), "app", *others]
    table = Table.grid(padding=(0, 2, 0, 0))
    grouped = width >= ROOM_FOR_GROUPS
    if grouped:
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for name in order:
        heading = Text(SCREEN_TITLES[name], "bold underline")
        table.add_row(heading, "", "") if grouped else table.add_row("", heading)
        group = ""
        for action in actions_for(name):
            shown = f"  {action.group}" if action.group != group else ""
            group = action.group
            keys = shown_keys(action, keymap) or "palette"
            cells = (Text(visible(keys)), Text(action.help))
            table.add_row(Text(shown, "dim"), *cells) if grouped else table.add_row(*cells)
        table.add_row()
    return table
