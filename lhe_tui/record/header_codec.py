"""The header of a session file: everything a run stands on, to and from JSON (docs/session-format.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from lhe_tui.engine.events import FORMAT_VERSION, Parent, RunStarted
from lhe_tui.record import fields
from lhe_tui.record.fields import CodecError, JsonObject, NewerFormat
from lhe_tui.task.controls import ANSWER_MODES, ControlError, Controls, InjectionBase, apply_change
from lhe_tui.task.prompts import PromptError, PromptTemplate, read_template
from lhe_tui.task.reference_rules import Evaluator, ReferenceRun
from lhe_tui.task.scoring import Rules
from lhe_tui.task.spec import MAX_STEPS, VARIANTS, Task, TaskError, TaskSpec

FORMAT = "lhe-session"
_FORMAT = re.compile(rf"{FORMAT}/([0-9]{{1,9}})")
_MAX_SPEC = 10**12


def header_document(header: RunStarted) -> dict[str, Any]:
    """The header as JSON."""
    doc: dict[str, Any] = {
        "event": "header",
        "format": f"{FORMAT}/{header.version}",
        "session": header.session,
        "created": header.created,
        "origin": header.origin,
        "rules": header.rules,
        "controls": controls_document(header.controls),
        "injection_seed": header.injection_seed,
        "draw_seed": header.draw_seed,
        "sampling_seed": header.sampling_seed,
        "base_url": header.base_url,
        "extra": header.extra,
    }
    if header.parent is not None:
        parent = header.parent
        doc["parent"] = {name: getattr(parent, name) for name in Parent.__slots__}
    if header.sample_ids:
        doc["sample_ids"] = header.sample_ids
    if header.reference is not None:
        told = header.reference
        doc["reference"] = {name: getattr(told, name) for name in ("evaluator", "measured", "filled")}
    doc["prompt"] = header.template.as_json()
    doc["task"] = task_document(header.task)
    return doc


def read_header(doc: JsonObject) -> RunStarted:
    """The header that a JSON document holds. Raises CodecError; NewerFormat where a later version wrote it."""
    version = _version(doc)
    where = "header"
    extra = fields.table(doc, "extra", where) if doc.get("extra") is not None else {}
    if not all(type(value) is str for value in extra.values()):
        raise CodecError("header: extra should hold texts only")
    rules: Rules = (
        "reference"
        if fields.choice(doc, "rules", where, get_args(Rules), "strict") == "reference"
        else "strict"
    )
    task = read_task(fields.table(doc, "task", where))
    return RunStarted(
        session=fields.text(doc, "session", where, limit=100),
        created=fields.text(doc, "created", where, limit=100),
        task=task,
        controls=read_controls(fields.table(doc, "controls", where)),
        template=read_prompt(fields.table(doc, "prompt", where)),
        injection_seed=fields.whole(doc, "injection_seed", where, -fields.MAX_SEED, fields.MAX_SEED),
        draw_seed=fields.whole(doc, "draw_seed", where, -fields.MAX_SEED, fields.MAX_SEED),
        base_url=fields.optional_text(doc, "base_url", where, limit=2000),
        sampling_seed=fields.optional_whole(doc, "sampling_seed", where, -fields.MAX_SEED, fields.MAX_SEED),
        parent=_read_parent(doc),
        origin=fields.text(doc, "origin", where, "lhe-tui", limit=200),
        rules=rules,
        version=version,
        sample_ids=_read_sample_ids(doc, task),
        reference=_read_reference(doc),
        extra=extra,
    )


def _version(doc: JsonObject) -> int:
    match = _FORMAT.fullmatch(fields.text(doc, "format", "header", limit=100))
    if match is None:
        raise fields.wrong("header", "format", f'"{FORMAT}/{FORMAT_VERSION}"', doc["format"])
    version = int(match[1])
    if version > FORMAT_VERSION:
        raise NewerFormat(
            f"written by a newer version of lhe-tui (format {FORMAT}/{version}; "
            f"this one reads up to {FORMAT}/{FORMAT_VERSION}): update lhe-tui to open it"
        )
    return version


def _read_sample_ids(doc: JsonObject, task: Task) -> tuple[int, ...]:
    numbers = fields.items(doc, "sample_ids", "header", [])
    if not all(type(number) is int and 0 < number <= fields.MAX_COUNT for number in numbers):
        raise CodecError("header: sample_ids should hold whole numbers from 1 up")
    if numbers and len(numbers) != task.spec.samples:
        raise CodecError(f"header: sample_ids should hold {task.spec.samples} numbers, not {len(numbers)}")
    return tuple(numbers)


def _read_reference(doc: JsonObject) -> ReferenceRun | None:
    if doc.get("reference") is None:
        return None
    told, where = fields.table(doc, "reference", "header"), "header.reference"
    rows, filled = fields.items(told, "measured", where), fields.items(told, "filled", where)
    for row in rows:
        if type(row) is not list or not all(number is None or _is_sum(number) for number in row):
            raise CodecError(f"{where}: measured should hold lists of whole numbers")
    if not all(type(flag) is bool for flag in filled):
        raise CodecError(f"{where}: filled should hold true and false only")
    evaluator = fields.choice(told, "evaluator", where, get_args(Evaluator))
    return ReferenceRun("saved" if evaluator == "saved" else "live", tuple(map(tuple, rows)), tuple(filled))


def _is_sum(number: object) -> bool:
    return type(number) is int and abs(number) <= _MAX_SPEC * MAX_STEPS


def _read_parent(doc: JsonObject) -> Parent | None:
    if doc.get("parent") is None:
        return None
    parent, where = fields.table(doc, "parent", "header"), "header.parent"
    return Parent(
        fields.text(parent, "session", where, limit=100),
        fields.text(parent, "path", where, limit=10_000),
        fields.whole(parent, "sample", where, 0, fields.MAX_COUNT),
        fields.whole(parent, "turn", where, 0, fields.MAX_COUNT),
        fields.text(parent, "note", where, "", limit=10_000),
    )


def read_prompt(prompt: Mapping[str, Any]) -> PromptTemplate:
    """The prompt whose exact texts a JSON document holds. Raises CodecError."""
    try:
        return read_template(
            prompt, name=fields.text(prompt, "name", "header.prompt", "built-in", limit=1000)
        )
    except PromptError as error:
        raise CodecError(f"header.prompt: {error}") from None


# ---- controls


def controls_document(controls: Controls) -> dict[str, Any]:
    """Controls as JSON."""
    injection = controls.injection
    return {
        "model": controls.model,
        "mode": controls.mode,
        "temperature": controls.temperature,
        "top_p": controls.top_p,
        "max_tokens": controls.max_tokens,
        "votes": controls.votes,
        "vote_lead": controls.vote_lead,
        "verify": controls.verify,
        "injection": {name: getattr(injection, name) for name in ("rate", "base", "size", "since")}
        | ({"mix": True} if injection.mix else {}),
        "pruning": str(controls.pruning),
    }


def read_controls(doc: JsonObject, where: str = "header.controls") -> Controls:
    """The controls that a JSON document holds, each within the bounds that a user's own would be held to."""
    injection, inside = fields.table(doc, "injection", where), f"{where}.injection"
    temperature = fields.optional_number(doc, "temperature", where)
    top_p = fields.optional_number(doc, "top_p", where)
    since = fields.optional_whole(injection, "since", inside, 1, 10**9)
    mixed = "mix" in injection and fields.flag(injection, "mix", inside)
    try:
        controls = apply_change(
            Controls(),
            (
                ("model", fields.text(doc, "model", where, limit=1000)),
                ("mode", fields.choice(doc, "mode", where, ANSWER_MODES)),
                ("temperature", temperature),
                ("top-p", top_p),
                ("max-tokens", fields.optional_whole(doc, "max_tokens", where, 1, 10**7)),
                ("votes", fields.whole(doc, "votes", where, 1, 1000)),
                ("vote-lead", fields.whole(doc, "vote_lead", where, 0, 1000)),
                ("verify", fields.flag(doc, "verify", where)),
                ("inject", "mix" if mixed else fields.number(injection, "rate", inside)),
                ("inject-base", fields.choice(injection, "base", inside, get_args(InjectionBase))),
                ("inject-size", fields.whole(injection, "size", inside, 1, 10**9)),
                ("prune", fields.text(doc, "pruning", where, limit=100)),
            ),
            1,
        )
    except ControlError as error:
        raise CodecError(f"{where}: {error}") from None
    return replace(controls, injection=replace(controls.injection, since=since))


