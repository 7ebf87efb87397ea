"""The model list: grouped by provider, searchable, with servers found and asked in the background."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from lhe_tui.models.base import ModelFailure, ModelInfo
from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable
from lhe_tui.models.local.weights import runs_here
from lhe_tui.text.content import content
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import cells
from lhe_tui.tui.picker.model_groups import SIMULATED, ChosenModel, ModelGroup, ModelGroups, ModelRow
from lhe_tui.tui.picker.model_sources import ModelSources

_NOTE_AT = 13
"""Cells from a name to its note, where the name leaves them."""
_WIDE_ENOUGH = 38
"""Width of the pane that holds a provider's name beside the variable of its key."""


Accepting = Literal["enter", "click", "search"]


class ModelList(OptionList):
    """Enter is the picker's: it means more than a click."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "choose", show=False)]

    class Entered(Message):
        """Enter was pressed."""

    def action_accept(self) -> None:
        """Enter was pressed."""
        self.post_message(self.Entered())


class ModelPicker(Vertical):
    """Search field, list, and the address of any other server. What is highlighted in the list is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "field above", show=False),
        Binding("down", "app.focus_next", "field below", show=False),
    ]

    @dataclass
    class Picked(Message):
        """Another model was chosen."""

        chosen: ChosenModel

    @dataclass
    class Accepted(Message):
        """The person is done choosing."""

        by: Accepting

    def __init__(
        self, sources: ModelSources | None, chosen: str = "sim/large", *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.sources = sources or ModelSources.real()
        self.groups = ModelGroups.at_start(os.environ)
        info = next((info for info in SIMULATED if info.name == chosen), ModelInfo(chosen))
        self.chosen = ChosenModel(info)
        self._rows: list[ModelRow] = []

    def compose(self) -> ComposeResult:
        """Search above the list, the server's address below."""
        yield Input(placeholder="search, or type provider/model", id="model-search", compact=True)
        yield ModelList(id="model-list", markup=False, compact=True)
        yield Label("any other server", classes="field-label")
        yield Input(placeholder="http://host:port/v1", id="server-url", compact=True)
        yield Input(placeholder="its key's variable, if any", id="server-key", compact=True)

    def on_resize(self) -> None:
        """What does not fit is left out."""
        self._show_rows()

    def on_mount(self) -> None:
        """Name the pane; its lines come with its size."""
        self.border_title = "Model"

    @property
    def server_url(self) -> str:
        """The other server's address; empty where none is given."""
        return self.query_one("#server-url", Input).value.strip()

    @property
    def key_variable(self) -> str | None:
        """The variable named for the other server's key."""
        return self.query_one("#server-key", Input).value.strip() or None

    # ---- the list

    def _show_rows(self) -> None:
        listing = self.query_one("#model-list", OptionList)
        self._rows = self.groups.rows(self.query_one("#model-search", Input).value, self.server_url)
        with self.prevent(OptionList.OptionHighlighted):
            listing.clear_options()
            listing.add_options(
                [Option(self._prompt(row), disabled=row.kind in ("heading", "more")) for row in self._rows]
            )
            at = next((i for i, row in enumerate(self._rows) if self._is_chosen(row)), None)
            listing.highlighted = at

    def _is_chosen(self, row: ModelRow) -> bool:
        return row.kind == "model" and self.groups.choose(row) == self.chosen

    def _prompt(self, row: ModelRow) -> Content:
        if row.kind == "heading":
            if row.note.startswith("set "):
                return self._without_key(row)
            return Content.assemble(
                content(row.text, "bold $primary"), "  ", content(row.note, "$dim", limit=160)
            )
        if row.kind == "more":
            return content(f"  {row.text}", "italic $dim")
        if row.kind == "list":
            return content(f"  ↵ {row.text}", "$accent")
        chosen = self._is_chosen(row)
        shown = visible(row.text)
        return Content.assemble(
            ("● " if chosen else "  ", "$accent"),
            (shown, "bold" if chosen else ""),
            " " * max(1, _NOTE_AT - cells(shown)),
            content(row.note, "$dim", limit=120),
        )

    def _without_key(self, row: ModelRow) -> Content:
        """A provider that lacks a key; where only one of the two fits, what to do says who it is."""
        title = "" if self.size.width < _WIDE_ENOUGH else row.text.ljust(_NOTE_AT) + " "
        return Content.assemble(("○ ", "$dim"), (title, "$dim"), (row.note, "$dim italic"))

    def _choose(self, index: int) -> None:
        chosen = self.groups.choose(self._rows[index])
        if chosen is None or chosen == self.chosen:
            return
        before = next((i for i, row in enumerate(self._rows) if self._is_chosen(row)), None)
        self.chosen = chosen
        listing = self.query_one("#model-list", OptionList)
        for changed in (before, index):
            if changed is not None:
                listing.replace_option_prompt_at_index(changed, self._prompt(self._rows[changed]))
        self.post_message(self.Picked(chosen))

    def choose_named(self, name: str) -> None:
        """Choose a model by its name, whether or not the list holds it."""
        for index, row in enumerate(self._rows):
            if row.kind == "model" and row.model is not None and row.model.name == name:
                self.query_one("#model-list", OptionList).highlighted = index
                self._choose(index)
                return
        self.chosen = ChosenModel(ModelInfo(name, local=runs_here(name)))
        self._show_rows()
        self.post_message(self.Picked(self.chosen))

    @on(OptionList.OptionHighlighted, "#model-list")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.query_one("#model-list", OptionList).has_focus:
            self._choose(event.option_index)

    @on(OptionList.OptionSelected, "#model-list")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._accept(event.option_index, "click")

    @on(ModelList.Entered)
    def _entered(self, event: ModelList.Entered) -> None:
        event.stop()
        at = self.query_one(ModelList).highlighted
        if at is None:
            self.post_message(self.Accepted("enter"))
        else:
            self._accept(at, "enter")

    def _accept(self, index: int, by: Accepting) -> None:
        row = self._rows[index]
        if row.kind == "list":
            self._ask_for_group(row.group)
        elif row.model is not None:
            self._choose(index)
            self.post_message(self.Accepted(by))

    @on(Input.Changed, "#model-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._show_rows()

    @on(Input.Submitted, "#model-search")
    def _search_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        kinds = ("model", "typed", "list")
        first = next((i for i, row in enumerate(self._rows) if row.kind in kinds), None)
        if first is not None:
            self._accept(first, "search")

    # ---- servers, keys and lists, asked in the background

    @work(group="local servers", exclusive=True, exit_on_error=False)
    async def look_around(self) -> None:
        """Ask the known local ports and the keyring; a server that answers becomes a group of its own."""
        self.groups.keys_found(await asyncio.to_thread(self.sources.with_a_key))
        self._show_rows()
        for server in await self.sources.find_servers():
            provider = PROVIDERS.get(server.provider)
            title = provider.title if provider else "local server"
            where = server.base_url.removeprefix("http://").removesuffix("/v1")
            note = f"on {where}" if server.models else f"on {where}, no model loaded"
            self.groups.put(ModelGroup(server.base_url, title, note, server.models))
        self._show_rows()

    @on(Input.Submitted, "#server-url")
    @on(Input.Submitted, "#server-key")
    def _server_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        url = self.server_url
        if not url or self.chosen.base_url == url:
            self.post_message(self.Accepted("enter"))
        else:
            self._ask_for_group(url, start=True)

    def _ask_for_group(self, key: str, *, start: bool = False) -> None:
        if self.groups.find(key) is None:
            self.groups.put(ModelGroup(key, "your server", key, base_url=key))
        self.ask_for_models(key, start=start)

    @work(group="model lists", exit_on_error=False)
    async def ask_for_models(self, key: str, *, start: bool = False) -> None:
        """Ask a provider or server for its models; what goes wrong is said in the group's heading.

        With `start`, a server's only model is taken as accepted.
        """
        group = self.groups.find(key)
        if group is None or group.asking:
            return
        group.asking = True
        self._show_rows()
        try:
            models = await self.sources.list_models(key, self.key_variable if group.base_url else None)
            group.models = tuple(models)
            group.note = counted(len(models), "model") if models else "it lists no model"
        except (ModelFailure, ModelNotAvailable) as error:
            group.note = visible(str(error), limit=200)
        finally:
            group.asking = False
            self._show_rows()
        if group.models:
            self._choose_first_of(group)
            if start and len(group.models) == 1:
                self.post_message(self.Accepted("enter"))

    def _choose_first_of(self, group: ModelGroup) -> None:
        index = next((i for i, row in enumerate(self._rows) if row.model and row.group == group.key), None)
        if index is not None:
            listing = self.query_one(ModelList)
            listing.focus()
            listing.highlighted = index
            self._choose(index)
