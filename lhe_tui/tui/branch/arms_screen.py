"""Arms: one key runs the same keys under several histories, and says what the errors in view do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.worker import Worker

from lhe_tui.engine.arms import ArmsPlan, ArmsResult
from lhe_tui.engine.branching import ARM_NAMES
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.launch.arms import RecordedArms
from lhe_tui.launch.models import ModelOpener
from lhe_tui.models.base import ChatModel
from lhe_tui.task.answers import read_number
from lhe_tui.text.content import content
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import safe_error
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.branch.arms_lines import arms_lines
from lhe_tui.tui.branch.fork_form import FormError, read_samples
from lhe_tui.tui.turn.verdict_words import model_name
from lhe_tui.tui.widgets.base_screen import BaseScreen
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line, wrap

USUAL = ("as is", "healed", "50 %", "window 1")
NARROW = 100


class ArmList(OptionList):
    """The arms to choose from: space puts one in or takes it out, enter starts them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_arm", "choose", show=False),
        Binding("enter", "screen.start", "start", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """Other arms are chosen."""

    def __init__(self, chosen: Sequence[str], *, id: str | None = None) -> None:
        self.chosen = set(chosen)
        super().__init__(*(self._prompt(name) for name in ARM_NAMES), id=id, compact=True, markup=False)

    def _prompt(self, name: str) -> str:
        return f"{'■' if name in self.chosen else '□'} {name}"

    def toggle(self, place: int) -> None:
        """Put an arm in, or take it out."""
        name = ARM_NAMES[place]
        self.chosen ^= {name}
        self.replace_option_prompt_at_index(place, self._prompt(name))
        self.post_message(self.Chosen())

    def action_toggle_arm(self) -> None:
        """The arm under the cursor."""
        if self.highlighted is not None:
            self.toggle(self.highlighted)


class ArmsScreen(BaseScreen[None]):
    """Chooses arms, runs them, shows them side by side. Escape stops them first, and leaves then."""

    CSS_PATH = ["../widgets/base_screen.tcss", "arms_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("arms")
    ACTIONS_OF = "arms"
    AUTO_FOCUS = "#arm-list"

    def __init__(
        self,
        state: RunState,
        sample: int,
        turn: int,
        path: Path | None,
        open_model: Callable[[str], ChatModel] | None = None,
    ) -> None:
        super().__init__()
        self._state = state
        self._sample = sample
        self._turn = turn
        self._path = path
        self._opener = ModelOpener.of(state.header, paced=False)
        self._open_model: Callable[[str], ChatModel] = open_model or self._opener
        self._worker: Worker[None] | None = None
        self.result: ArmsResult | None = None
        self.done = False

    def compose(self) -> ComposeResult:
        """What to run, and what came of it."""
        left = self._state.spec.turns - self._turn + 1
        with Horizontal(id="arms-body"):
            with Vertical(id="arms-form") as form:
                form.border_title = content(f"arms from turn {self._turn}")
                yield ArmList(USUAL, id="arm-list")
                with Grid(id="arms-fields"):
                    yield Label("turns each")
                    yield Input(str(min(10, left)), compact=True, id="arms-turns")
                    yield Label("resamples")
                    yield Input("5", compact=True, id="arms-resamples")
                    yield Label("samples")
                    yield Input(str(self._sample), compact=True, id="arms-samples", placeholder="3, 1-4, all")
                yield Static(id="arms-words")
                yield Button("start (enter)", id="arms-start", variant="primary", compact=True)
            with Vertical(id="arms-results") as results:
                results.border_title = "side by side"
                yield LinesView(id="arms-lines")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Say what starting would do."""
        self.query_one(LinesView).show(_about)
        self._check()

    def on_resize(self) -> None:
        """Form and results share a narrow screen one after the other."""
        self.set_class(self.app.size.width < NARROW, "-narrow")

    # ---- the plan

    def plan(self) -> ArmsPlan:
        """What the fields describe. Raises FormError."""
        chosen = self.query_one(ArmList).chosen
        names = tuple(name for name in ARM_NAMES if name in chosen)
        if not names:
            raise FormError("choose at least one arm (space)")
        left = self._state.spec.turns - self._turn + 1
        turns = self._number("turns", 1, left)
        resamples = self._number("resamples", 1, 200)
        samples = read_samples(self.query_one("#arms-samples", Input).value, len(self._state.samples))
        return ArmsPlan(samples, self._turn, turns, resamples, names)

    def _number(self, name: str, low: int, high: int) -> int:
        text = self.query_one(f"#arms-{name}", Input).value
        number = read_number(text) if len(text) < 10 else None
        if number is None or not low <= number <= high:
            raise FormError(f"{name}: a whole number from {low} to {high}")
        return number

    def _check(self) -> ArmsPlan | None:
        try:
            plan = self.plan()
        except FormError as error:
            self._words(f"✗ {error}", problem=True)
            return None
        model = model_name(self._state.controls_at(self._turn).model)
        arms = counted(len(plan.names), "arm")
        many = f" × {len(plan.samples)} samples" if len(plan.samples) > 1 else ""
        self._words(
            f"{arms}{many} × {counted(plan.turns, 'turn')} × {counted(plan.resamples, 'resample')} "
            f"= {counted(plan.requests, 'request')} to {model}"
        )
        return plan

    def _words(self, text: str, *, problem: bool = False) -> None:
        words = self.query_one("#arms-words", Static)
        words.set_class(problem, "-error")
        words.update(content(text, limit=500))

    @on(Input.Changed)
    @on(ArmList.Chosen)
    def _changed(self) -> None:
        if not self.running:
            self._check()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.query_one(ArmList).toggle(event.option_index)

    # ---- running

    @property
    def running(self) -> bool:
        """Whether arms are under way."""
        return self._worker is not None and not self._worker.is_finished

    @on(Input.Submitted)
    @on(Button.Pressed)
    def action_start(self) -> None:
        """Start the arms; each becomes a session of its own."""
        plan = None if self.running else self._check()
        if plan is not None:
            self.set_class(True, "-started")
            self.done = False
            self._worker = self._run(plan)

    @work(group="arms", exclusive=True, exit_on_error=False)
    async def _run(self, plan: ArmsPlan) -> None:
        try:
            # Keyring and disk are asked.
            arms = await asyncio.to_thread(RecordedArms, self._state, plan, self._path, self._open_model)
            self._show(arms.result)
            async with aclosing(arms.run()) as results:
                async for result in results:
                    self._show(result)
            self.done = True
            self._show(arms.result)
            self._words("done: enter runs them again, esc leaves")
        except (LheError, OSError) as error:
            self._words(f"✗ {error}", problem=True)
        except Exception as error:  # noqa: BLE001  a model that breaks must not take the app with it
            self._words(f"✗ {safe_error(error)}", problem=True)
        finally:
            await self._opener.aclose()

    def _show(self, result: ArmsResult) -> None:
        self.result = result
        done = self.done
        self.query_one(LinesView).show(lambda width: arms_lines(result, width, done=done), place=None)

    def action_back(self) -> None:
        """Stop the arms; leave where none runs."""
        if self.running and self._worker is not None:
            self._worker.cancel()
            self._words("stopped: what was asked is recorded; esc leaves")
        elif self.has_class("-narrow") and self.has_class("-started"):
            self.set_class(False, "-started")
        else:
            self.dismiss(None)

    def action_scroll_page(self, by: int) -> None:
        """The results so many pages down."""
        view = self.query_one(LinesView)
        view.scroll_by(by * view.page)


def _about(width: int) -> list[Line]:
    """What arms are, until there is something to show."""
    words = (
        "Every arm asks the same keys from this turn on, under another history: as is, healed, with a share of the "
        "past answers corrupted over the true sums, or cut short. What raises turn accuracy shows what did the harm: "
        "the errors in view, or the history's length. The first arm chosen is the one that the others are compared "
        "with. Each arm is recorded as a session of its own; the one that they leave is never touched."
    )
    return wrap([(words, "dim")], width)
