"""The schema of the session format: it takes what is written, and refuses what the codec refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lhe_tui.engine.events import EVENT_NAMES, Event
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.errors import CodecError
from lhe_tui.record.session_format import session_schema
from tests.hostile_session import hostile_events
from tests.record.test_codec import EVENTS

VALIDATOR = Draft202012Validator(session_schema())
FORMAT_PAGE = Path(__file__).parents[2] / "lhe_tui" / "docs" / "session-format.md"


def document(event: Event) -> dict[str, Any]:
    found = json.loads(encode(event))
    assert isinstance(found, dict)
    return found


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(session_schema())


def test_it_knows_every_event_that_the_codec_writes_and_reads() -> None:
    assert set(EVENT_NAMES) <= set(session_schema()["$defs"])


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_that_can_be_written_is_valid(event: Event) -> None:
    VALIDATOR.validate(document(event))


def test_a_hostile_session_is_valid() -> None:
    for event in hostile_events():
        VALIDATOR.validate(document(event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_field_that_is_written_is_named_in_the_schema(event: Event) -> None:
    found = document(event)
    assert set(found) <= set(session_schema()["$defs"][found["event"]]["properties"])


def removed(event: Event) -> list[dict[str, Any]]:
    """The event's document with each field in turn left out, and with each of a wrong type."""
    found = document(event)
    without = [
        {name: value for name, value in found.items() if name != left} for left in found if left != "event"
    ]
    return [*without, *({**found, name: {"a": []}} for name in found if name not in ("event", "extra"))]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_schema_and_codec_agree_on_what_may_be_missing_and_of_which_type(event: Event) -> None:
    for changed in removed(event):
        try:
            decode(json.dumps(changed).encode())
            taken = True
        except CodecError:
            taken = False
        assert VALIDATOR.is_valid(changed) == taken, changed


@pytest.mark.parametrize(
    "line",
    [
        {"sample": 1},
        {"event": "turn", "sample": 0, "turn": 1, "at": 0.0, "reply": ""},
        {"event": "turn", "sample": 1, "turn": 1, "at": -1.0, "reply": ""},
        {"event": "turn", "sample": 1, "turn": 1, "at": 0.0, "reply": "", "finish": "bored"},
        {"event": "finished", "reason": "bored", "at": 0.0},
        {"event": "controls", "turn": 1, "change": [["inject"]], "at": 0.0},
    ],
)
def test_lines_that_are_no_events_are_refused_by_both(line: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(line)
    with pytest.raises(CodecError):
        decode(json.dumps(line).encode())


def test_unknown_fields_and_events_are_let_pass_as_the_format_says() -> None:
    VALIDATOR.validate({"event": "turn", "sample": 1, "turn": 1, "at": 0.0, "reply": "", "new": 1})
    VALIDATOR.validate({"event": "something new"})


def test_the_page_names_every_event_and_field_of_the_schema() -> None:
    page = FORMAT_PAGE.read_text(encoding="utf-8")
    for name, part in session_schema()["$defs"].items():
        assert f"`{name}`" in page or name not in EVENT_NAMES or name == "header"
        for field in part["properties"]:
            assert f"`{field}`" in page or f'"{field}"' in page, f"{name}.{field}"
