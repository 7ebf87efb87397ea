"""Setup: choose a model and a task, see the very first request and what the run will take, press Enter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Static

from lhe_tui.text.content import content
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.messages import StartRun
from lhe_tui.tui.widgets.base_screen import BaseScreen
from lhe_tui.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig
    from lhe_tui.tui.picker.model_picker import ModelPicker
    from lhe_tui.tui.picker.model_sources import ModelSources
    from lhe_tui.tui.setup.request_pane import RequestPane
    from lhe_tui.tui.setup.task_form import TaskForm

MODELS, FORM, REQUEST = "models", "form", "request"
WIDE = 168
SLIM = 76
"""Cells below which the model list is as narrow as it can be."""
LOOK_AROUND_AFTER = 0.3
"""Seconds after which local servers are asked: what that loads must not hold up the first paint."""


class SetupScreen(BaseScreen[None]):
    """The form's one duty: `config` to start with, or `errors`."""

    ACTIONS_OF = "setup"
    BINDINGS: ClassVar = bindings_for("setup")
    AUTO_FOCUS = "#start"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (WIDE, "-wide")]

    def __init__(self, *, model: str | None = None, sources: ModelSources | None = None) -> None:
        super().__init__()
        self._sources = sources
        self._model = model or "sim/large"
        self._problem = ""
        self._hint = ""
        self._start_wanted = False
        self.ready = False
        """Whether the frame is filled."""
        self.config: RunConfig | None = None
        """What the form says, None while it cannot be."""
        self.errors: Mapping[str, str] = {}
        """Per field one sentence on what is wrong."""

    def compose(self) -> ComposeResult:
        """The frame alone: what fills it comes once the frame has been painted."""
        # Known before there is anything to style, the class costs nothing.
        width = self.app.size.width
        self.add_class(next(name for least, name in reversed(self.HORIZONTAL_BREAKPOINTS) if width >= least))
        yield Static(self._banner(), id="banner")
        yield Horizontal(id="body")
        with Horizontal(id="bar"):
            yield Static(id="summary")
            yield Button("▶ Start", variant="success", id="start", action="screen.start")
        yield Container(id="foot")

    def _banner(self) -> Content:
        demo = self._model.startswith("sim/") and (not self.ready or self.form.preset == 0)
        said = Content.assemble(
            (" lhe-tui ", "bold reverse $accent"), ("  a debugger for long-horizon execution", "$foreground")
        )
        hint = Content.styled("   Enter starts a demo: no key, no network", "$dim")
        fits = said.cell_length + hint.cell_length <= self.app.size.width
        return said + hint if demo and fits else said

    def on_mount(self) -> None:
        """Fill the frame when it stands."""
        self.call_after_refresh(self._fill)

    async def _fill(self) -> None:
        from lhe_tui.tui.picker.model_picker import ModelPicker
        from lhe_tui.tui.setup.request_pane import RequestPane
        from lhe_tui.tui.setup.task_form import TaskForm

        right = Container(TaskForm(id=FORM), RequestPane(id=REQUEST), id="right")
        body, foot = self.query_one("#body"), self.query_one("#foot")
        with self.app.batch_update():
            # The app may have been left in the meantime.
            if body.is_attached:
                await body.mount(ModelPicker(self._sources, self._model, id=MODELS), right)
            if foot.is_attached:
                await foot.mount(KeyFooter())
            if not self.query(f"#{REQUEST}"):
                return
            self.refresh_bindings()
            self.ready = True
            self._fit(self.size.width)
            self.read()
        if self.focused is None or self.focused.id == "start":
            # Arrows choose a model at once, and Enter starts.
            self.query_one("#model-list").focus()
        self.set_timer(LOOK_AROUND_AFTER, self.picker.look_around)
        if self._start_wanted:
            self.action_start()

    def on_resize(self, event: events.Resize) -> None:
        """Columns and headings as they fit."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        self.set_class(width < SLIM, "-slim")
        if self.ready:
            self.query_one("#banner", Static).update(self._banner())
            self.form.grid.fit(width, with_headings=width >= WIDE)

    # ---- reading the form

    @property
    def picker(self) -> ModelPicker:
        """The model list."""
        from lhe_tui.tui.picker.model_picker import ModelPicker

        return self.query_one(f"#{MODELS}", ModelPicker)

    @property
    def form(self) -> TaskForm:
        """The task's fields."""
        from lhe_tui.tui.setup.task_form import TaskForm

        return self.query_one(f"#{FORM}", TaskForm)

    @property
    def request(self) -> RequestPane:
        """The very first request."""
        from lhe_tui.tui.setup.request_pane import RequestPane

        return self.query_one(f"#{REQUEST}", RequestPane)

    def read(self) -> None:
        """Read the form again, and show what follows from it."""
        from lhe_tui.assets.shipped import built_in_words
        from lhe_tui.tui.setup.setup_reading import read_form

        chosen = self.picker.chosen
        self.form.show_model(chosen.name)
        reading = read_form(
            self.form.values,
            chosen.name,
            base_url=chosen.base_url,
            api_key_env=self.picker.key_variable if chosen.base_url else None,
            words=len(built_in_words()),
        )
        self.config, self.errors = reading.config, reading.errors
        self._model = chosen.name
        self.query_one("#banner", Static).update(self._banner())
        self.form.show_errors(self.errors)
        self.request.show(self.config)
        self._show_summary()

    def _show_summary(self) -> None:
        self.query_one("#start", Button).disabled = bool(self.errors)
        summary = self.query_one("#summary", Static)
        config, first = self.config, self.request.shown
        summary.set_class(bool(self._problem) or config is None, "-problem")
        if self._problem:
            summary.update(content(f"✗ {self._problem}", limit=600))
        elif config is None or first is None:
            lines = [content(f"✗ {error}") for error in self.errors.values()]
            summary.update(Content("\n").join(lines[:3]))
        else:
            from lhe_tui.tui.setup.setup_summary import summary as words

            info, narrow = self.picker.chosen.info, self.has_class("-narrow")
            summary.update(words(config, first, info, self._hint, narrow=narrow))

    def show_problem(self, sentence: str) -> None:
        """Say why a run could not start; it stays until the form changes."""
        self._problem = sentence
        if self.ready:
            self._show_summary()

    def on_task_form_changed(self) -> None:
        """A field says something else."""
        self._problem = ""
        self.read()

    def on_task_form_preset_chosen(self, event: TaskForm.PresetChosen) -> None:
        """A preset that is of one model alone."""
        self.picker.choose_named(event.model)

    def on_model_picker_picked(self) -> None:
        """Another model."""
        self._problem = ""
        self.read()

    def on_task_form_focused(self, event: TaskForm.Focused) -> None:
        """Tell what the field is for."""
        from lhe_tui.tui.setup.setup_fields import FIELD_BY_ID

        field = FIELD_BY_ID.get(event.field)
        self._hint = f"{field.label}: {field.hint}" if field else ""
        if not self.errors:
            self._show_summary()

    def on_model_picker_accepted(self, event: ModelPicker.Accepted) -> None:
        """Enter starts; a model that was found by searching is looked at first."""
        if event.by == "enter":
            self.action_start()
        elif event.by == "search":
            self.read()
            self.query_one("#start").focus()

    def on_task_form_submitted(self) -> None:
        """Enter in a field starts."""
        self.action_start()

    # ---- actions

    def action_start(self) -> None:
        """Start the run that the form describes, or go to the first field that is wrong."""
        if not self.ready:
            self._start_wanted = True
            return
        self._problem = ""
        self.read()
        if self.config is not None:
            self.post_message(StartRun(self.config))
        else:
            self.form.focus_field(next(iter(self.errors)))

    def action_presets(self) -> None:
        """The next preset."""
        if self.ready:
            self.form.next_preset()

    def action_find_model(self) -> None:
        """Go to the search field."""
        if self.ready:
            self.query_one("#model-search").focus()

    def action_back(self) -> None:
        """From a field back to the model list, the whole of it."""
        if self.ready:
            self.query_one("#model-search", Input).clear()
            self.query_one("#model-list").focus()

    def action_preview(self) -> None:
        """The first request in full."""
        if self.ready and self.request.shown is not None:
            from lhe_tui.tui.dialogs.text_screen import TextScreen
            from lhe_tui.tui.setup.first_request import request_text

            text = request_text(self.request.shown)
            self.app.push_screen(TextScreen("First request, exactly as sent", text))

    def action_refresh_models(self) -> None:
        """Look for servers and keys again."""
        self.picker.look_around()
