"""The task form: one line per field, each checked as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from lhe_tui.launch.presets import PRESETS
from lhe_tui.tui.setup.field_grid import NO_WINDOW, FieldGrid
from lhe_tui.tui.setup.setup_fields import DEFAULTS, FIELDS, PRESET_VALUES, Field, matching_preset
from lhe_tui.tui.widgets.choice import Choice

_PRESET_OPTIONS = tuple((str(index), preset.name) for index, preset in enumerate(PRESETS))


class TaskForm(VerticalScroll, can_focus=False):
    """Presets above, fields below. Its texts are `values`; what they mean is read elsewhere."""

    BINDINGS: ClassVar = [
        Binding("up", "app.focus_previous", "field above", show=False),
        Binding("down", "app.focus_next", "field below", show=False),
    ]

    class Changed(Message):
        """A text or a choice is another one."""

    @dataclass
    class PresetChosen(Message):
        """A preset that asks a model of its own was chosen."""

        model: str

    class Submitted(Message):
        """Enter was pressed in a field."""

    @dataclass
    class Focused(Message):
        """A field has the focus."""

        field: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.values: dict[str, str] = dict(DEFAULTS)
        self.model = ""
        """The model that is chosen beside the form."""

    def compose(self) -> ComposeResult:
        """The fields, on the grid that labels them."""
        preset = Choice(_PRESET_OPTIONS, "0", id="preset")
        yield FieldGrid(preset, *map(self._field, FIELDS), id="fields")

    def _field(self, field: Field) -> Widget:
        value = self.values[field.id]
        widget: Widget
        if field.choices:
            widget = Choice(field.choices, value, id=f"field-{field.id}")
        else:
            widget = Input(value, id=f"field-{field.id}", compact=True, select_on_focus=True)
        widget.set_class(bool(field.heading), "-group")
        widget.set_class(field is FIELDS[0], "-first")
        widget.set_class(field.id in NO_WINDOW, "-unused")
        return widget

    @property
    def preset(self) -> int | None:
        """The preset that the fields are, None where they are settings of one's own."""
        return matching_preset(self.values, self.model)

    @property
    def grid(self) -> FieldGrid:
        """The labels and hints."""
        return self.query_one("#fields", FieldGrid)

    def on_mount(self) -> None:
        """Name the pane."""
        self.border_title = "Task"

    # ---- texts

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill the whole form."""
        self.values = dict(values)
        with self.prevent(Input.Changed, Choice.Changed):
            for field in FIELDS:
                widget = self.query_one(f"#field-{field.id}")
                if isinstance(widget, Choice):
                    widget.set_value(self.values[field.id])
                elif isinstance(widget, Input):
                    widget.value = self.values[field.id]
        self._show_preset()
        self.post_message(self.Changed())

    def next_preset(self) -> None:
        """Fill in the preset after the one shown."""
        self.query_one("#preset", Choice).action_turn(1)

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Put each sentence beside its field, and the hints where nothing is wrong."""
        for name in {*errors, *self.grid.errors}:
            self.query_one(f"#field-{name}").set_class(name in errors, "-error")
        self.grid.errors = dict(errors)
        self.grid.refresh()

    def focus_field(self, field: str) -> None:
        """Go to a field."""
        self.query_one(f"#field-{field}").focus()

    def show_model(self, model: str) -> None:
        """Take note of another model: a preset may be of one alone."""
        if model != self.model:
            self.model = model
            self._show_preset()

    def _show_preset(self) -> None:
        index = self.preset
        self.query_one("#preset", Choice).set_value("" if index is None else str(index))
        chosen = None if index is None else PRESETS[index]
        self.grid.about = (chosen.missing or chosen.about) if chosen else "settings of your own"
        unused = ":" not in self.values["prune"]
        self.grid.unused = NO_WINDOW if unused else frozenset()
        self.query_one("#field-window").set_class(unused, "-unused")
        self.grid.refresh()

    # ---- what the person does

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._take((event.input.id or "").removeprefix("field-"), event.value)

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        if event.choice.id == "preset":
            chosen = int(event.value)
            model = PRESETS[chosen].options.get("model", "")
            if model:
                self.model = model
                self.post_message(self.PresetChosen(model))
            self.set_values(PRESET_VALUES[chosen])
        else:
            self._take((event.choice.id or "").removeprefix("field-"), event.value)

    def _take(self, field: str, value: str) -> None:
        if self.values[field] != value:
            self.values[field] = value
            self._show_preset()
            self.post_message(self.Changed())

    @on(Input.Submitted)
    @on(Choice.Submitted)
    def _enter(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tell which field it is, for its hint."""
        self.post_message(self.Focused((event.widget.id or "").removeprefix("field-")))
