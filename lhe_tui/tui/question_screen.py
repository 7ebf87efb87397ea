"""A question with two answers, over the screen that asks it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from lhe_tui.text_safety import content


class QuestionScreen(ModalScreen[bool]):
    """Returns True for the answer that changes something; escape and the first focus are the other one."""

    BINDINGS: ClassVar = [
        Binding("escape,n", "answer(False)", "no"),
        Binding("y", "answer(True)", "yes"),
        Binding("left,right,up,down", "app.focus_next", "other answer", show=False),
    ]
    AUTO_FOCUS = "#no"
    DEFAULT_CSS = """
    QuestionScreen {
        align: center middle;
        #question-box { width: 64; max-width: 95%; height: auto; border: round $warning; background: $surface;
            padding: 1 2; border-title-color: $warning; border-title-style: bold; }
        #answers { height: 3; align-horizontal: right; margin: 1 0 0 0; }
        Button { margin: 0 0 0 2; }
    }
    """

    def __init__(self, title: str, question: str, *, yes: str, no: str, danger: bool = True) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._yes, self._no, self._danger = yes, no, danger

    def compose(self) -> ComposeResult:
        """The question above its answers."""
        with Vertical(id="question-box") as box:
            box.border_title = content(self._title)
            yield Static(content(self._question, multiline=True))
            with Horizontal(id="answers"):
                yield Button(content(self._no), id="no", action="screen.answer(False)")
                yield Button(
                    content(self._yes),
                    id="yes",
                    variant="error" if self._danger else "primary",
                    action="screen.answer(True)",
                )

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)
