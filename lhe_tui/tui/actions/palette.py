"""The command palette: every action of the screen in front and of the app, from the registry."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any, cast

from textual.actions import parse
from textual.command import DiscoveryHit, Hit, Hits, Provider

from lhe_tui.tui.actions.registry import Action, ScreenName, actions_for, shown_keys
from lhe_tui.tui.widgets.base_screen import BaseScreen


def screen_name(screen: object) -> ScreenName | None:
    """The registry's name of a screen, None for one that has no actions of its own."""
    name = getattr(screen, "ACTIONS_OF", None)
    return cast(ScreenName, name) if isinstance(name, str) else None


class ActionCommands(Provider):
    """Runs the same methods as the keys do."""

    def _offered(self) -> Iterator[tuple[Action, partial[Coroutine[Any, Any, bool]]]]:
        name = screen_name(self.screen)
        for action in [*(actions_for(name) if name else ()), *actions_for("app")]:
            if action.id in ("app.command_palette", "app.interrupt"):
                continue
            target = self.app if action.screen == "app" else self.screen
            if isinstance(target, BaseScreen) and not target.offers(action.method):
                continue
            if target.check_action(*parse(action.call)[1:]):
                yield action, partial(self.app.run_action, action.call, default_namespace=target)

    def _words(self, action: Action) -> str:
        keys = shown_keys(action, getattr(self.app, "own_keys", {}))
        return f"{action.help}  {keys}" if keys else action.help

    async def discover(self) -> Hits:
        """Everything there is to do here."""
        for action, run in self._offered():
            yield DiscoveryHit(_title(action), run, help=self._words(action))

    async def search(self, query: str) -> Hits:
        """What matches, by label, help or id."""
        matcher = self.matcher(query)
        for action, run in self._offered():
            title = _title(action)
            score = max(
                matcher.match(title), matcher.match(action.help) * 0.8, matcher.match(action.id) * 0.7
            )
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=self._words(action))


def _title(action: Action) -> str:
    return f"{action.group}: {action.label.rstrip('…')}"
