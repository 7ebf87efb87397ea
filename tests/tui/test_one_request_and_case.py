"""Every road to a turn's request and to its case leads over the same builder, on every session at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from lhe_tui.engine.cases import case_of, wrong_cases
from lhe_tui.engine.events import TurnFinished, TurnStarted
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.record.importing.harness_import import import_run
from lhe_tui.record.inspection import inspect_turn
from lhe_tui.record.read import read_session
from lhe_tui.task.diagnosis.diagnose import diagnose
from lhe_tui.task.messages import Message
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_reason import diagnosis_of

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "sessions").glob("*.jsonl"))
CONFORMANCE = sorted((ROOT.parent / "shared" / "conformance" / "reference_runs").glob("*"))
every_session = pytest.mark.parametrize("path", [*SHIPPED, *CONFORMANCE], ids=lambda path: path.stem)


@cache
def events_of(path: Path) -> tuple[RunState, dict[tuple[int, int], list[Message]]]:
    """The state at a session's end, and the request that the runner would send as each turn comes."""
    recording = import_run(path).recording if path.is_dir() else read_session(path)
    state = RunState(recording.state.header, recording.state.rules)
    sent = {}
    for event in recording.events[1:]:
        if isinstance(event, TurnFinished):
            state.apply(TurnStarted(event.sample, event.turn, event.at))
            history = state.samples[event.sample - 1].history
            sent[event.sample, event.turn] = build_request(state, event.sample, event.turn, history=history)
        state.apply(event)
    return state, sent


@every_session
def test_the_inspector_the_export_and_the_diff_show_the_request_that_was_sent(path: Path) -> None:
    state, sent = events_of(path)
    for (sample, turn), messages in sent.items():
        detail, document = TurnDetail(state, sample, turn), inspect_turn(state, sample, turn)
        assert detail.messages == messages
        assert build_request(state, sample, turn) == messages
        assert [(part["role"], part["content"]) for part in document["request"]] == [
            (message.role, message.content) for message in messages
        ]
        assert detail.pruned == document["pruned_turns"]
        shown = {message.turn: message for message in messages if message.role == "assistant"}
        assert all(detail.provenance[past - 1] == message.provenance for past, message in shown.items())
        full = {message.turn: message for message in detail.full_messages if message.role == "assistant"}
        for past, message in full.items():
            assert message.content == state.samples[sample - 1].turns[past - 1].content


@every_session
def test_every_screen_and_file_diagnoses_the_same_case(path: Path) -> None:
    state, _ = events_of(path)
    for sample in range(1, len(state.samples) + 1):
        for record, case in wrong_cases(state, sample):
            suspects = diagnose(case)
            assert case_of(state, sample, record.turn) == case
            assert TurnDetail(state, sample, record.turn).diagnosis == suspects
            assert diagnosis_of(state, sample, record.turn) == suspects
            told = inspect_turn(state, sample, record.turn)["diagnosis"]
            assert [entry["slip"] for entry in told] == [suspect.slip for suspect in suspects]
