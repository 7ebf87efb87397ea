"""Runs whose answers are no numbers: scored, injected, healed, pruned, diagnosed and exported like any other."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from lhe_tui.charts.run_curves import running_sum_chart
from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.events import TurnFinished
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.exporting.export_csv import csv_text
from lhe_tui.record.inspection import inspect_turn
from lhe_tui.record.report import report
from lhe_tui.task.answers import Value, with_number
from lhe_tui.task.controls import Controls, apply_change, parse_change
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.run.turn_columns import plan_columns, turn_pieces
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.verdict_words import verdict_lines
from lhe_tui.tui.turn.working_table import working_section
from tests.scripted_model import new_state
from tests.tui.recordings import recorded

SPEC = TaskSpec("matrix", turns=12, samples=2, dict_size=10)
Answer = Callable[[RunState, int], Value]


def truth_at(state: RunState, turn: int) -> Value:
    return state.samples[0].history.truth(turn)


def answered(*, wrong_at: int, answer: Answer, k: int = 1, change: str = "") -> RunState:
    """One sample that answers as the turn before asks for, but for one turn."""
    controls = apply_change(Controls(), parse_change(change), 1) if change else Controls()
    spec = TaskSpec("matrix", turns=6, samples=1, turn_complexity=k, dict_size=10)
    state = new_state(spec, controls)
    for turn in range(1, 7):
        history = state.samples[0].history
        right = history.expected(turn, history.view(state.controls_at(turn)).basis)
        said = answer(state, turn) if turn == wrong_at else right
        state.apply(TurnFinished(1, turn, float(turn), with_number("", said)))
    return state


async def test_a_simulated_run_is_scored_by_the_truth_of_its_matrices() -> None:
    state = (await recorded(SPEC, Controls("sim/frontier"))).state
    records = [record for sample in state.samples for record in sample.turns]
    assert len(records) == 24
    assert sum(record.outcome == "correct" for record in records) > 12
    assert [r.absolute for r in records] == [r.number == r.truth for r in records]
    doc = report(state)
    assert doc["task"]["variant"] == "matrix"
    assert doc["outcomes"]["correct"] == sum(record.outcome == "correct" for record in records)


async def test_errors_in_view_lower_a_simulated_models_accuracy() -> None:
    spec = TaskSpec("matrix", turns=40, samples=12, dict_size=20)
    shares = []
    for change in ("heal", "inject=1,inject-base=truth,inject-since=1"):
        controls = apply_change(Controls("sim/medium"), parse_change(change), 1)
        state = (await recorded(spec, controls)).state
        shares.append(sum(tally.correct for tally in state.tallies) / (40 * 12))
    assert shares[1] < shares[0] - 0.1


def test_after_an_error_the_shown_product_is_the_basis() -> None:
    state = answered(wrong_at=3, answer=lambda state, turn: ((9, 9), (9, 9)))
    outcomes = [record.outcome for record in state.samples[0].turns]
    assert outcomes == ["correct", "correct", "wrong", "correct", "correct", "correct"]
    assert [record.absolute for record in state.samples[0].turns][2:] == [False] * 4
    assert state.samples[0].turns[3].basis == ((9, 9), (9, 9))


@pytest.mark.parametrize("change", ["heal", "inject=1,inject-since=1", "prune=state-card", "prune=refresh:3"])
def test_each_switch_changes_what_is_shown_of_matrices(change: str) -> None:
    state = answered(wrong_at=2, answer=lambda state, turn: ((9, 9), (9, 9)), change=change)
    messages = build_request(state, 1, 6)
    shown = [message for message in messages if message.role == "assistant"]
    before = truth_at(state, 5)
    if change == "heal":
        assert [m.content for m in shown] == [with_number("", truth_at(state, m.turn)) for m in shown]
        assert shown[1].provenance == "healed"
    elif change.startswith("inject"):
        assert {m.provenance for m in shown} == {"injected"}
        assert state.samples[0].turns[5].view.wrong_states == 5
    else:
        start = state.samples[0].turns[5].basis if "card" in change else state.samples[0].turns[2].number
        card = next(m for m in messages if m.provenance == "state_card")
        assert card.content.startswith(f"Running product so far: {with_number('', start or before)[8:-9]}\n")


@pytest.mark.parametrize(
    ("slip", "answer", "k"),
    [
        ("unchanged", lambda state, turn: truth_at(state, turn - 1), 1),
        ("values_only", lambda state, turn: state.task.gains(1)[turn - 1], 1),
        ("started_over", lambda state, turn: state.task.variant.start, 1),
        ("stale_sum", lambda state, turn: truth_at(state, turn - 3), 1),
        (
            "skipped_key",
            lambda state, turn: state.task.variant.step(
                truth_at(state, turn - 1), state.task.values(1, turn)[1]
            ),
            2,
        ),
    ],
)
def test_a_wrong_matrix_is_explained_by_the_step_that_gives_it(slip: str, answer: Answer, k: int) -> None:
    state = answered(wrong_at=5, answer=answer, k=k)
    suspects = diagnosis_of(state, 1, 5)
    assert suspects[0].slip == slip
    assert sum(suspect.weight for suspect in suspects) == pytest.approx(1)


def test_a_matrix_that_no_step_gives_is_not_explained() -> None:
    state = answered(wrong_at=5, answer=lambda state, turn: ((99, 0), (0, 99)))
    assert [suspect.slip for suspect in diagnosis_of(state, 1, 5)] == ["unexplained"]


async def test_a_session_of_matrices_is_read_back_and_exported() -> None:
    run = await recorded(SPEC, Controls("sim/small"))
    header = decode(encode(run.state.header))
    assert header == run.state.header
    rows = list(csv.DictReader(io.StringIO(csv_text([("", run.state)]))))
    record = run.state.samples[0].turns[0]
    assert rows[0]["truth"] == with_number("", record.truth)[8:-9]
    inspected = inspect_turn(run.state, 1, 1)
    assert inspected["truth"] == record.truth == inspected["partials"][-1]
    assert running_sum_chart(run.state, 1).empty.startswith("answers of matrix are no numbers")


def test_screens_show_matrices_as_such() -> None:
    state = answered(wrong_at=5, answer=lambda state, turn: ((9, 9), (9, 9)))
    detail, record = TurnDetail(state, 1, 5), state.samples[0].turns[4]
    columns = plan_columns(state.task, 100)
    row = "".join(
        text for text, _ in turn_pieces(record, state.task, 1, columns, (None, "own"), False, False)
    )
    assert "[[9, 9], [9, 9]] ≠ " in row
    words = "".join(text for line in verdict_lines(detail) for text, _ in line)
    assert "of 4 entries: answered [[9, 9], [9, 9]], expected [[" in words
    assert "[[9, 9], [9, 9]]" in "".join(text for line in working_section(detail, 100) for text, _ in line)
