"""The model list over another screen: one model is chosen and handed back."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from lhe_tui.text.content import content
from lhe_tui.tui.picker.model_picker import ModelPicker
from lhe_tui.tui.picker.model_sources import ModelSources
from lhe_tui.tui.widgets.base_screen import BaseDialog


@dataclass(frozen=True, slots=True)
class PickedModel:
    """A model's name, and where it is asked where that is no known provider."""

    name: str
    base_url: str | None = None
    key_variable: str | None = None
    """The *name* of the variable that holds the key."""


class PickModelScreen(BaseDialog[PickedModel | None]):
    """Enter on a model gives it and the server that it is asked at; escape gives None."""

    CSS_PATH = ["../widgets/base_screen.tcss", "pick_model_screen.tcss"]

    def __init__(self, sources: ModelSources | None = None) -> None:
        super().__init__()
        self._sources = sources

    def compose(self) -> ComposeResult:
        """The picker in a box."""
        with Vertical(id="pick-box", classes="dialog") as box:
            box.border_title = content("Add a model")
            yield ModelPicker(self._sources, "")
            yield Static("enter adds it (or takes it out), esc closes", id="pick-hint")

    def on_mount(self) -> None:
        """Look for servers; the search field first."""
        self.query_one(ModelPicker).look_around()
        self.query_one("#model-search", Input).focus()

    @on(ModelPicker.Accepted)
    def _accepted(self) -> None:
        picker = self.query_one(ModelPicker)
        chosen = picker.chosen
        key = picker.key_variable if chosen.base_url else None
        self.dismiss(PickedModel(chosen.name, chosen.base_url, key) if chosen.name else None)
