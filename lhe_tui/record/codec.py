"""Events to lines of a session file and back (docs/session-format.md). A line is a JSON object that names its event.

Lines are read by the pydantic models of `session_format`, which are imported with the first line that is read; writing
needs none of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lhe_tui.engine.events import EVENT_NAMES, FORMAT, Event, RunStarted
from lhe_tui.record.errors import CodecError, NewerFormat, UnknownEvent
from lhe_tui.record.json_text import dump_line, load
from lhe_tui.record.validation import sentence, shown
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import Task

if TYPE_CHECKING:
    from pydantic import ValidationError


def encode(event: Event) -> bytes:
    """The event as one line with its newline; fields that stand at their default are left out.

    Raises ValueError for live events, which are never recorded.
    """
    if type(event) is RunStarted:
        document = header_document(event)
        return dump_line(document | {"digest": digest_of(document)})
    layout = _LAYOUTS.get(type(event))
    if layout is None:
        raise ValueError(f"{type(event).__name__} is a live event: it is never recorded")
    name, required, optional, defaults, values_of = layout
    values = values_of(event)
    doc = {"event": name, **dict(zip(required, values, strict=False))}
    for field, value, default in zip(optional, values[len(required) :], defaults, strict=True):
        # Identity first: most fields stand at their default, and most defaults are single objects.
        if value is not default and value != default:
            doc[field] = value
    return dump_line(doc)


class _Layout(NamedTuple):
    """How a kind of event is written: its name, its fields without a default, and those with one."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    defaults: tuple[Any, ...]
    values_of: Callable[[Any], tuple[Any, ...]]


def _layout(name: str, kind: type) -> _Layout:
    required = tuple(field.name for field in fields(kind) if field.default is MISSING)
    optional = tuple(field.name for field in fields(kind) if field.default is not MISSING)
    defaults = tuple(field.default for field in fields(kind) if field.default is not MISSING)
    return _Layout(name, required, optional, defaults, attrgetter(*required, *optional))


_LAYOUTS: Final = {kind: _layout(name, kind) for name, kind in EVENT_NAMES.items() if kind is not RunStarted}


def decode(line: bytes) -> Event:
    """The event that a line holds. Raises CodecError, which names the field in one sentence."""
    try:
        event: Event = _validator().validate_json(line)
    except ValueError as error:
        return _decode_exactly(line, error)
    return event


def _decode_exactly(line: bytes, error: ValueError) -> Event:
    """The event of a line that pydantic's own parser refuses: lone surrogates and deep nesting are no damage."""
    from pydantic import ValidationError

    try:
        if isinstance(error, ValidationError) and error.errors()[0]["type"] != "json_invalid":
            raise error
        event: Event = _validator().validate_python(load(line))
    except ValidationError as wrong:
        raise _told(wrong) from None
    return event


def _told(error: ValidationError) -> CodecError:
    details = error.errors(include_url=False)
    for detail in details:
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, NewerFormat):
            return cause
    kind, found = details[0]["type"], details[0]["input"]
    if kind == "union_tag_invalid":
        return UnknownEvent(f"event {shown(found['event'])} is not known: there are {', '.join(EVENT_NAMES)}")
    if kind == "union_tag_not_found":
        return CodecError("no event: the line names none")
    if len(details[0]["loc"]) < 2 and kind != "value_error":
        return CodecError(f"no event: a line should hold a JSON table, not {shown(found)}")
    return CodecError(sentence(error))


@cache
def _validator() -> Any:
    """The validator of `session_format`, without the adapter around it: this is the hottest call of an opening."""
    from lhe_tui.record.session_format import EVENT_LINE

    return EVENT_LINE.validator


# ---- documents


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
        doc["parent"] = asdict(header.parent)
    if header.sample_ids:
        doc["sample_ids"] = header.sample_ids
    if header.reference is not None:
        doc["reference"] = asdict(header.reference)
    doc["prompt"] = header.template.as_json()
    doc["task"] = task_document(header.task)
    return doc


def digest_of(header: Mapping[str, Any]) -> str:
    """A digest of all that a header's document says, in whatever order but the dictionary's own."""
    task = header.get("task")
    dictionary = list(task["dictionary"]) if isinstance(task, dict) and "dictionary" in task else []
    told = {name: value for name, value in header.items() if name != "digest"}
    text = json.dumps([told, dictionary], sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def controls_document(controls: Controls) -> dict[str, Any]:
    """Controls as a file holds them."""
    doc = asdict(controls)
    if not controls.injection.mix:
        del doc["injection"]["mix"]
    return doc | {"pruning": str(controls.pruning)}


def task_document(task: Task) -> dict[str, Any]:
    """The task as a file holds it: its settings, the dictionary in its order, and the keys of every sample."""
    return {**asdict(task.spec), "dictionary": dict(task.dictionary), "plans": task.plans}
