"""What all screens of the app have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import isawaitable
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar, cast

from textual import events, on
from textual._types import CallbackType
from textual.actions import parse
from textual.binding import ActiveBinding, Binding, BindingType
from textual.css.query import NoMatches
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.worker import WorkType

from lhe_tui.text.visible import visible
from lhe_tui.tui.widgets.inks import INK_CLASSES
from lhe_tui.tui.widgets.tab_line import TabLine

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def in_thread(group: str) -> Callable[[Callable[Arguments, None]], Callable[Arguments, None]]:
    """Run a screen's method in a thread; a later call cancels an earlier one of the same group.

    Textual's own thread workers leave the screen, and all that it shows, referenced by their idle thread.
    """

    def decorate(method: Callable[Arguments, None]) -> Callable[Arguments, None]:
        @wraps(method)
        def start(*arguments: Arguments.args, **settings: Arguments.kwargs) -> None:
            async def work() -> None:
                await asyncio.to_thread(method, *arguments, **settings)

            screen, job = cast(Screen[Any], arguments[0]), cast(WorkType[None], work)
            screen.run_worker(job, group=group, exclusive=True, exit_on_error=False)

        return start

    return decorate


NEEDS_WIDGETS = (events.Mount, events.Resize, events.ScreenResume, events.InputEvent, events.Timer)
"""Events whose handlers look for the screen's widgets."""


class BaseScreen(Screen[Result], Generic[Result]):
    """A screen whose deferred callbacks do nothing once what asked for them has gone."""

    COMPONENT_CLASSES: ClassVar[set[str]] = INK_CLASSES

    def _invoke_later(self, callback: CallbackType, sender: MessagePump) -> None:
        super()._invoke_later(partial(_call_if_there, callback, sender), sender)

    async def on_event(self, event: events.Event) -> None:
        """While the app ends, widgets go before their screen does, or never come: nothing is done that needs them."""
        late = isinstance(event, NEEDS_WIDGETS)
        if self.app.is_running or not late:
            await super().on_event(event)

    def from_thread(self, take: Callable[..., None], *results: object) -> None:
        """Hand a thread's results to the screen, if it is still there. To be called in the thread."""
        self.app.call_from_thread(self._if_there, take, *results)

    def _if_there(self, take: Callable[..., None], *results: object) -> None:
        if self.is_attached and self.is_running:
            take(*results)

    def offers(self, action: str) -> bool:
        """Whether footer and palette show an action (its method's name). Its key works anyway, and says why not."""
        return True

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The bindings that the footer shows."""
        return {
            key: active
            for key, active in super().active_bindings.items()
            if active.node is not self or self.offers(parse(active.binding.action)[1])
        }

    def say(self, words: str) -> None:
        """A passing word; never one that must not be missed. May be foreign text."""
        self.notify(visible(words, limit=300), markup=False, timeout=4)


class BaseDialog(ModalScreen[Result], BaseScreen[Result], Generic[Result]):
    """A dialog over a screen; escape gives None."""

    # Textual looks for them along the first base alone.
    COMPONENT_CLASSES: ClassVar[set[str]] = INK_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel")]

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


class PanedScreen(BaseScreen[Result], Generic[Result]):
    """A screen that shows one of its panes at a time where the terminal is too narrow for all of them.

    The style sheet hides panes by the classes `-narrow` and `-pane-NAME`; the tabs have the id `panes`.
    """

    PANES: Mapping[str, str]
    """Names of the panes, with their titles."""
    NARROW = 100
    """Cells below which one pane is shown at a time."""
    WIDE = 160
    """Cells from which on there is room for more."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = next(iter(self.PANES))

    @property
    def narrow(self) -> bool:
        """Whether one pane is shown at a time."""
        return self.app.size.width < self.NARROW

    @property
    def wide(self) -> bool:
        """Whether there is room for more."""
        return self.app.size.width >= self.WIDE

    def on_resize(self) -> None:
        """One pane at a time where they do not all fit."""
        self.set_class(self.narrow, "-narrow")
        self.set_class(self.wide, "-wide")

    def show_pane(self, name: str) -> None:
        """The pane that a narrow terminal shows."""
        self.pane = name
        self.query_one("#panes", TabLine).choose(name)
        for pane in self.PANES:
            self.set_class(pane == name, f"-pane-{pane}")

    def turn_pane(self, by: int) -> None:
        """The pane so many places after the one that is shown."""
        names = list(self.PANES)
        self.show_pane(names[(names.index(self.pane) + by) % len(names)])

    @on(TabLine.Chosen, "#panes")
    def _pane_chosen(self, event: TabLine.Chosen) -> None:
        self.show_pane(event.name)


async def _call_if_there(callback: CallbackType, sender: MessagePump) -> None:
    if not (sender.is_attached and sender.is_running):
        return
    try:
        result = callback()
        if isawaitable(result):
            await result
    except NoMatches:
        # The app ended in the middle of it, and widgets went.
        if sender.app.is_running:
            raise
