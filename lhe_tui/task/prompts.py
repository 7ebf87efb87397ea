"""Prompt texts: a template of our own or the user's, and the messages rendered from it."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lhe_tui.errors import LheError
from lhe_tui.task.answers import Value, written
from lhe_tui.task.controls import ANSWER_MODES, AnswerMode
from lhe_tui.task.spec import Task
from lhe_tui.task.variants.registry import VARIANTS

_PLACES: Mapping[str, frozenset[str]] = {
    "system": frozenset({"dictionary", "answer_rule"}),
    "answer_rule": frozenset(),
    "user": frozenset({"keys"}),
    "state_card": frozenset({"sum"}),
    "verify": frozenset(),
}
_NEEDED = {"user": "keys", "state_card": "sum"}
_OWN = ("system", "state_card", "verify")
"""The parts that one variant may say otherwise, beside the answer modes' rules."""


class PromptError(LheError, ValueError):
    """A prompt template that cannot be used; the message names the part and what is wrong with it."""


@dataclass(frozen=True)
class PromptTemplate:
    """The texts of a prompt. `system` has one text per task variant, `answer_rule` one per answer mode.

    `$dictionary` and `$answer_rule` stand in a system text, `$keys` in `user`, `$sum` in `state_card`. `own` holds what
    is said otherwise in one variant, by its name: `system`, `state_card`, `verify`, or an answer mode's rule.
    """

    system: Mapping[str, str]
    answer_rule: Mapping[str, str]
    user: str
    state_card: str
    verify: str
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    name: str = field(default="built-in", compare=False)

    def for_variant(self, variant: str) -> PromptTemplate:
        """The texts that one variant uses, and no others. Raises PromptError where it has no system text."""
        own = dict(self.own.get(variant, {}))
        system = own.pop("system", self.system.get(variant))
        if system is None:
            raise PromptError(f"the prompt has no system text for {variant}")
        rules = {mode: own.pop(mode, rule) for mode, rule in self.answer_rule.items()}
        single: dict[str, Any] = own
        return replace(self, system={variant: system}, answer_rule=rules, own={}, **single)

    def same_as(self, other: PromptTemplate, variant: str) -> bool:
        """Whether one variant is told the same by both."""
        return self.for_variant(variant) == other.for_variant(variant)

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

    def state_line(self, state: Value) -> str:
        """The one line of state that stands in for pruned turns."""
        before, after = self.state_card_parts
        return f"{before}{written(state)}{after}"

    def user_message(self, keys: str, state_line: str | None = None) -> str:
        """A user message: the keys, under a line of state where one is carried."""
        before, after = self.user_parts
        text = f"{before}{keys}{after}"
        return text if state_line is None else f"{state_line}\n{text}"

    def system_message(self, task: Task, mode: AnswerMode) -> str:
        """The system message of a task in an answer mode."""
        dictionary = "\n".join(f"{word}: {written(value)}" for word, value in task.dictionary.items())
        texts = self.for_variant(task.spec.variant)
        return string.Template(texts.system[task.spec.variant]).substitute(
            dictionary=dictionary, answer_rule=texts.answer_rule[mode].strip()
        )

    def as_json(self) -> dict[str, Any]:
        """The exact texts, for the session's header."""
        doc: dict[str, Any] = {
            "name": self.name,
            "system": dict(self.system),
            "answer_rule": dict(self.answer_rule),
            "user": self.user,
            "state_card": self.state_card,
            "verify": self.verify,
        }
        return doc | ({"own": {name: dict(texts) for name, texts in self.own.items()}} if self.own else {})


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
    return {**default, **{name: _check(part, text, f"{part}.{name}") for name, text in given.items()}}


def _own_parts(given: object) -> dict[str, dict[str, str]]:
    """The table `own`: what is said otherwise in each variant."""
    if not isinstance(given, Mapping) or not all(isinstance(texts, Mapping) for texts in given.values()):
        raise PromptError("prompt part own must hold a table for each variant")
    kinds: dict[str, str] = dict.fromkeys(_OWN, "") | dict.fromkeys(ANSWER_MODES, "answer_rule")
    own: dict[str, dict[str, str]] = {}
    for variant, texts in given.items():
        for part, text in texts.items():
            if part not in kinds:
                raise PromptError(
                    f"prompt part own.{variant}.{part} is not known: there are {', '.join(kinds)}"
                )
            own.setdefault(variant, {})[part] = _check(kinds[part] or part, text, f"own.{variant}.{part}")
    return own


def _merged_own(default: PromptTemplate, parts: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """The default's own texts of each variant without those that a file writes for all, and with the file's own."""
    rules, system = parts.get("answer_rule"), parts.get("system")
    taken = {part for part in _OWN if part in parts and part != "system"}
    taken |= set(rules) if isinstance(rules, Mapping) else set(ANSWER_MODES) if rules is not None else set()
    own = {}
    for variant, texts in default.own.items():
        rewritten = isinstance(system, str) or (isinstance(system, Mapping) and variant in system)
        own[variant] = {
            p: t for p, t in texts.items() if p not in taken and not (p == "system" and rewritten)
        }
    for variant, texts in _own_parts(parts.get("own", {})).items():
        own[variant] = own.get(variant, {}) | texts
    return own


def read_template(
    parts: Mapping[str, object], default: PromptTemplate | None = None, name: str = "built-in"
) -> PromptTemplate:
    """A template from the parts of a file; parts left out are taken from `default`. Raises PromptError.

    Without a default it is a recorded one: whatever variants it was written for, it is read.
    """
    unknown = set(parts) - set(_PLACES) - {"name", "own"}
    if unknown:
        raise PromptError(f"prompt part {min(unknown)!r} is not known: there are {', '.join(_PLACES)}")
    for part, known in (("system", tuple(VARIANTS)), ("answer_rule", ANSWER_MODES)) if default else ():
        table = parts.get(part)
        for given in table if isinstance(table, Mapping) else ():
            if given not in known:
                raise PromptError(f"prompt part {part}.{given} is not known: there are {', '.join(known)}")
    empty: Mapping[str, str] = {}
    system = _table("system", parts.get("system"), tuple(VARIANTS), default.system if default else empty)
    rules = _table(
        "answer_rule", parts.get("answer_rule"), ANSWER_MODES, default.answer_rule if default else empty
    )
    single: dict[str, str] = {}
    for part in ("user", "state_card", "verify"):
        text = parts.get(part, getattr(default, part) if default else None)
        single[part] = _check(part, text, part)
    missing = [mode for mode in ANSWER_MODES if mode not in rules]
    if missing:
        raise PromptError(f"the prompt has no text for {', '.join(missing)}")
    own = _merged_own(default, parts) if default else _own_parts(parts.get("own", {}))
    return PromptTemplate(system=system, answer_rule=rules, own=own, name=name, **single)


def shown_keys(task: Task, sample: int, turn: int) -> str:
    """A turn's keys as the user message lists them: words, or their values where the variant gives those."""
    if task.variant.shows_values:
        return ", ".join(map(written, task.values(sample, turn)))
    return ", ".join(task.keys(sample, turn))
