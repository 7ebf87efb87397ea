"""Turns that were given and not asked: part of the history, and of no figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lhe_tui.engine.branching import fold
from lhe_tui.engine.events import Event, TurnFinished
from lhe_tui.record.report import report
from lhe_tui.record.scan import scan_session
from lhe_tui.tui.sessions.session_rows import horizon_words
from tests.sessions import header, turns, write


def given_until(turn: int) -> list[Event]:
    head = header(samples=4, turns=6)
    events = turns(head, error_rate=0.0)
    return [
        head,
        *(replace(e, edited=e.turn < turn) if isinstance(e, TurnFinished) else e for e in events),
    ]


def test_given_turns_are_finished_and_counted_nowhere() -> None:
    state = fold(given_until(5))
    document = report(state)
    assert document["turn_accuracy"] == [None] * 4 + [1.0, 1.0]
    assert document["outcomes"]["correct"] == 8
    assert (state.finished_turns, state.answered_turns, state.given_turns) == (24, 8, 16)
    assert state.complete_turns == 6
    assert document["given_turns"] == 16
    assert document["horizon"]["0.5"] == {"turn": None, "steps": None, "low": None, "high": None}


def test_given_turns_stand_in_the_history_of_the_turns_that_follow() -> None:
    state = fold(given_until(5))
    assert state.samples[0].turns[4].view.shown_turns == 4
    assert state.samples[0].turns[4].basis == state.samples[0].turns[3].truth


def test_a_list_of_sessions_counts_them_as_the_fold_does(tmp_path: Path) -> None:
    summary = scan_session(write(tmp_path / "s.jsonl", given_until(5)))
    assert summary.turns_done == 24
    assert summary.curve == (1.0, 1.0)
    assert (summary.horizon, summary.horizon_told) == (None, False)
    assert horizon_words(summary) == "–"