# ---- the task


def task_document(task: Task) -> dict[str, Any]:
    """The task as JSON: its settings, the dictionary in its order, and the keys of every sample."""
    spec = task.spec
    return {
        **{name: getattr(spec, name) for name in TaskSpec.__slots__},
        "dictionary": dict(task.dictionary),
        "plans": task.plans,
    }


def read_task(doc: JsonObject, where: str = "header.task") -> Task:
    """The task that a JSON document holds. Raises CodecError."""
    spec = read_spec(doc, where)
    dictionary = fields.table(doc, "dictionary", where)
    check_dictionary(dictionary, where)
    return Task(spec, dictionary, _read_plans(fields.items(doc, "plans", where), spec, dictionary, where))


def read_spec(doc: JsonObject, where: str) -> TaskSpec:
    """A task's settings alone. Raises CodecError."""
    variant = fields.choice(doc, "variant", where, VARIANTS)
    try:
        return TaskSpec(
            variant=next(known for known in VARIANTS if known == variant),
            turns=fields.whole(doc, "turns", where, 1, _MAX_SPEC),
            turn_complexity=fields.whole(doc, "turn_complexity", where, 1, _MAX_SPEC),
            samples=fields.whole(doc, "samples", where, 1, _MAX_SPEC),
            dict_size=fields.whole(doc, "dict_size", where, 1, _MAX_SPEC),
            min_value=fields.whole(doc, "min_value", where, -_MAX_SPEC, _MAX_SPEC),
            max_value=fields.whole(doc, "max_value", where, -_MAX_SPEC, _MAX_SPEC),
            seed=fields.whole(doc, "seed", where, -fields.MAX_SEED, fields.MAX_SEED),
        )
    except TaskError as error:
        raise CodecError(f"{where}: {error}") from None


