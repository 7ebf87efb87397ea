"""The experiments screen: what each asks and the paper found, what it will take, and the ones that were run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lhe_tui.experiments.grid import GridError
from lhe_tui.launch.models import ModelOpener
from lhe_tui.launch.paths import session_folder, session_folders
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.task.controls import ANSWER_MODES, AnswerMode
from lhe_tui.text.content import content
from lhe_tui.text.visible import visible
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.controller.cells_controller import reopened_cells
from lhe_tui.tui.controller.experiment_controller import ExperimentController
from lhe_tui.tui.controller.ladder_controller import reopened_ladder
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.experiments.experiment_form import FULL_RUN, toggled
from lhe_tui.tui.experiments.experiment_index import ExperimentEntry, find_experiments
from lhe_tui.tui.experiments.experiment_lines import about_entry
from lhe_tui.tui.experiments.experiment_plans import (
    LADDER,
    NAMES,
    FormTexts,
    Plan,
    plan_for,
    question_of,
    usual,
)
from lhe_tui.tui.messages import GoTo, OpenExperiment, Problem, ShowExperiment
from lhe_tui.tui.routes import PickModelRoute
from lhe_tui.tui.widgets.base_screen import BaseScreen, in_thread
from lhe_tui.tui.widgets.choice import Choice
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line

if TYPE_CHECKING:
    from lhe_tui.tui.picker.pick_model_screen import PickedModel

READ_AFTER = 0.15
"""Seconds after the last key before the form is read: an estimate draws a task."""
NARROW = 100
_GIVEN_WORTH_A_WORD = 20_000


class ExperimentList(OptionList):
    """Named experiments, then those that were run; enter is the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.start", "start", show=False)]


