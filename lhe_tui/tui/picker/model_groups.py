"""The models that can be chosen, grouped by provider, without any widget."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lhe_tui.models.base import ModelInfo
from lhe_tui.models.catalogue import PROVIDERS, what_is_missing
from lhe_tui.models.local.weights import INSTALL, KNOWN, LOCAL

MOST_ROWS: Final = 200
"""Rows shown of one group; typing finds the rest."""

SIMULATED: Final = (
    ModelInfo("sim/large", simulated=True, note="like Qwen3-32B"),
    ModelInfo("sim/small", simulated=True, note="like Gemma3-12B"),
    ModelInfo("sim/medium", simulated=True, note="like Qwen3-14B"),
    ModelInfo("sim/frontier", simulated=True, note="like 200B+"),
    ModelInfo("sim/thinking", simulated=True, note="like a reasoner"),
)


@dataclass
class ModelGroup:
    """One provider or server, and what is known of its models."""

    key: str
    """The provider's name, or a server's base URL."""
    title: str
    note: str = ""
    """What is missing, or where it is; our own words or a server's address."""
    models: tuple[ModelInfo, ...] = ()
    can_list: bool = False
    """Whether its list can be asked for and was not yet."""
    asking: bool = False
    missing: str = ""
    """The command that brings its models, shown on a line of its own where it has none."""
    base_url: str | None = None
    """Set where its models are asked by `--base-url`."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the list: a heading, a model, a list to be asked for, or a name as typed."""

    kind: str
    """`heading`, `model`, `list`, `typed` or `more`."""
    text: str
    note: str = ""
    group: str = ""
    model: ModelInfo | None = None


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """The model that a run would start with."""

    info: ModelInfo
    base_url: str | None = None

    @property
    def name(self) -> str:
        """`provider/model`, or the server's own name for it."""
        return self.info.name


@dataclass
class ModelGroups:
    """All groups, in the order of the list."""

    groups: list[ModelGroup] = field(default_factory=list)

    @classmethod
    def at_start(cls, env: Mapping[str, str]) -> ModelGroups:
        """What is known without asking anybody: local and simulated models, and which providers have a key."""
        groups = [ModelGroup("sim", "simulated", "no key, no network", SIMULATED)]
        local = local_group()
        # A real model that is installed goes before every simulated one.
        groups.insert(0 if local.models else 1, local)
        with_key: list[ModelGroup] = []
        without: list[ModelGroup] = []
        for provider in PROVIDERS.values():
            if provider.local:
                continue
            missing = what_is_missing(provider, env)
            group = ModelGroup(provider.name, provider.title, missing or "key set", can_list=missing is None)
            (without if missing else with_key).append(group)
        return cls([*groups, *with_key, *without])

    def find(self, key: str) -> ModelGroup | None:
        """The group with this key."""
        return next((group for group in self.groups if group.key == key), None)

    def put(self, group: ModelGroup) -> None:
        """Add a group after the simulated and local ones, or renew the one with the same key."""
        for index, known in enumerate(self.groups):
            if known.key == group.key:
                self.groups[index] = group
                return
        self.groups.insert(2, group)

    def keys_found(self, providers: Collection[str]) -> None:
        """Take note of keys that are stored outside the environment."""
        for group in self.groups:
            if group.key in providers and not group.can_list:
                group.note, group.can_list = "key in the keyring", True

    def rows(self, query: str, server_url: str = "") -> list[ModelRow]:
        """The list's lines under a search: every word of it must stand in the model's name or its provider's.

        A name that no group lists can be used as typed, at the other server where one is given.
        """
        words = query.lower().split()
        rows: list[ModelRow] = []
        exact = False
        for group in self.groups:
            found = [info for info in group.models if _matches(words, group, info)]
            exact = exact or any(info.name == query.strip() for info in found)
            rows += _group_rows(group, found, words)
        typed = query.strip()
        if typed.startswith(("http://", "https://")):
            if typed.isprintable() and self.find(typed) is None:
                rows.append(ModelRow("list", f"list the models of {typed}", "", typed))
        elif typed.isprintable() and typed and not exact and (server_url or "/" in typed.strip("/")):
            note = "as typed, at your server" if server_url else "as typed"
            rows.append(ModelRow("typed", typed, note, server_url, ModelInfo(typed)))
        return rows

    def choose(self, row: ModelRow) -> ChosenModel | None:
        """The model of a row, with the server it is asked at."""
        if row.model is None:
            return None
        if row.kind == "typed":
            return ChosenModel(row.model, row.group or None)
        group = self.find(row.group)
        return ChosenModel(row.model, group.base_url if group else None)


def local_group() -> ModelGroup:
    """The real models that lhe-tui runs itself; where none is installed, the command that installs them."""
    models = tuple(
        replace(model.info, note=model.title.partition(",")[0])
        for model in KNOWN.values()
        if model.missing is None
    )
    title = "real, on this machine"
    return ModelGroup(LOCAL, title, "no key, no network" if models else "", models, missing=INSTALL)


def _matches(words: list[str], group: ModelGroup, info: ModelInfo) -> bool:
    text = f"{group.title} {info.name}".lower()
    return all(word in text for word in words)


def _group_rows(group: ModelGroup, found: list[ModelInfo], words: list[str]) -> list[ModelRow]:
    if words and not found and not (group.can_list and any(w in group.title.lower() for w in words)):
        return []
    rows = [ModelRow("heading", group.title, group.note, group.key)]
    rows += [ModelRow("model", info.name, model_note(info), group.key, info) for info in found[:MOST_ROWS]]
    if len(found) > MOST_ROWS:
        rows.append(ModelRow("more", f"{len(found) - MOST_ROWS:,} more: type to search", "", group.key))
    if group.missing and not group.models:
        rows.append(ModelRow("more", group.missing, "", group.key))
    if group.asking:
        rows.append(ModelRow("more", "asking for its models…", "", group.key))
    elif group.can_list and not group.models:
        rows.append(ModelRow("list", "list its models", "", group.key))
    return rows


def model_note(info: ModelInfo) -> str:
    """What is known of a model, in a few words: context and prices."""
    parts = [info.note] if info.note else []
    if info.context_length:
        parts.append(f"{short_count(info.context_length)} context")
    if info.price_prompt is not None and info.price_completion is not None:
        free = info.price_prompt == 0 == info.price_completion
        parts.append("free" if free else f"${info.price_prompt:.3g}/${info.price_completion:.3g} per M")
    return ", ".join(parts)


def short_count(number: float) -> str:
    """A count for people: 950, 12 k, 1.4 M."""
    for bound, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= bound * 0.9995:
            return f"{number / bound:.3g}{unit}"
    return f"{number:.0f}"
