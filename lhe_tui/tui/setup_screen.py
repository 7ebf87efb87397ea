"""Setup: choose a model and a task, see the very first request and what the run will take, press Enter."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Static

from lhe_tui.engine.estimate import RunEstimate
from lhe_tui.models.base import ModelInfo
from lhe_tui.shipped import built_in_words
from lhe_tui.text_safety import content, visible
from lhe_tui.tui.actions import bindings_for
from lhe_tui.tui.first_request import FirstRequest, first_request, request_text
from lhe_tui.tui.model_groups import short_count
from lhe_tui.tui.setup_fields import FIELD_BY_ID, FormReading, matching_preset, read_form
from lhe_tui.tui.start_run import RunSettings
from lhe_tui.tui.widgets.model_picker import ModelPicker, ModelSources
from lhe_tui.tui.widgets.task_form import TaskForm

MODELS, FORM = "models", "form"


class SetupScreen(Screen[None]):
    """The form's one duty is `reading`: settings to start with, or a sentence per field on what is wrong."""

    ACTIONS_OF = "setup"
    BINDINGS: ClassVar = bindings_for("setup")
    AUTO_FOCUS = "#start"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (168, "-wide")]

    class StartWanted(Message):
        """The person wants this run; the app builds it."""

        def __init__(self, settings: RunSettings) -> None:
            super().__init__()
            self.settings = settings

    def __init__(self, *, model: str | None = None, sources: ModelSources | None = None) -> None:
        super().__init__()
        self._sources = sources or ModelSources.real()
        self._model = model or "sim/large"
        self._problem = ""
        self._hint = ""
        self._request: FirstRequest | None = None
        self.reading = FormReading(None, {})

    def compose(self) -> ComposeResult:
        """Models left, the form and the first request right, what it all comes to below."""
        yield Static(id="banner")
        with Horizontal(id="body"):
            yield ModelPicker(self._sources, self._model, id=MODELS)
            with Container(id="right"):
                yield TaskForm(id=FORM)
                with VerticalScroll(id="request", can_focus=True):
                    yield Static(id="request-text", expand=True)
        with Horizontal(id="bar"):
            yield Static(id="summary")
            yield Button("▶ Start", variant="success", id="start", action="screen.start")
        yield Footer(compact=True, show_command_palette=False)

    def _banner(self) -> Content:
        demo = self._model.startswith("sim/") and matching_preset(self.form.values) == 0
        return Content.assemble(
            (" lhe-tui ", "bold reverse $accent"),
            ("  a debugger for long-horizon execution", "$foreground"),
            ("   Enter starts a demo: no key, no network" if demo else "", "$dim"),
        )

    def on_mount(self) -> None:
        """Read the form once all of it stands."""
        self.query_one("#request").border_title = "First request"
        self.call_after_refresh(self.read)

    # ---- reading the form

    @property
    def picker(self) -> ModelPicker:
        """The model list."""
        return self.query_one(f"#{MODELS}", ModelPicker)

    @property
    def form(self) -> TaskForm:
        """The task's fields."""
        return self.query_one(f"#{FORM}", TaskForm)

    def read(self) -> FormReading:
        """Read the form again, and show what follows from it."""
        chosen = self.picker.chosen
        reading = read_form(self.form.values, chosen.name, words=len(built_in_words()))
        if reading.settings is not None:
            key = self.picker.key_variable if chosen.base_url else None
            settings = replace(reading.settings, base_url=chosen.base_url, api_key_env=key)
            reading = FormReading(settings, {})
        self.reading = reading
        self._model = chosen.name
        self.query_one("#banner", Static).update(self._banner())
        self.form.show_errors(reading.errors)
        self._show_request()
        self._show_summary()
        return reading

    def _show_request(self) -> None:
        pane = self.query_one("#request")
        pane.set_class(self.reading.settings is None, "-stale")
        if self.reading.settings is None:
            pane.border_subtitle = "as it was before the form broke"
            return
        request = first_request(self.reading.settings)
        self._request = request
        pane.border_subtitle = f"sample 1, turn 1 · ≈ {sum(request.tokens):,} tokens"
        self.query_one("#request-text", Static).update(request_text(request))

    def _show_summary(self) -> None:
        self.query_one("#start", Button).disabled = bool(self.reading.errors)
        summary = self.query_one("#summary", Static)
        settings = self.reading.settings
        summary.set_class(bool(self._problem) or settings is None, "-problem")
        if self._problem:
            summary.update(content(f"✗ {self._problem}", limit=600))
        elif settings is None:
            lines = [content(f"✗ {error}") for error in self.reading.errors.values()]
            summary.update(Content("\n").join(lines[:3]))
        else:
            summary.update(self._what_it_takes(settings, self.picker.chosen.info))

    def _what_it_takes(self, settings: RunSettings, info: ModelInfo) -> Content:
        request = self._request or first_request(settings)
        spec, run = settings.spec, request.run
        simulated = info.name.startswith("sim/")
        name = visible(info.name, limit=80) + (" (simulated)" if simulated else "")
        where = f" at {visible(settings.base_url, limit=80)}" if settings.base_url else ""
        task = f" · {spec.variant} K={spec.turn_complexity} {settings.controls.mode}"
        size = f"{spec.turns:,} turns × {spec.samples:,} samples · {run.requests:,} requests"
        lines = [
            Content.assemble((name, "bold"), (where, "$dim"), task),
            Content(f"{size} · ≈ {short_count(run.tokens)} tokens"),
        ]
        if simulated:
            last = _time_words(settings, run)
        else:
            dollars = run.dollars(info.price_prompt, info.price_completion)
            last = (
                "its price is not known here" if dollars is None else f"≈ ${dollars:,.2f}, before any caching"
            )
        hint = Content.styled(self._hint, "italic")
        if self._hint and self.has_class("-narrow"):
            lines.append(hint.stylize("$dim"))
        else:
            lines.append(Content.assemble(last, "   " if self._hint else "", hint).stylize("$dim"))
        return Content("\n").join(lines)

    def show_problem(self, sentence: str) -> None:
        """Say why a run could not start; it stays until the form changes."""
        self._problem = sentence
        self._show_summary()

    @on(TaskForm.Changed)
    @on(ModelPicker.Picked)
    def _something_changed(self) -> None:
        self._problem = ""
        self.read()

    @on(TaskForm.Focused)
    def _field_focused(self, event: TaskForm.Focused) -> None:
        field = FIELD_BY_ID.get(event.field)
        self._hint = f"{field.label}: {field.hint}" if field else ""
        if not self.reading.errors:
            self._show_summary()

    @on(ModelPicker.Accepted)
    def _model_accepted(self) -> None:
        self.read()
        self.query_one("#start").focus()

    @on(TaskForm.Submitted)
    def _form_submitted(self) -> None:
        self.action_start()

    # ---- actions

    def action_start(self) -> None:
        """Start the run that the form describes, or go to the first field that is wrong."""
        self._problem = ""
        reading = self.read()
        if reading.settings is not None:
            self.post_message(self.StartWanted(reading.settings))
        else:
            self.form.focus_field(next(iter(reading.errors)))

    def action_presets(self) -> None:
        """The next preset."""
        self.form.next_preset()

    def action_find_model(self) -> None:
        """Go to the search field."""
        self.query_one("#model-search", Input).focus()

    def action_preview(self) -> None:
        """The first request in full."""
        from lhe_tui.tui.text_screen import TextScreen

        if self._request is not None:
            self.app.push_screen(TextScreen("First request, exactly as sent", request_text(self._request)))

    def action_refresh_models(self) -> None:
        """Look for servers again."""
        self.picker.look_for_servers()


def duration_words(seconds: float) -> str:
    """A time for people: `12 s`, `1:05 min`, `2:10 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600:,}:{whole % 3600 // 60:02} h"


def _time_words(settings: RunSettings, run: RunEstimate) -> str:
    """How long a simulated run takes, at a pace or without."""
    if settings.speed is None:
        return "as fast as it goes, free"
    seconds = run.seconds(settings.spec, settings.concurrency, settings.speed)
    return f"about {duration_words(seconds)} at {settings.speed:g} tokens/s, free"