class ExperimentsScreen(BaseScreen[None]):
    """Chooses an experiment, says what it takes, has it started. `open_one` gives the experiment that is open."""

    CSS_PATH = ["../widgets/base_screen.tcss", "experiments_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("experiments")
    ACTIONS_OF = "experiments"
    AUTO_FOCUS = "#experiment-list"

    def __init__(self, open_one: Callable[[], ExperimentController | None]) -> None:
        super().__init__()
        self._open_one = open_one
        self.entries: list[ExperimentEntry] = []
        self.reading = True
        """Whether folders are still being read."""
        self.plan: Plan | None = None
        self.base_url: str | None = None
        self.key_variable: str | None = None
        self.busy = False
        """Whether an experiment is being made."""
        self._shown = ""
        self._timer: Timer | None = None
        self._opener: ModelOpener | None = None

    def compose(self) -> ComposeResult:
        """The list, what is known of the one under the cursor, and what may be set of it."""
        yield LinesView(id="experiments-where")
        with Horizontal(id="experiments-body"):
            with Vertical(id="experiments-left") as left:
                left.border_title = "experiments"
                yield ExperimentList(id="experiment-list", compact=True, markup=False)
            with Vertical(id="experiments-right") as right:
                right.border_title = "question"
                yield LinesView(id="experiment-about")
                with Vertical(id="experiment-form"):
                    with Grid(id="experiment-fields"):
                        yield Label("models")
                        yield Input(compact=True, id="form-models")
                        yield Label("samples")
                        yield Input(compact=True, id="form-samples")
                        yield Label("turns", id="form-turns-label")
                        yield Input(compact=True, id="form-turns")
                        yield Label("asks", id="form-full-label")
                        yield Choice(
                            (("one", "the one turn that is measured"), ("full", "every turn")),
                            "one",
                            id="form-full",
                        )
                        yield Label("answer", id="form-mode-label")
                        yield Choice(
                            (("cot", "reasoned aloud"), ("direct", "direct"), ("thinking", "thinking")),
                            "cot",
                            id="form-mode",
                        )
                    yield Static(id="form-words")
                    yield Button("start (F5)", id="form-start", variant="primary", compact=True)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill the list; past experiments come as they are read."""
        self.query_one("#experiments-where", LinesView).show(lambda width: [_where()])
        self._show_list()
        self.query_one(ExperimentList).highlighted = 0
        self.action_refresh()

    def on_screen_resume(self) -> None:
        """Something may have run meanwhile."""
        self.busy = False
        if self.is_mounted and not self.reading:
            self._show_chosen()
            self.action_refresh()

    async def on_unmount(self) -> None:
        """Let go of the models that were opened to learn their prices."""
        if self._opener is not None:
            await self._opener.aclose()

    def on_resize(self) -> None:
        """Less of everything in a small terminal."""
        narrow = self.app.size.width < NARROW
        if narrow != self.has_class("-narrow"):
            self.set_class(narrow, "-narrow")
            self._show_list()

    @property
    def _running_one(self) -> ExperimentController | None:
        """The experiment that asks models right now."""
        open_one = self._open_one()
        return open_one if open_one is not None and open_one.running else None

    @property
    def listing(self) -> ExperimentList:
        """The list."""
        return self.query_one(ExperimentList)

    # ---- the list

    @in_thread("read experiments")
    def _read(self) -> None:
        worker = get_current_worker()
        entries = []
        for entry in find_experiments(session_folders()):
            if worker.is_cancelled:
                return
            entries.append(entry)
        self.from_thread(self._take, entries)

    def _take(self, entries: list[ExperimentEntry]) -> None:
        self.reading = False
        self.entries = entries
        self._show_list()

    def _show_list(self) -> None:
        listing = self.listing
        before = listing.highlighted
        kept = listing.get_option_at_index(before).id if before is not None else None
        options = [Option(self._named_prompt(name), id=f"named {name}") for name in NAMES]
        running = self._running_one
        if self.entries or running is not None:
            options.append(Option(content(" your experiments", "bold"), disabled=True))
        if running is not None:
            options.append(Option(content(f"▶ {running.name} · running", "bold $accent"), id="running"))
        for number, entry in enumerate(self.entries):
            if running is None or entry.folder != running.folder:
                options.append(Option(self._entry_prompt(entry), id=f"entry {number}"))
        places = {option.id: place for place, option in enumerate(options)}
        with self.prevent(OptionList.OptionHighlighted):
            listing.clear_options()
            listing.add_options(options)
            listing.highlighted = places.get(kept, 0)
        if self._chosen_id() != self._shown:
            self._show_chosen()

    def _named_prompt(self, name: str) -> Content:
        """The name, with the question that it asks where there is room."""
        if self.app.size.width < NARROW:
            return content(f" {name}")
        question = question_of(name)
        return Content.assemble(content(f" {name}", "bold"), "\n", content(f"   {question}", "$dim"))

    def _entry_prompt(self, entry: ExperimentEntry) -> Content:
        """The folder and how far it came."""
        sign, _, rest = entry.status.partition(" ")
        if self.app.size.width < NARROW:
            return content(f"{sign} {entry.folder.name}", limit=120)
        folder = content(f"{sign} {entry.folder.name}", limit=120)
        return Content.assemble(folder, "\n", content(f"   {rest}", "$dim"))

    @property
    def chosen_name(self) -> str | None:
        """The named experiment under the cursor."""
        kind, _, name = self._chosen_id().partition(" ")
        return name if kind == "named" else None

    @property
    def chosen_entry(self) -> ExperimentEntry | None:
        """The past experiment under the cursor."""
        kind, _, number = self._chosen_id().partition(" ")
        return self.entries[int(number)] if kind == "entry" else None

    def _chosen_id(self) -> str:
        place = self.listing.highlighted
        return "" if place is None else self.listing.get_option_at_index(place).id or ""

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._show_chosen()

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self._show_chosen()

    # ---- what is known of it

    def _show_chosen(self) -> None:
        self._shown = self._chosen_id()
        name, entry = self.chosen_name, self.chosen_entry
        self.query_one("#experiment-form").display = name is not None
        about = self.query_one("#experiment-about", LinesView)
        title = name or (entry.folder.name if entry else "under way")
        self.query_one("#experiments-right").border_title = content(title, limit=80)
        if name is not None:
            models, samples, turns = usual(name)
            for field, text in (("models", models), ("samples", samples), ("turns", turns)):
                self.query_one(f"#form-{field}", Input).placeholder = str(text)
            for part, shown in (("full", name in FULL_RUN), ("mode", name == LADDER)):
                self.query_one(f"#form-{part}").display = shown
                self.query_one(f"#form-{part}-label").display = shown
            turns_label = "largest K" if name == LADDER else "turns"
            self.query_one("#form-turns-label", Label).update(content(turns_label))
            self._read_form()
        elif entry is not None:
            about.show(lambda width: about_entry(entry, width))
        else:
            about.show(lambda width: [[("Enter shows the experiment that runs.", "plain")]])

    @on(Input.Changed)
    @on(Choice.Changed)
    def _form_changed(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(READ_AFTER, self._read_form)

    def _read_form(self) -> Plan | None:
        """Read the form: a plan with what it will take, or what is wrong with it."""
        name = self.chosen_name
        if name is None:
            return None
        self.plan = None
        about = self.query_one("#experiment-about", LinesView)
        try:
            self.plan = plan_for(name, self._texts(), self._models(), about.show)
        except (GridError, ModelNotAvailable) as error:
            self._words(f"✗ {error}", problem=True)
            return None
        where = f", at {self.base_url}" if self.base_url else ""
        self._words(self.plan.words + where)
        return self.plan

    def _texts(self) -> FormTexts:
        texts = [self.query_one(f"#form-{field}", Input).value for field in ("models", "samples", "turns")]
        full = self.query_one("#form-full", Choice).value == "full" and self.chosen_name in FULL_RUN
        mode = self.query_one("#form-mode", Choice).value
        modes: dict[str, AnswerMode] = {mode: mode for mode in ANSWER_MODES}
        return FormTexts(texts[0], texts[1], texts[2], full, modes[mode])

    def _models(self) -> ModelOpener:
        opener = self._opener
        if opener is None or (opener.base_url, opener.api_key_env) != (self.base_url, self.key_variable):
            opener = self._opener = ModelOpener(self.base_url, self.key_variable)
        return opener

    def _words(self, text: str, *, problem: bool = False) -> None:
        words = self.query_one("#form-words", Static)
        words.set_class(problem, "-error")
        words.update(content(text, limit=500))

    # ---- actions

    @on(Input.Submitted)
    @on(Choice.Submitted)
    @on(Button.Pressed)
    def action_start(self) -> None:
        """Start the experiment under the cursor, or show the one that was run."""
        entry = self.chosen_entry
        if self.busy:
            return
        if entry is not None:
            self._open_entry(entry)
        elif self.chosen_name is None:
            self.post_message(ShowExperiment())
        elif (plan := self._read_form()) is not None:
            self._start(plan)

    def _open_entry(self, entry: ExperimentEntry) -> None:
        open_one = self._open_one()
        if entry.problem:
            self.post_message(Problem(entry.problem))
        elif open_one is not None and open_one.folder == entry.folder:
            self.post_message(ShowExperiment())
        else:
            reopened = reopened_ladder if entry.ladder else reopened_cells
            self._say_about(f"▶ reading {entry.folder.name}…")
            self.post_message(OpenExperiment(lambda: reopened(entry.folder), start=False))

    def _say_about(self, words: str) -> None:
        self.query_one("#experiment-about", LinesView).show(lambda width: [[(visible(words), "live")]])

    def _start(self, plan: Plan) -> None:
        def answered(yes: bool | None) -> None:
            if yes and self.is_attached:
                self._start_agreed(plan)

        self.app.push_screen(AskScreen(plan.question, "start", "not now"), answered)

    def _start_agreed(self, plan: Plan) -> None:
        self.busy = True
        if plan.given > _GIVEN_WORTH_A_WORD:
            self._words(f"▶ laying down {plan.given:,} past turns, a few seconds…")
        self.post_message(OpenExperiment(lambda: plan.build(_new_folder(plan.name)), start=True))

    def action_add_model(self) -> None:
        """Choose a model from the list."""
        if self.chosen_name is not None:
            self.post_message(GoTo(PickModelRoute(), self._add))

    def _add(self, picked: PickedModel | None) -> None:
        if picked is None:
            return
        field = self.query_one("#form-models", Input)
        # One experiment asks one server: a model of another takes the place of those before.
        moved = picked.base_url != self.base_url
        self.base_url, self.key_variable = picked.base_url, picked.key_variable
        field.value = picked.name if moved else toggled(field.value, picked.name)
        self._read_form()

    def action_refresh(self) -> None:
        """Read the folders again."""
        self.reading = True
        self._read()

    def action_back(self) -> None:
        """From the form to the list, else leave."""
        if self.listing.has_focus:
            self.dismiss(None)
        else:
            self.listing.focus()


def _where() -> Line:
    return [(" experiments ", "change"), (" measure what the paper measures, and say how sure we are", "dim")]


def _new_folder(name: str) -> Path:
    """A folder that is not there yet, by name and time."""
    when = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    base = session_folder() / f"{name}-{when}"
    return next(
        folder
        for folder in (base, *(base.with_name(f"{base.name}-{n}") for n in range(2, 1000)))
        if not folder.exists()
    )
