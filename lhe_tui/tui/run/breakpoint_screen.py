"""The breakpoints dialog: what pauses the live run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from lhe_tui.engine.breakpoints import BreakpointError, Breakpoints
from lhe_tui.task.answers import read_number
from lhe_tui.text.content import content
from lhe_tui.tui.widgets.base_screen import BaseDialog
from lhe_tui.tui.widgets.checkbox import Checkbox

_NUMBERS = (
    ("row", "wrong turns in a row", "such as 3"),
    ("drift", "off the true sum by more than", "such as 50"),
    ("accuracy", "task accuracy below", "such as 50 %"),
    ("context", "context filled above", "such as 80 %"),
)
"""Name, words, and what is typed."""


class BreakpointScreen(BaseDialog[Breakpoints | None]):
    """Gives the breakpoints that are to hold; None where nothing is to change. Empty fields are off."""

    BINDINGS: ClassVar = [Binding("enter", "take", "set", show=False)]
    AUTO_FOCUS = "#break-first"
    CSS_PATH = ["../widgets/base_screen.tcss", "breakpoint_screen.tcss"]

    def __init__(self, now: Breakpoints, find_length: Callable[[], Awaitable[int | None]]) -> None:
        super().__init__()
        self._now = now
        self._find_length = find_length
        self._context_length: int | None = None
        self._length_words = "how long this model's context is, is still being looked up"

    def compose(self) -> ComposeResult:
        """A line for each kind, and what they come to."""
        now = self._now
        values = {
            "row": str(now.wrong_in_a_row or ""),
            "drift": str(now.drift or ""),
            "accuracy": f"{now.task_accuracy_below * 100:.4g}" if now.task_accuracy_below else "",
            "context": f"{now.context_above * 100:.4g}" if now.context_above else "",
        }
        with Vertical(id="break-box", classes="dialog") as box:
            box.border_title = "pause the run at…"
            box.border_subtitle = "space ticks · enter sets · esc closes"
            yield Checkbox("the first wrong turn", now.first_wrong, id="break-first")
            yield Checkbox("a reply without a number", now.format_failure, id="break-format")
            with Grid(id="break-numbers"):
                for name, words, example in _NUMBERS:
                    yield Label(content(f"  {words}"))
                    yield Input(values[name], placeholder=f"off, {example}", compact=True, id=f"break-{name}")
            yield Static(id="break-words", classes="dialog-words")
            with Horizontal(classes="dialog-buttons"):
                yield Button("set (enter)", id="break-set", variant="primary", compact=True)
                yield Button("cancel", id="break-cancel", compact=True)

    def on_mount(self) -> None:
        """Say what is set; how long the context is takes a while to learn."""
        self._check()
        self._learn_length()

    @work
    async def _learn_length(self) -> None:
        self._context_length = await self._find_length()
        self._length_words = "how long this model's context is, is not known: it cannot be watched"
        self._check()

    # ---- reading the fields

    def breakpoints(self) -> Breakpoints:
        """What the fields describe. Raises BreakpointError."""
        context = self._number("context", 1, 100)
        if context and self._context_length is None:
            raise BreakpointError(self._length_words)
        return Breakpoints(
            first_wrong=self.query_one("#break-first", Checkbox).on,
            format_failure=self.query_one("#break-format", Checkbox).on,
            wrong_in_a_row=self._number("row", 1, 1_000_000),
            drift=self._number("drift", 1, 10**15),
            task_accuracy_below=self._number("accuracy", 1, 100) / 100,
            context_above=context / 100,
            context_length=self._context_length,
        )

    def _number(self, name: str, low: int, high: int) -> int:
        text = self.query_one(f"#break-{name}", Input).value.strip().rstrip("% ")
        if not text:
            return 0
        number = read_number(text) if len(text) < 20 else None
        if number is None or not low <= number <= high:
            words = next(words for known, words, _ in _NUMBERS if known == name)
            raise BreakpointError(f"{words}: a whole number from {low} to {high:,}, or nothing")
        return number

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _check(self) -> Breakpoints | None:
        words = self.query_one("#break-words", Static)
        try:
            wanted = self.breakpoints()
        except BreakpointError as error:
            words.set_class(True, "-error")
            words.update(content(f"✗ {error}"))
            return None
        words.set_class(False, "-error")
        words.update(content(f"breakpoints: {wanted.words()}"))
        return wanted

    # ---- taking them

    @on(Input.Submitted)
    def action_take(self) -> None:
        """Set them."""
        wanted = self._check()
        if wanted is not None:
            self.dismiss(wanted)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "break-set":
            self.action_take()
        else:
            self.dismiss(None)
