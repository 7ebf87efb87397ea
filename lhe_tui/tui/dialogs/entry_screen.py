"""A line to type over the screen, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Static

from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog


class Completer(Suggester):
    """Suggests the first completion of what is typed."""

    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The first one, if any."""
        return next(iter(self._complete(value)), None)


class EntryScreen(BaseDialog[str | None]):
    """One line to type. `check` returns what is wrong with it, or nothing; escape gives None.

    `complete` gives the lines that a typed one may become: the first is suggested and taken by tab, and `choices`
    says in the hint what there is to choose from.
    """

    BINDINGS: ClassVar = [Binding("tab", "complete", "complete", priority=True)]
    CSS_PATH = ["../widgets/base_screen.tcss", "dialogs.tcss"]

    def __init__(
        self,
        title: str,
        hint: str,
        check: Callable[[str], str | None],
        value: str = "",
        *,
        complete: Callable[[str], Sequence[str]] | None = None,
        choices: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self._complete = complete
        self._choices = choices
        self._title = title
        self._hint = hint
        self._check = check
        self._value = value

    def compose(self) -> ComposeResult:
        """The line, and what it takes."""
        with Vertical(classes="dialog") as box:
            box.border_title = content(self._title)
            completer = Completer(self._complete) if self._complete is not None else None
            yield Input(self._value, compact=True, suggester=completer)
            yield Static(content(self._hint), classes="dialog-words")

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong may be right now; what may follow is said."""
        choices = self._choices(event.value) if self._choices is not None else ""
        self._say(choices or self._hint, wrong=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line, or say what is wrong with it."""
        problem = self._check(event.value)
        if problem is None:
            self.dismiss(event.value)
        else:
            self._say(problem, wrong=True)

    def _say(self, words: str, *, wrong: bool) -> None:
        hint = self.query_one(".dialog-words", Static)
        hint.set_class(wrong, "-error")
        hint.update(content(words))

    def action_complete(self) -> None:
        """Take the first completion."""
        entry = self.query_one(Input)
        found = self._complete(entry.value) if self._complete is not None else ()
        if found:
            entry.value = found[0]
            entry.cursor_position = len(entry.value)
