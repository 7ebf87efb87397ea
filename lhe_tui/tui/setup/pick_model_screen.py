"""The model list over another screen: one model is chosen and handed back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from lhe_tui.text.content import content
from lhe_tui.tui.setup.model_picker import ModelPicker, ModelSources


@dataclass(frozen=True, slots=True)
class PickedModel:
    """A model's name, and where it is asked where that is no known provider."""

    name: str
    base_url: str | None = None
    key_variable: str | None = None
    """The *name* of the variable that holds the key."""


class PickModelScreen(ModalScreen[PickedModel | None]):
    """Enter on a model gives it and the server that it is asked at; escape gives None."""

    BINDINGS: ClassVar = [Binding("escape", "cancel", "cancel")]
    DEFAULT_CSS = """
    PickModelScreen {
        align: center middle;
        #pick-box { width: 60; max-width: 96%; height: 80%; max-height: 32; border: round $accent;
            background: $surface; padding: 0 1; border-title-color: $accent; border-title-style: bold; }
        #pick-hint { height: 1; color: $dim; }
        ModelPicker { height: 1fr; }
        #model-list { height: 1fr; background: transparent; border: none; padding: 0; text-wrap: nowrap;
            text-overflow: ellipsis; margin: 1 0; scrollbar-size-vertical: 1; }
        #model-list > .option-list--option-disabled { text-style: none; color: $foreground; }
        Input { background: $panel; }
        .field-label { color: $dim; }
    }
    """

    def __init__(self, sources: ModelSources | None = None) -> None:
        super().__init__()
        self._sources = sources

    def compose(self) -> ComposeResult:
        """The picker in a box."""
        with Vertical(id="pick-box") as box:
            box.border_title = content("Add a model")
            yield ModelPicker(self._sources, "")
            yield Static("enter adds it (or takes it out), esc closes", id="pick-hint")

    def on_mount(self) -> None:
        """Look for servers; the search field first."""
        self.query_one(ModelPicker).look_for_servers()
        self.query_one("#model-search", Input).focus()

    @on(ModelPicker.Accepted)
    def _accepted(self) -> None:
        picker = self.query_one(ModelPicker)
        chosen = picker.chosen
        key = picker.key_variable if chosen.base_url else None
        self.dismiss(PickedModel(chosen.name, chosen.base_url, key) if chosen.name else None)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
