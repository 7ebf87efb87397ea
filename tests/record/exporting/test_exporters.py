"""A session as csv, json and dataset."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lhe_tui.cli.commands import command_parser
from lhe_tui.docs import page_path
from lhe_tui.engine.events import TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.datasets import dataset_document
from lhe_tui.record.exporting.export_csv import COLUMNS, csv_text, text_cell
from lhe_tui.record.exporting.exporters import FORMATS, NO_TEXT, export_data
from lhe_tui.record.report import report
from tests.each import each
from tests.hostile_session import folded, hostile_events
from tests.hostile_texts import HOSTILE_TEXTS, forbidden
from tests.sessions import header, turns, whole_run


@pytest.fixture(scope="module")
def state() -> RunState:
    return folded(whole_run(header(samples=3, turns=12, k=2), 0.3))


def rows(text: str) -> list[dict[str, str]]:
    # A reply of a megabyte is a cell like any other.
    csv.field_size_limit(20_000_000)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_one_row_per_sample_and_turn_in_order(state: RunState) -> None:
    found = rows(csv_text([("", state)]))
    assert [(row["sample"], row["turn"]) for row in found] == [
        (str(sample), str(turn)) for sample in range(1, 4) for turn in range(1, 13)
    ]


def test_csv_gives_back_the_figures_of_the_report(state: RunState) -> None:
    found, document = rows(csv_text([("", state)])), report(state)
    for turn in range(1, 13):
        at_turn = [row for row in found if row["turn"] == str(turn)]
        for column, curve in (
            ("turn_correct", "turn"),
            ("absolute_correct", "absolute"),
            ("task_correct", "task"),
        ):
            share = sum(int(row[column]) for row in at_turn) / len(at_turn)
            assert share == document[f"{curve}_accuracy"][turn - 1]


def test_csv_keys_and_values_are_lists_that_add_up(state: RunState) -> None:
    for row in rows(csv_text([("", state)])):
        assert len(json.loads(row["keys"])) == 2
        assert int(row["expected"]) == int(row["basis"]) + sum(json.loads(row["values"]))


def test_csv_numbers_stay_numbers_also_below_zero(state: RunState) -> None:
    truths = [int(row["truth"]) for row in rows(csv_text([("", state)]))]
    assert truths == [record.truth for sample in state.samples for record in sample.turns]
    assert min(truths) < 0


def test_a_turn_that_failed_or_was_given_counts_nowhere_in_csv() -> None:
    head = header(samples=2, turns=3)
    state = RunState(head)
    state.apply(TurnFinished(1, 1, 1.0, "", finish="failed", error="down"))
    state.apply(TurnFinished(2, 1, 1.0, "<answer>5</answer>", edited=True))
    failed, given = rows(csv_text([("", state)]))
    assert (failed["outcome"], failed["turn_correct"], failed["error"]) == ("failed", "", "down")
    assert (given["edited"], given["turn_correct"], given["task_correct"]) == ("1", "", "")


@each("text", HOSTILE_TEXTS)
def test_no_text_cell_is_a_formula_or_acts(text: str) -> None:
    cell = text_cell(text)
    assert forbidden(cell, newlines=True) == []
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", " =", "\n@", "'"])
def test_what_could_be_a_formula_carries_an_apostrophe_and_comes_back_without(start: str) -> None:
    cell = text_cell(f"{start}1+1")
    assert cell == f"'{start}1+1"


def test_a_hostile_session_is_one_sound_table() -> None:
    state = folded(hostile_events())
    text = csv_text([("", state)])
    assert forbidden(text.replace("\r\n", "\n"), newlines=True) == []
    found = rows(text)
    assert len(found) == sum(len(sample.turns) for sample in state.samples)
    for row in found:
        assert list(row) == list(COLUMNS)
        for name in ("session", "model", "reply", "reasoning", "error"):
            assert not row[name].lstrip().startswith(("=", "+", "-", "@"))


def test_json_is_the_report_under_the_rules_asked_for(state: RunState) -> None:
    assert json.loads(export_data(state, "json")) == json.loads(json.dumps(report(state)))
    assert json.loads(export_data(state, "json", rules="reference"))["rules"] == "reference"


def test_a_dataset_is_the_sessions_own_task(state: RunState) -> None:
    assert json.loads(export_data(state, "dataset")) == dataset_document(state.task)


def test_the_command_line_offers_every_format() -> None:
    (option,) = [action for action in command_parser("export")._actions if action.dest == "to"]
    assert tuple(option.choices or ()) == tuple(FORMATS)


def test_the_page_on_exports_tells_every_column_as_it_is() -> None:
    page = page_path("exports").read_text(encoding="utf-8")
    table = [line for line in page.splitlines() if line.startswith("| `")]
    assert table == [f"| `{name}` | {c.type} | {c.meaning} |" for name, c in COLUMNS.items()]


TEXTS = [name for name in FORMATS if name not in NO_TEXT]


@pytest.mark.parametrize("to", TEXTS)
def test_every_format_takes_a_run_without_a_turn_and_one_cut_short(to: str) -> None:
    head = header(samples=2, turns=4)
    assert export_data(RunState(head), to)
    state = RunState(head)
    for event in turns(head)[:3]:
        state.apply(event)
    assert export_data(state, to)


def test_a_number_of_thousands_of_digits_is_exported() -> None:
    state = RunState(header(samples=1, turns=2))
    state.apply(TurnFinished(1, 1, 1.0, f"<answer>{'9' * 3999}</answer>"))
    assert rows(csv_text([("", state)]))[0]["answer"] == "9" * 3999
    for to in TEXTS:
        assert export_data(state, to)
