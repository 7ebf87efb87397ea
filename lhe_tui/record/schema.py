"""The session format as a JSON Schema (2020-12), from the same words that the codec reads by (docs/session-format.md).

The schema says what a reader of this version takes: fields and events that it does not know are allowed, as the format
allows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from lhe_tui.engine.events import FORMAT_VERSION
from lhe_tui.models.base import FailureKind, FinishReason
from lhe_tui.record.fields import MAX_COUNT, MAX_SECONDS
from lhe_tui.record.header_codec import FORMAT
from lhe_tui.task.controls import ANSWER_MODES, CONTROL_NAMES, InjectionBase
from lhe_tui.task.reference_rules import Evaluator
from lhe_tui.task.scoring import Rules
from lhe_tui.task.spec import VARIANTS

Schema = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_MAX_SPEC: Final = 10**12

_TEXT: Final[Schema] = {"type": "string"}
_FLAG: Final[Schema] = {"type": "boolean"}
_SEED: Final[Schema] = {"type": "integer"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_FROM_ONE: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_COUNT}
_SECONDS: Final[Schema] = {"type": "number", "minimum": 0, "maximum": MAX_SECONDS}
_VALUE: Final[Schema] = {"type": "integer", "minimum": -_MAX_SPEC, "maximum": _MAX_SPEC}


def session_schema() -> Schema:
    """The schema of one line of a session file."""
    parts = {"header": _header(), "turn": _turn(), **_other_events()}
    return {
        "$schema": DIALECT,
        "title": f"{FORMAT}/{FORMAT_VERSION}: one line of a session file",
        "description": (
            "A session file is JSON Lines: the first line is the header, each later one an event. Fields and events "
            "that are not named here are to be passed over."
        ),
        "type": "object",
        "required": ["event"],
        "properties": {"event": {"type": "string"}},
        "allOf": [
            {
                "if": {"properties": {"event": {"const": name}}},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in parts
        ],
        "$defs": parts,
    }


def event_names() -> tuple[str, ...]:
    """Every event that a line may hold, the header first."""
    return tuple(session_schema()["$defs"])


# ---- building blocks


def _object(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, words: str = ""
) -> Schema:
    schema: Schema = {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }
    return {"description": words, **schema} if words else schema


def _or_null(schema: Schema, words: str = "") -> Schema:
    return _said({"anyOf": [schema, {"type": "null"}]}, words)


def _said(schema: Schema, words: str) -> Schema:
    return {**schema, "description": words} if words else dict(schema)


def _words(*choices: str) -> Schema:
    return {"type": "string", "enum": list(choices)}


def _list(items: Schema, words: str = "") -> Schema:
    return _said({"type": "array", "items": items}, words)


def _table(names: tuple[str, ...], words: str) -> Schema:
    texts: Schema = {"type": "string", "minLength": 1}
    return {**_object(dict.fromkeys(names, texts)), "description": words}


# ---- the header


def _header() -> Schema:
    required: dict[str, Schema] = {
        "event": {"const": "header"},
        "format": _said({"const": f"{FORMAT}/{FORMAT_VERSION}"}, "refuse a higher number"),
        "session": _said({**_TEXT, "maxLength": 100}, "identifier"),
        "created": _said({**_TEXT, "maxLength": 100}, "ISO 8601, UTC"),
        "controls": _controls(),
        "injection_seed": _said(_SEED, "seeds the corruption of shown answers"),
        "draw_seed": _said(_SEED, "seeds simulated models and ties between votes"),
        "prompt": _prompt(),
        "task": _task(),
    }
    optional: dict[str, Schema] = {
        "origin": _said({**_TEXT, "maxLength": 200}, "lhe-tui, or what an imported run came from"),
        "rules": _said(_words(*get_args(Rules)), "how the run is scored unless asked otherwise"),
        "sampling_seed": _or_null(_SEED, "sent to the server"),
        "base_url": _or_null({**_TEXT, "maxLength": 2000}, "without credentials"),
        "extra": _or_null(
            {"type": "object", "additionalProperties": _TEXT}, "provenance; never needed to read"
        ),
        "parent": _or_null(_parent(), "only in a branch: where it left from"),
        "sample_ids": _list(_FROM_ONE, "only in a branch: what seeds each sample's corruption and draws"),
        "reference": _or_null(_reference(), "only in an import: what its answers were measured against"),
    }
    return _object(required, optional, "the first line: all that a run stands on")


def _parent() -> Schema:
    required = {"session": _TEXT, "path": _TEXT, "sample": _COUNT, "turn": _COUNT}
    return _object(required, {"note": _TEXT})


def _reference() -> Schema:
    return _object(
        {
            "evaluator": _words(*get_args(Evaluator)),
            "measured": _list(_list(_or_null(_SEED)), "for each sample and turn the sum measured against"),
            "filled": _list(_FLAG, "for each turn whether that sum stood in the history"),
        }
    )


def _controls() -> Schema:
    injection = _object(
        {
            "rate": {"type": "number", "minimum": 0, "maximum": 1},
            "base": _words(*get_args(InjectionBase)),
            "size": {"type": "integer", "minimum": 1, "maximum": 10**9},
        },
        {
            "since": _or_null({"type": "integer", "minimum": 1, "maximum": 10**9}, "first turn touched"),
            "mix": _said(_FLAG, "each sample has a rate of its own; `rate` is their mean"),
        },
    )
    pruning = {"type": "string", "pattern": r"^(off|state-card|drop-wrong|window:[0-9]{1,9}(\+state-card)?)$"}
    required: dict[str, Schema] = {
        "model": {"type": "string", "minLength": 1, "maxLength": 1000},
        "mode": _words(*ANSWER_MODES),
        "votes": {"type": "integer", "minimum": 1, "maximum": 1000},
        "vote_lead": {"type": "integer", "minimum": 0, "maximum": 1000},
        "verify": _FLAG,
        "injection": injection,
        "pruning": pruning,
    }
    optional: dict[str, Schema] = {
        "temperature": _or_null({"type": "number", "minimum": 0, "maximum": 5}),
        "top_p": _or_null({"type": "number", "minimum": 0, "maximum": 1}),
        "max_tokens": _or_null({"type": "integer", "minimum": 1, "maximum": 10**7}),
    }
    return _object(required, optional, "the controls of turn 1; null: not sent")


def _prompt() -> Schema:
    required: dict[str, Schema] = {
        "system": _table(VARIANTS, "one text per task variant, with $dictionary and $answer_rule"),
        "answer_rule": _table(ANSWER_MODES, "one text per answer mode"),
        "user": _said({**_TEXT, "minLength": 1}, "holds $keys once"),
        "state_card": _said({**_TEXT, "minLength": 1}, "holds $sum once"),
        "verify": {**_TEXT, "minLength": 1},
    }
    return _object(
        required, {"name": {**_TEXT, "maxLength": 1000}}, "the exact texts; a lone dollar sign is $$"
    )


def _task() -> Schema:
    positive: Schema = {"type": "integer", "minimum": 1, "maximum": _MAX_SPEC}
    required: dict[str, Schema] = {
        "variant": _words(*VARIANTS),
        "turns": positive,
        "turn_complexity": _said(positive, "keys per turn"),
        "samples": positive,
        "dict_size": positive,
        "min_value": _VALUE,
        "max_value": _VALUE,
        "seed": _SEED,
        "dictionary": {"type": "object", "minProperties": 1, "additionalProperties": _VALUE},
        "plans": _list(_list(_TEXT), "for each sample all its keys, turn after turn"),
    }
    return _object(required)


# ---- events


def _turn() -> Schema:
    attempt = _object({"kind": _words(*get_args(FailureKind)), "message": _TEXT, "wait": _SECONDS})
    required: dict[str, Schema] = {
        "event": {"const": "turn"},
        "sample": _FROM_ONE,
        "turn": _FROM_ONE,
        "at": _said(_SECONDS, "seconds since the run's first start"),
        "reply": _said(_TEXT, "as it came"),
    }
    optional: dict[str, Schema] = {
        "reasoning": _said(_TEXT, "the model's own reasoning channel"),
        "finish": _said(_words(*get_args(FinishReason), "failed"), "default stop"),
        "error": _said(_TEXT, "why it failed"),
        "prompt_tokens": _or_null(_COUNT),
        "completion_tokens": _or_null(_COUNT),
        "reasoning_tokens": _or_null(_COUNT),
        "cost": _or_null(_SECONDS, "US dollars"),
        "first_token": _or_null(_SECONDS, "seconds to the first piece of the reply"),
        "latency": _said(_SECONDS, "seconds to the end of the reply"),
        "attempts": _list(attempt, "requests that brought no answer"),
        "ballots": _list(_TEXT, "all replies where votes were taken"),
        "draft": _said(_TEXT, "the reply before self-verification"),
        "slip": _or_null(_TEXT, "what a simulated model did wrong on purpose"),
        "edited": _said(_FLAG, "the answer was given and is not the model's"),
    }
    return _object(required, optional, "a turn with its reply")


def _other_events() -> dict[str, Schema]:
    pair = {
        "type": "array",
        "prefixItems": [_words(*CONTROL_NAMES), {"type": ["string", "number", "boolean", "null"]}],
        "minItems": 2,
        "maxItems": 2,
    }
    sources = _words("user", "script", "fork")
    return {
        "controls": _object(
            {"event": {"const": "controls"}, "turn": _FROM_ONE, "change": _list(pair)},
            {"source": sources, "at": _SECONDS},
            "a change that holds from a turn on",
        ),
        "paused": _object({"event": {"const": "paused"}, "at": _SECONDS}, {"reason": _TEXT, "fault": _FLAG}),
        "resumed": _object({"event": {"const": "resumed"}, "at": _SECONDS}, {"process": _FLAG}),
        "notice": _object(
            {"event": {"const": "notice"}, "text": _TEXT, "at": _SECONDS},
            {"sample": _or_null(_FROM_ONE), "turn": _or_null(_FROM_ONE)},
        ),
        "finished": _object(
            {"event": {"const": "finished"}, "reason": _words("completed", "stopped"), "at": _SECONDS}
        ),
    }
