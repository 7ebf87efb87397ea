"""Prompt texts: a template of our own or the user's, and the messages rendered from it (DESIGN §2.2)."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lhe_tui.errors import LheError
from lhe_tui.task.controls import ANSWER_MODES, AnswerMode
from lhe_tui.task.spec import VARIANTS, Task, Variant

_PLACES: Mapping[str, frozenset[str]] = {
    "system": frozenset({"dictionary", "answer_rule"}),
    "answer_rule": frozenset(),
    "user": frozenset({"keys"}),
    "state_card": frozenset({"sum"}),
    "verify": frozenset(),
}
_NEEDED = {"user": "keys", "state_card": "sum"}


class PromptError(LheError, ValueError):
    """A prompt template that cannot be used; the message names the part and what is wrong with it."""


@dataclass(frozen=True)
class PromptTemplate:
    """The texts of a prompt. `system` has one text per task variant, `answer_rule` one per answer mode.

    `$dictionary` and `$answer_rule` stand in a system text, `$keys` in `user`, `$sum` in `state_card`.
    """

    system: Mapping[str, str]
    answer_rule: Mapping[str, str]
    user: str
    state_card: str
    verify: str
    name: str = field(default="built-in", compare=False)

    @cached_property
    def state_card_parts(self) -> tuple[str, str]:
        """The state line before and after its number."""
        before, _, after = string.Template(self.state_card).substitute(sum="\0").partition("\0")
        return before, after

    @cached_property
    def user_parts(self) -> tuple[str, str]:
        """The user message before and after its keys."""
        before, _, after = string.Template(self.user).substitute(keys="\0").partition("\0")
        return before, after

    def state_line(self, running_sum: int) -> str:
        """The one line of state that stands in for pruned turns."""
        before, after = self.state_card_parts
        return f"{before}{running_sum}{after}"

    def user_message(self, keys: str, state_line: str | None = None) -> str:
        """A user message: the keys, under a line of state where one is carried."""
        before, after = self.user_parts
        text = f"{before}{keys}{after}"
        return text if state_line is None else f"{state_line}\n{text}"

    def system_message(self, task: Task, mode: AnswerMode) -> str:
        """The system message of a task in an answer mode."""
        dictionary = "\n".join(f"{word}: {value}" for word, value in task.dictionary.items())
        return string.Template(self.system[task.spec.variant]).substitute(
            dictionary=dictionary, answer_rule=self.answer_rule[mode].strip()
        )

    def as_json(self) -> dict[str, Any]:
        """The exact texts, for the session's header."""
        return {
            "name": self.name,
            "system": dict(self.system),
            "answer_rule": dict(self.answer_rule),
            "user": self.user,
            "state_card": self.state_card,
            "verify": self.verify,
        }


def _check(part: str, text: object, where: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise PromptError(f"prompt part {where} must be a text that is not empty")
    kind = part
    template = string.Template(text)
    if not template.is_valid():
        raise PromptError(f"prompt part {where}: a lone $ must be written $$")
    unknown = set(template.get_identifiers()) - _PLACES[kind]
    if unknown:
        places = ", ".join("$" + place for place in sorted(_PLACES[kind])) or "none"
        raise PromptError(f"prompt part {where} holds ${min(unknown)}; places known there: {places}")
    if kind in _NEEDED and template.get_identifiers() != [_NEEDED[kind]]:
        raise PromptError(f"prompt part {where} must hold ${_NEEDED[kind]} exactly once")
    return text


def _table(part: str, given: object, names: tuple[str, ...], default: Mapping[str, str]) -> dict[str, str]:
    if given is None:
        return dict(default)
    if isinstance(given, str):
        return {**default, **dict.fromkeys(names, _check(part, given, part))}
    if not isinstance(given, Mapping):
        raise PromptError(f"prompt part {part} must be a text, or a table with {', '.join(names)}")
    texts = dict(default)
    for name, text in given.items():
        if name not in names:
            raise PromptError(f"prompt part {part}.{name} is not known: there are {', '.join(names)}")
        texts[name] = _check(part, text, f"{part}.{name}")
    return texts


def read_template(
    parts: Mapping[str, object], default: PromptTemplate | None = None, name: str = "built-in"
) -> PromptTemplate:
    """A template from the parts of a file; parts left out are taken from `default`. Raises PromptError."""
    unknown = set(parts) - set(_PLACES) - {"name"}
    if unknown:
        raise PromptError(f"prompt part {min(unknown)!r} is not known: there are {', '.join(_PLACES)}")
    empty: Mapping[str, str] = {}
    system = _table("system", parts.get("system"), VARIANTS, default.system if default else empty)
    rules = _table(
        "answer_rule", parts.get("answer_rule"), ANSWER_MODES, default.answer_rule if default else empty
    )
    single: dict[str, str] = {}
    for part in ("user", "state_card", "verify"):
        text = parts.get(part, getattr(default, part) if default else None)
        single[part] = _check(part, text, part)
    missing = [v for v in VARIANTS if v not in system] + [m for m in ANSWER_MODES if m not in rules]
    if missing:
        raise PromptError(f"the prompt has no text for {', '.join(missing)}")
    return PromptTemplate(system=system, answer_rule=rules, name=name, **single)


def shown_keys(task: Task, sample: int, turn: int) -> str:
    """A turn's keys as the user message lists them: words, or their values where the variant gives numbers."""
    if gives_numbers(task.spec.variant):
        return ", ".join(map(str, task.values(sample, turn)))
    return ", ".join(task.keys(sample, turn))


def gives_numbers(variant: Variant) -> bool:
    """Whether a variant lists values in place of keys."""
    return variant in ("add", "prefix-sum")
