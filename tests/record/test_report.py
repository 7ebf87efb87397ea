"""The report: its arrays, figures and nulls."""

from __future__ import annotations

import json

import pytest

from lhe_tui.cli.summary import summary_lines
from lhe_tui.engine.events import ControlsChanged, Event, RunStarted, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.inspection import inspect_turn
from lhe_tui.record.report import report, to_json
from lhe_tui.task.controls import Controls, apply_change
from tests.sessions import header, turns


def folded(events: list[Event], head: RunStarted | None = None) -> RunState:
    state = RunState(head or header(samples=4, turns=10, k=2))
    for event in events:
        state.apply(event)
    return state


HEAD = header(samples=4, turns=10, k=2)
STATE = folded(turns(HEAD, 0.3))


def test_every_array_has_one_entry_per_turn_also_where_nothing_ran() -> None:
    doc = report(folded(turns(HEAD, 0.3)[:9]))
    for name in ("turn_accuracy", "absolute_accuracy", "task_accuracy", "format_failure"):
        assert len(doc[name]) == 10
        assert doc[name][3:] == [None] * 7
    for curve in ("turn_accuracy", "absolute_accuracy", "task_accuracy"):
        assert len(doc["intervals"][curve]) == 10
        assert doc["intervals"][curve][9] is None
        low, high = doc["intervals"][curve][0]
        assert 0 <= low <= doc[curve][0] <= high <= 1


def test_curves_are_the_shares_of_samples() -> None:
    doc = report(STATE)
    for index in range(10):
        records = [sample.turns[index] for sample in STATE.samples]
        assert doc["turn_accuracy"][index] == sum(record.outcome == "correct" for record in records) / 4
        assert doc["absolute_accuracy"][index] == sum(record.absolute for record in records) / 4
        assert doc["task_accuracy"][index] == sum(record.task for record in records) / 4


def test_a_horizon_gives_turn_and_steps_and_nulls_where_never_below() -> None:
    doc = report(STATE)
    task = doc["task_accuracy"]
    first = next(turn for turn, accuracy in enumerate(task, 1) if accuracy < 0.5)
    assert doc["horizon"]["0.5"]["turn"] == first
    assert doc["horizon"]["0.5"]["steps"] == 2 * first
    perfect = report(folded(turns(HEAD, 0.0)))
    assert perfect["horizon"]["0.8"]["turn"] is None
    assert perfect["horizon"]["0.8"]["steps"] is None


def test_replies_without_a_number_are_read_leniently_beside_the_score() -> None:
    head = header(samples=4, turns=1)
    replies = ["<answer>{}.</answer>", "it is {}", "no idea", "<answer>{}</answer>"]
    events: list[Event] = []
    for sample, reply in enumerate(replies, 1):
        truth = head.task.truths(sample)[0] + (sample == 2)
        events.append(TurnFinished(sample, 1, 1.0, reply.format(truth)))
    state = folded(events, head)
    doc = report(state)
    assert doc["lenient"] == {
        "replies": 3,
        "held": 2,
        "right": 1,
        "rules": {"decimal point": 1, "last number": 1},
    }
    assert (doc["outcomes"]["correct"], doc["turn_accuracy"][0]) == (1, 0.25)
    lines = [words for _, words in summary_lines(state, doc)]
    assert "of 3 replies without a number 2 plainly hold one, 1 the right one" in lines
    assert inspect_turn(state, 2, 1)["lenient"] == {
        "number": head.task.truths(2)[0] + 1,
        "rule": "last number",
    }
    assert inspect_turn(state, 4, 1)["lenient"] is None


def test_outcomes_tokens_and_format_failures_are_counted() -> None:
    events: list[Event] = [
        TurnFinished(1, 1, 1.0, "no tag", prompt_tokens=5, completion_tokens=2),
        TurnFinished(2, 1, 1.0, "<answer>x</answer>", reasoning_tokens=7),
        TurnFinished(3, 1, 1.0, "", finish="length"),
        TurnFinished(4, 1, 1.0, "", finish="failed", error="down"),
    ]
    doc = report(folded(events))
    assert doc["outcomes"] == {
        "correct": 0, "wrong": 0, "no_answer": 1, "not_a_number": 1, "truncated": 1, "refused": 0, "failed": 1,
    }  # fmt: skip
    assert doc["format_failure"][0] == 1.0
    assert doc["tokens"] == {"prompt": 5, "completion": 2, "reasoning": 7}


def test_the_three_rates_of_injection_are_reported() -> None:
    head = header(samples=4, turns=10, k=2, controls=Controls())
    state = RunState(head)
    state.apply(ControlsChanged(1, (("inject", 0.5), ("inject-base", "truth"))))
    for event in turns(head, 0.0):
        state.apply(event)
    injected = report(state)["injected"]
    assert injected["asked"] == 0.5
    assert 0 < injected["states"] < 1
    assert 0 < injected["transitions"] < 1


def test_the_rate_asked_for_is_over_the_turns_that_it_could_touch() -> None:
    head = header(samples=4, turns=20)
    state = RunState(head)
    state.apply(ControlsChanged(10, (("inject", 0.5),)))
    for event in turns(head, 0.0):
        state.apply(event)
    assert report(state)["injected"]["asked"] == 0.5


def test_each_sample_of_a_mix_is_asked_its_own_rate() -> None:
    head = header(samples=5, turns=40, controls=apply_change(Controls(), (("inject", "mix"),), 1))
    state = folded(turns(head, 0.0), head)
    shares = [s.turns[-1].view.wrong_states / s.turns[-1].view.shown_turns for s in state.samples]
    assert shares == pytest.approx([0, 1, 0.5, 0.25, 0.75], abs=0.2)
    assert report(state)["injected"]["asked"] == 0.5


def test_a_run_without_turns_has_a_report_of_nulls() -> None:
    doc = report(folded([]))
    assert doc["injected"] == {"asked": None, "states": None, "transitions": None}
    assert doc["self_conditioning"] is None
    assert set(doc["task_accuracy"]) == {None}


def test_the_report_is_valid_json_also_with_integers_beyond_64_bits() -> None:
    doc = report(STATE) | {"big": 10**3000}
    assert json.loads(to_json(doc))["big"] == 10**3000
    again = json.loads(to_json(report(STATE)))
    assert again["format"] == "lhe-report/1"
    assert again["intervals"]["turn_accuracy"][0] == list(report(STATE)["intervals"]["turn_accuracy"][0])


def test_lone_surrogates_do_not_stop_a_document() -> None:
    assert json.loads(to_json({"reply": "\ud83d"})) == {"reply": "\ud83d"}
