"""The fork dialog: leave a session at a turn under other controls, or with an edited past."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from lhe_tui.engine.branching import Branch
from lhe_tui.engine.state import RunState
from lhe_tui.task.answers import written
from lhe_tui.task.controls import ControlError
from lhe_tui.text.content import content
from lhe_tui.tui.branch.fork_form import QUICK, ForkForm, FormError, branch_words, read_form, toggled
from lhe_tui.tui.widgets.base_screen import BaseDialog


class ForkScreen(BaseDialog[Branch | None]):
    """Gives the branch to be run; None where nothing is to be forked."""

    CSS_PATH = ["../widgets/base_screen.tcss", "fork_screen.tcss"]
    AUTO_FOCUS = "#fork-changes"

    def __init__(self, state: RunState, sample: int, turn: int, *, live: bool = False) -> None:
        super().__init__()
        self._state = state
        self._first = ForkForm(str(turn), str(sample))
        self._live = live

    def compose(self) -> ComposeResult:
        """The fields, what they come to, and two buttons."""
        last, many = self._state.spec.turns, len(self._state.samples)
        with Vertical(id="fork-box", classes="dialog") as box:
            box.border_title = "fork from here"
            box.border_subtitle = "enter forks · esc closes"
            with Grid(id="fork-fields"):
                yield Label("ask from turn")
                yield Input(self._first.turn, compact=True, id="fork-turn", placeholder=f"1 to {last}")
                yield Label("samples")
                yield Input(
                    self._first.samples, compact=True, id="fork-samples", placeholder=f"1 to {many}, 1-4, all"
                )
                yield Label("changes")
                yield Input(
                    compact=True,
                    id="fork-changes",
                    placeholder="heal=on, inject=0.5, prune=window:5, model=sim/small, temperature=0.7",
                )
                yield Label("edit answers")
                yield Input(
                    compact=True, id="fork-edits", placeholder=f"TURN=ANSWER, such as {self._example_edit()}"
                )
            with Horizontal(id="fork-quick"):
                for number, (words, _) in enumerate(QUICK):
                    yield Button(content(words), id=f"quick-{number}", compact=True)
            yield Static(id="fork-words", classes="dialog-words")
            with Horizontal(classes="dialog-buttons"):
                yield Button("fork", id="fork-go", variant="primary", compact=True)
                yield Button("cancel", id="fork-cancel", compact=True)

    def _example_edit(self) -> str:
        turn = max(1, int(self._first.turn) - 1)
        record = self._state.record(int(self._first.samples), turn)
        return f"{turn}={written(record.expected) if record else 266}"

    def on_mount(self) -> None:
        """Say what forking as it stands would do."""
        self._check()

    # ---- reading the fields

    def _value(self, name: str) -> str:
        return self.query_one(f"#fork-{name}", Input).value

    def branch(self) -> Branch:
        """What the fields describe. Raises FormError or ControlError."""
        form = ForkForm(*(self._value(name) for name in ("turn", "samples", "changes", "edits")))
        return read_form(form, self._state)

    def _check(self) -> Branch | None:
        words = self.query_one("#fork-words", Static)
        try:
            branch = self.branch()
        except (FormError, ControlError) as error:
            words.set_class(True, "-error")
            words.update(content(f"✗ {error}", limit=400))
            return None
        words.set_class(False, "-error")
        live = " The run that is under way is stopped first; it can be resumed." if self._live else ""
        words.update(content(branch_words(branch, self._state) + live, limit=600))
        return branch

    @on(Input.Changed)
    def _changed(self) -> None:
        self._check()

    # ---- doing it

    @on(Input.Submitted)
    def _submitted(self) -> None:
        branch = self._check()
        if branch is not None:
            self.dismiss(branch)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        name = event.button.id or ""
        if name == "fork-cancel":
            self.dismiss(None)
        elif name == "fork-go":
            self._submitted()
        else:
            line = self.query_one("#fork-changes", Input)
            line.value = toggled(line.value, QUICK[int(name.partition("-")[2])][1])
