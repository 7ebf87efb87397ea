"""Help: every key of the screen in front and of the app, from the registry."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from lhe_tui.text_safety import content
from lhe_tui.tui.actions import SCREEN_TITLES, Action, ScreenName, actions_for, shown_keys

_KEYS_WIDTH = 12


def help_text(front: ScreenName | None, keymap: Mapping[str, str]) -> Content:
    """The screen in front first, then everywhere, then the other screens."""
    others = [name for name in SCREEN_TITLES if name not in (front, "app")]
    order: list[ScreenName] = [*([front] if front else []), "app", *others]
    lines: list[Content] = []
    for name in order:
        lines.append(Content.styled(SCREEN_TITLES[name], "bold underline $primary"))
        group = ""
        for action in actions_for(name):
            if action.group != group:
                group = action.group
                lines.append(Content.styled(f"  {group}", "bold $dim"))
            lines.append(_line(action, keymap))
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])


def _line(action: Action, keymap: Mapping[str, str]) -> Content:
    keys = shown_keys(action, keymap) or "palette"
    return Content.assemble(
        "    ", content(keys.ljust(_KEYS_WIDTH), "bold $accent"), " ", content(action.help)
    )
