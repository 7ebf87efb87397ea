"""An answer that a person edited, or an experiment gave, is shown and marked, and judged nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lhe_tui.engine.breakpoints import Breakpoints, BreakpointWatch
from lhe_tui.engine.cases import diagnosis_of, slip_counts, wrong_cases
from lhe_tui.engine.events import TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.inspection import inspect_turn
from lhe_tui.tui.run.heat_levels import EDITED, HeatLevels
from lhe_tui.tui.run.transcript_rows import TranscriptRows
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place, find_turn
from lhe_tui.tui.turn.verdict_words import verdict_lines
from tests.sessions import header


@pytest.fixture
def state() -> RunState:
    """One sample: turn 1 right, turn 2 edited to a wrong number, turn 3 right from there."""
    state = RunState(header(samples=1, turns=4))
    first, second, third = (sum(state.task.values(1, turn)) for turn in (1, 2, 3))
    state.apply(TurnFinished(1, 1, 1.0, f"<answer>{first}</answer>"))
    state.apply(TurnFinished(1, 2, 2.0, f"<answer>{first + second - 90}</answer>", edited=True))
    state.apply(TurnFinished(1, 3, 3.0, f"<answer>{first + second - 90 + third}</answer>"))
    return state


def test_it_is_diagnosed_nowhere(state: RunState) -> None:
    assert state.samples[0].turns[1].verdict == "edited"
    assert diagnosis_of(state, 1, 2) == ()
    assert list(wrong_cases(state, 1)) == []
    assert not slip_counts(state)
    document = inspect_turn(state, 1, 2)
    assert (document["outcome"], document["diagnosis"]) == ("edited", [])
    assert TurnDetail(state, 1, 2).diagnosis == ()


def test_no_screen_calls_it_wrong(state: RunState) -> None:
    words = "".join(text for line in verdict_lines(TurnDetail(state, 1, 2)) for text, _ in line)
    assert "✎ edited" in words
    assert "scored nowhere" in words
    assert "wrong" not in words
    assert find_turn(state, Place(1, 1), "wrong", forward=True) is None
    levels = HeatLevels(state)
    levels.sync()
    assert levels.rows[0][1] == EDITED
    rows = TranscriptRows(state, 1)
    rows.sync()
    assert rows.errors == []


def test_no_breakpoint_takes_it_for_a_mistake(state: RunState) -> None:
    watch = BreakpointWatch(replace(Breakpoints(), first_wrong=True, wrong_in_a_row=1))
    assert all(watch(state, record, 1) is None for record in state.samples[0].turns)
