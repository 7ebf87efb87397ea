"""Events to lines of a session file and back (docs/session-format.md). A line is a JSON object that names its event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, cast, get_args

import orjson

from lhe_tui.engine.events import (
    Attempt,
    ControlsChanged,
    Event,
    NoticeRaised,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    TurnFinished,
)
from lhe_tui.models.base import FailureKind, FinishReason
from lhe_tui.record import fields
from lhe_tui.record.fields import MAX_COUNT, MAX_SECONDS, CodecError, JsonObject, NewerFormat, UnknownEvent
from lhe_tui.record.header_codec import header_document, read_header
from lhe_tui.record.json_text import dump_line, load
from lhe_tui.task.controls import Change

__all__ = ["CodecError", "NewerFormat", "UnknownEvent", "decode", "encode"]

Finish = FinishReason | Literal["failed"]
_FINISHES: Final = frozenset({*get_args(FinishReason), "failed"})
_FAILURES: Final = get_args(FailureKind)
_MAX_CHANGES: Final = 1000


def encode(event: Event) -> bytes:
    """The event as one line with its newline; fields that stand at their default are left out.

    Raises ValueError for live events, which are never recorded.
    """
    if type(event) is TurnFinished:
        return dump_line(_turn_document(event))
    document = _DOCUMENTS.get(type(event))
    if document is None:
        raise ValueError(f"{type(event).__name__} is a live event: it is never recorded")
    return dump_line(document(event))


def decode(line: bytes) -> Event:
    """The event that a line holds. Raises CodecError, which names the field in one sentence."""
    try:
        return _read(orjson.loads(line))
    except ValueError:
        # orjson reads integers beyond 64 bits as floats and refuses lone surrogates: look again, exactly.
        return _read(load(line))


def _read(doc: Any) -> Event:
    if type(doc) is not dict:
        raise CodecError(f"no event: a line should hold a JSON table, not {fields.shown(doc)}")
    name = doc.get("event")
    if name == "turn":
        return _read_turn(doc)
    reader = _READERS.get(name) if type(name) is str else None
    if reader is None:
        if "event" not in doc:
            raise CodecError("no event: the line names none")
        raise UnknownEvent(f"event {fields.shown(name)} is not known: there are turn, {', '.join(_READERS)}")
    return reader(doc)


# ---- turns


def _turn_document(event: TurnFinished) -> dict[str, Any]:
    doc: dict[str, Any] = {
        "event": "turn",
        "sample": event.sample,
        "turn": event.turn,
        "at": event.at,
        "reply": event.reply,
    }
    if event.reasoning:
        doc["reasoning"] = event.reasoning
    if event.finish != "stop":
        doc["finish"] = event.finish
    if event.error:
        doc["error"] = event.error
    if event.prompt_tokens is not None:
        doc["prompt_tokens"] = event.prompt_tokens
    if event.completion_tokens is not None:
        doc["completion_tokens"] = event.completion_tokens
    if event.reasoning_tokens is not None:
        doc["reasoning_tokens"] = event.reasoning_tokens
    if event.cost is not None:
        doc["cost"] = event.cost
    if event.first_token is not None:
        doc["first_token"] = event.first_token
    if event.latency:
        doc["latency"] = event.latency
    if event.attempts:
        doc["attempts"] = [
            {"kind": attempt.kind, "message": attempt.message, "wait": attempt.wait}
            for attempt in event.attempts
        ]
    if event.ballots:
        doc["ballots"] = event.ballots
    if event.draft:
        doc["draft"] = event.draft
    if event.slip is not None:
        doc["slip"] = event.slip
    if event.edited:
        doc["edited"] = True
    return doc


def _read_turn(doc: dict[str, Any]) -> TurnFinished:
    """The plain turn, which nearly all lines hold, in one go; any other field by field."""
    get = doc.get
    sample, turn, at, reply = get("sample"), get("turn"), get("at"), get("reply")
    reasoning, latency = get("reasoning", ""), get("latency", 0.0)
    first, prompt, completion = get("first_token"), get("prompt_tokens"), get("completion_tokens")
    if (
        type(sample) is int
        and type(turn) is int
        and 0 < sample <= MAX_COUNT
        and 0 < turn <= MAX_COUNT
        and type(at) is float
        and 0.0 <= at <= MAX_SECONDS
        and type(reply) is str
        and type(reasoning) is str
        and type(latency) is float
        and 0.0 <= latency <= MAX_SECONDS
        and (first is None or (type(first) is float and 0.0 <= first <= MAX_SECONDS))
        and (prompt is None or (type(prompt) is int and 0 <= prompt <= MAX_COUNT))
        and (completion is None or (type(completion) is int and 0 <= completion <= MAX_COUNT))
        and _RARE.isdisjoint(doc)
    ):
        slip = get("slip")
        if slip is None or type(slip) is str:
            counts = (prompt, completion, None, None, first, latency)
            return TurnFinished(sample, turn, at, reply, reasoning, "stop", "", *counts, slip=slip)
    return _read_any_turn(doc)


_RARE: Final = frozenset(
    {"finish", "error", "reasoning_tokens", "cost", "attempts", "ballots", "draft", "edited"}
)


def _read_any_turn(doc: JsonObject) -> TurnFinished:
    where = "turn"
    ballots = fields.items(doc, "ballots", where, [])
    if not all(type(ballot) is str for ballot in ballots):
        raise CodecError("turn: ballots should hold texts only")
    return TurnFinished(
        sample=fields.whole(doc, "sample", where, 1, MAX_COUNT),
        turn=fields.whole(doc, "turn", where, 1, MAX_COUNT),
        at=fields.number(doc, "at", where),
        reply=fields.text(doc, "reply", where),
        reasoning=fields.text(doc, "reasoning", where, ""),
        finish=cast(Finish, fields.choice(doc, "finish", where, _FINISHES, "stop")),
        error=fields.text(doc, "error", where, ""),
        prompt_tokens=fields.optional_whole(doc, "prompt_tokens", where, 0, MAX_COUNT),
        completion_tokens=fields.optional_whole(doc, "completion_tokens", where, 0, MAX_COUNT),
        reasoning_tokens=fields.optional_whole(doc, "reasoning_tokens", where, 0, MAX_COUNT),
        cost=fields.optional_number(doc, "cost", where),
        first_token=fields.optional_number(doc, "first_token", where),
        latency=fields.number(doc, "latency", where, 0.0),
        attempts=tuple(_read_attempt(attempt) for attempt in fields.items(doc, "attempts", where, [])),
        ballots=tuple(ballots),
        draft=fields.text(doc, "draft", where, ""),
        slip=fields.optional_text(doc, "slip", where),
        edited=fields.flag(doc, "edited", where, False),
    )


def _read_attempt(attempt: Any) -> Attempt:
    where = "turn.attempts"
    if type(attempt) is not dict:
        raise CodecError(f"{where} should hold tables, not {fields.shown(attempt)}")
    return Attempt(
        cast(FailureKind, fields.choice(attempt, "kind", where, _FAILURES)),
        fields.text(attempt, "message", where),
        fields.number(attempt, "wait", where),
    )


# ---- the other events


def _change_document(event: ControlsChanged) -> dict[str, Any]:
    change = [list(pair) for pair in event.change]
    return {"event": "controls", "turn": event.turn, "change": change, "source": event.source, "at": event.at}


def _read_change(doc: JsonObject) -> ControlsChanged:
    where = "controls"
    source = fields.choice(doc, "source", where, ("user", "script", "fork"), "user")
    return ControlsChanged(
        turn=fields.whole(doc, "turn", where, 1, MAX_COUNT),
        change=read_change_pairs(fields.items(doc, "change", where)),
        source=cast(Literal["user", "script", "fork"], source),
        at=fields.number(doc, "at", where, 0.0),
    )


def read_change_pairs(pairs: list[Any]) -> Change:
    """A change as (name, value) pairs. Raises CodecError."""
    if len(pairs) > _MAX_CHANGES:
        raise CodecError(f"controls: change should hold at most {_MAX_CHANGES} pairs, not {len(pairs)}")
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            raise CodecError(f"controls: change should hold [name, value] pairs, not {fields.shown(pair)}")
        value = pair[1]
        if isinstance(value, dict | list) or (isinstance(value, str) and len(value) > 1000):
            raise CodecError(f"controls: {fields.shown(pair[0])} cannot be {fields.shown(value)}")
        if isinstance(value, int | float) and not abs(value) <= MAX_COUNT:
            raise CodecError(f"controls: {fields.shown(pair[0])} cannot be {fields.shown(value)}")
    return tuple((name, value) for name, value in pairs)


def _pause_document(event: RunPaused) -> dict[str, Any]:
    return {"event": "paused", "reason": event.reason, "fault": event.fault, "at": event.at}


def _read_pause(doc: JsonObject) -> RunPaused:
    return RunPaused(
        fields.text(doc, "reason", "paused", ""),
        fields.number(doc, "at", "paused"),
        fields.flag(doc, "fault", "paused", False),
    )


def _resume_document(event: RunResumed) -> dict[str, Any]:
    return {"event": "resumed", "process": event.process, "at": event.at}


def _read_resume(doc: JsonObject) -> RunResumed:
    return RunResumed(fields.number(doc, "at", "resumed"), fields.flag(doc, "process", "resumed", False))


def _notice_document(event: NoticeRaised) -> dict[str, Any]:
    doc: dict[str, Any] = {"event": "notice", "text": event.text, "at": event.at}
    if event.sample is not None:
        doc["sample"] = event.sample
    if event.turn is not None:
        doc["turn"] = event.turn
    return doc


def _read_notice(doc: JsonObject) -> NoticeRaised:
    return NoticeRaised(
        fields.text(doc, "text", "notice"),
        fields.number(doc, "at", "notice"),
        fields.optional_whole(doc, "sample", "notice", 1, MAX_COUNT),
        fields.optional_whole(doc, "turn", "notice", 1, MAX_COUNT),
    )


def _finish_document(event: RunFinished) -> dict[str, Any]:
    return {"event": "finished", "reason": event.reason, "at": event.at}


def _read_finish(doc: JsonObject) -> RunFinished:
    reason = fields.choice(doc, "reason", "finished", ("completed", "stopped"))
    return RunFinished(
        "completed" if reason == "completed" else "stopped", fields.number(doc, "at", "finished")
    )


_DOCUMENTS: dict[type, Callable[[Any], dict[str, Any]]] = {
    RunStarted: header_document,
    ControlsChanged: _change_document,
    RunPaused: _pause_document,
    RunResumed: _resume_document,
    NoticeRaised: _notice_document,
    RunFinished: _finish_document,
}
_READERS: dict[str, Callable[[JsonObject], Event]] = {
    "header": read_header,
    "controls": _read_change,
    "paused": _read_pause,
    "resumed": _read_resume,
    "notice": _read_notice,
    "finished": _read_finish,
}
