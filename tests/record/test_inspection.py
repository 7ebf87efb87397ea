"""A turn taken apart: every part of `inspect --json`."""

from __future__ import annotations

import json

import pytest

from lhe_tui.engine.events import ControlsChanged, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.inspection import inspect_turn
from lhe_tui.record.json_text import to_json
from tests.sessions import header, turns

HEAD = header(samples=2, turns=8, k=2)


def inspected(change: tuple[tuple[str, object], ...], turn: int = 8) -> dict[str, object]:
    state = RunState(HEAD)
    state.apply(ControlsChanged(5, change))  # type: ignore[arg-type]  # tests write scalars of every kind
    for event in turns(HEAD, 0.0):
        state.apply(event)
    return inspect_turn(state, 1, turn)


def test_keys_values_sums_and_answer_belong_together() -> None:
    doc = inspected((("prune", "off"),))
    assert doc["expected"] == doc["basis"] + sum(doc["values"])  # type: ignore[operator, arg-type]  # JSON values
    assert doc["answer"] == doc["truth"] == doc["expected"]
    assert doc["outcome"] == "correct"
    assert doc["diagnosis"] == []


@pytest.mark.parametrize(
    ("change", "pruned", "messages"),
    [
        ((("prune", "off"),), [], 16),
        ((("prune", "window:2"),), [1, 2, 3, 4, 5], 6),
        ((("prune", "state-card"),), [1, 2, 3, 4, 5, 6, 7], 2),
    ],
)
def test_the_request_and_what_was_left_out_of_it_are_shown(
    change: tuple[tuple[str, object], ...], pruned: list[int], messages: int
) -> None:
    doc = inspected(change)
    assert doc["pruned_turns"] == pruned
    assert len(doc["request"]) == messages  # type: ignore[arg-type]  # JSON values


def test_provenance_names_what_was_injected() -> None:
    doc = inspected((("inject", 1), ("inject-since", 1)))
    shown = [message["provenance"] for message in doc["request"]]  # type: ignore[attr-defined]  # JSON values
    assert shown == ["system", *["user", "injected"] * 7, "user"]


def test_a_wrong_turn_has_a_diagnosis_with_weights_that_sum_to_one() -> None:
    state = RunState(HEAD)
    state.apply(TurnFinished(1, 1, 1.0, "<think>hm</think><answer>123456</answer>", reasoning="well"))
    doc = inspect_turn(state, 1, 1)
    assert doc["outcome"] == "wrong"
    assert sum(suspect["weight"] for suspect in doc["diagnosis"]) == pytest.approx(1)
    assert doc["reasoning"] == "well\nhm"
    assert doc["reply"] == "<think>hm</think><answer>123456</answer>"
    assert doc["stored"] == "<answer>123456</answer>"


def test_a_turn_with_a_number_of_thousands_of_digits_is_json() -> None:
    state = RunState(HEAD)
    state.apply(TurnFinished(1, 1, 1.0, f"<answer>{'9' * 3000}</answer>"))
    assert json.loads(to_json(inspect_turn(state, 1, 1)))["answer"] == int("9" * 3000)


def test_a_turn_that_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match="no finished turn 1"):
        inspect_turn(RunState(HEAD), 1, 1)