def check_dictionary(dictionary: Mapping[str, Any], where: str) -> None:
    """Refuse a dictionary whose values are no whole numbers within ±10^12. Raises CodecError."""
    if not dictionary:
        raise CodecError(f"{where}: dictionary is empty")
    for key, value in dictionary.items():
        if type(value) is not int or abs(value) > _MAX_SPEC:
            raise CodecError(
                f"{where}: the dictionary's value of {fields.shown(key)} should be a whole number within "
                f"±1,000,000,000,000, not {fields.shown(value)}"
            )


def _read_plans(
    plans: list[Any], spec: TaskSpec, dictionary: Mapping[str, int], where: str
) -> tuple[tuple[str, ...], ...]:
    if len(plans) != spec.samples:
        raise CodecError(f"{where}: plans holds {len(plans)} samples where samples says {spec.samples}")
    fewest = (spec.turns - 1) * spec.turn_complexity + 1
    for number, plan in enumerate(plans, 1):
        if type(plan) is not list or not fewest <= len(plan) <= spec.steps:
            found = f"a plan of {len(plan)}" if type(plan) is list else fields.shown(plan)
            raise CodecError(
                f"{where}: the plan of sample {number} should hold {spec.steps} keys, not {found}"
            )
        for key in plan:
            if type(key) is not str:
                raise CodecError(
                    f"{where}: the plan of sample {number} holds {fields.shown(key)}, which is no key"
                )
        unknown = set(plan) - dictionary.keys()
        if unknown:
            raise CodecError(
                f"{where}: the plan of sample {number} holds {fields.shown(min(unknown))}, "
                "which the dictionary does not"
            )
    return tuple(tuple(plan) for plan in plans)
