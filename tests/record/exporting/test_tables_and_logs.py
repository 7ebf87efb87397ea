"""Parquet and inspect_ai's logs hold what the session holds; each is tested where its package is installed."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.docs import page_path
from lhe_tui.engine.events import RunFinished, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.grid_file import grid_from_table
from lhe_tui.record.exporting.export_csv import COLUMNS, turn_rows
from lhe_tui.record.exporting.exporters import export_data
from lhe_tui.record.importing.harness_import import import_run
from lhe_tui.record.report import report
from lhe_tui.task.spec import TaskSpec, generate
from tests.grid_runs import new_grid, run_grid
from tests.hostile_session import folded, hostile_events
from tests.sessions import header, whole_run, write


@pytest.fixture(scope="module")
def state() -> RunState:
    return folded(whole_run(header(samples=3, turns=12, k=2), 0.3))


def parquet_rows(data: object) -> list[dict[str, Any]]:
    assert isinstance(data, bytes)
    table = pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(data))
    assert table.column_names == list(COLUMNS)
    return list(table.to_pylist())


def plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def test_parquet_holds_the_rows_of_the_csv_with_types(state: RunState) -> None:
    pytest.importorskip("pyarrow")
    found = parquet_rows(export_data(state, "parquet"))
    assert [plain(row) for row in found] == [
        dict(zip(COLUMNS, row, strict=True)) for row in turn_rows([("", state)])
    ]
    assert found[0]["turn_correct"] in (True, False)


def test_parquet_takes_hostile_texts_and_numbers_beyond_64_bits() -> None:
    pytest.importorskip("pyarrow")
    state = folded(hostile_events())
    assert len(parquet_rows(export_data(state, "parquet"))) == sum(len(s.turns) for s in state.samples)
    big = RunState(header(samples=1, turns=2))
    big.apply(TurnFinished(1, 1, 1.0, f"<answer>{10**30}</answer>"))
    (row,) = parquet_rows(export_data(big, "parquet"))
    assert (row["answer"], row["outcome"], row["reply"]) == (None, "wrong", f"<answer>{10**30}</answer>")
    assert parquet_rows(export_data(RunState(header()), "parquet")) == []


def test_parquet_of_matrices_keeps_everything_but_the_matrices() -> None:
    pytest.importorskip("pyarrow")
    spec = TaskSpec(variant="matrix", turns=2, samples=1, dict_size=10)
    state = RunState(replace(header(), task=generate(spec, tuple(header().task.dictionary))))
    state.apply(TurnFinished(1, 1, 1.0, "<answer>5</answer>"))
    (row,) = parquet_rows(export_data(state, "parquet"))
    assert (row["values"], row["expected"], row["turn_correct"]) == (None, None, False)
    assert len(row["keys"]) == 1


def test_the_documented_query_runs_over_the_turns_of_an_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    table = {
        "name": "mine",
        "models": ["sim/large", "sim/small"],
        "task": {"turns": 52, "samples": 2, "dict-size": 10},
        "cells": [{"name": "own"}],
    }
    grid = run_grid(new_grid(grid_from_table(table, "mine.toml"), tmp_path / "mine"))
    assert run_command_line(["export", "mine", "--to", "parquet", "--out", "turns.parquet"]) == 0
    (query,) = re.findall(r"```sql\n(.*?)```", page_path("exports").read_text(encoding="utf-8"), re.DOTALL)
    found = {cell: (share, n) for cell, share, n in duckdb.sql(query).fetchall()}
    assert found == {
        run.cell.name: (sum(t.correct for t in run.state.tallies[50:]) / 4, 4) for run in grid.runs
    }


@pytest.mark.parametrize(("to", "package"), [("parquet", "pyarrow"), ("inspect", "inspect_ai")])
def test_a_package_that_is_missing_is_named_and_no_file_is_left(
    to: str,
    package: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = write(tmp_path / "s.jsonl", whole_run(header()))
    assert run_command_line(["export", str(path), "--to", to, "--out", str(tmp_path / "x")]) == 2
    assert f"pip install 'lhe-tui[{to}]'" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert run_command_line(["export", str(path), "--to", to, "--out", "-"]) == 2
    assert f"--to {to} is no text and does not go to stdout" in capsys.readouterr().err


# ---- logs of inspect_ai

needs_inspect = pytest.mark.skipif(
    importlib.util.find_spec("inspect_ai") is None, reason="inspect_ai is not installed"
)


def written(state: RunState, path: Path) -> Any:
    from inspect_ai.log import read_eval_log

    data = export_data(state, "inspect")
    assert isinstance(data, bytes)
    path.write_bytes(data)
    return read_eval_log(str(path))


@needs_inspect
def test_a_log_opens_in_inspects_own_reader_with_the_sessions_figures(
    state: RunState, tmp_path: Path
) -> None:
    log = written(state, tmp_path / "s.eval")
    assert (log.status, len(log.samples)) == ("success", 3)
    means = {score.name: score.metrics["mean"].value for score in log.results.scores}
    document = report(state)
    for curve in ("turn_accuracy", "absolute_accuracy"):
        assert means[curve] == pytest.approx(sum(document[curve]) / 12)
    first = log.samples[0]
    assert [m.role for m in first.messages[:3]] == ["system", "user", "assistant"]
    assert first.messages[2].text == state.samples[0].turns[0].event.reply


@needs_inspect
def test_a_log_comes_back_as_the_same_conversation_with_its_scores_agreeing(
    state: RunState, tmp_path: Path
) -> None:
    written(state, tmp_path / "s.eval")
    back = import_run(tmp_path / "s.eval")
    assert back.lines()[0] == "the scores of all 3 samples agree"
    for one, other in zip(state.samples, back.recording.state.samples, strict=True):
        for a, b in zip(one.turns, other.turns, strict=True):
            assert (a.event.reply, a.outcome, a.basis) == (b.event.reply, b.outcome, b.basis)
            assert (a.event.prompt_tokens, a.event.latency) == (b.event.prompt_tokens, b.event.latency)


@needs_inspect
def test_a_log_of_a_run_that_was_cut_short_and_of_hostile_replies_opens(tmp_path: Path) -> None:
    cut = RunState(header(samples=2, turns=3))
    cut.apply(TurnFinished(1, 1, 1.0, "<think>x</think><answer>5</answer>", reasoning="hm", finish="length"))
    cut.apply(TurnFinished(2, 1, 1.0, "", finish="failed", error="down"))
    cut.apply(RunFinished("stopped", 2.0))
    log = written(cut, tmp_path / "cut.eval")
    assert (log.status, log.samples[1].error.message) == ("cancelled", "down")
    assert log.samples[0].messages[2].text == "<think>x</think><answer>5</answer>"
    assert len(written(folded(hostile_events()), tmp_path / "hostile.eval").samples) > 0


def test_a_task_that_is_not_lightevals_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = header()
    spec = TaskSpec(variant="retrieve", turns=5, samples=2, dict_size=10)
    path = write(tmp_path / "s.jsonl", [replace(head, task=generate(spec, tuple(head.task.dictionary)))])
    assert run_command_line(["export", str(path), "--to", "inspect", "--out", str(tmp_path / "x")]) == 2
    assert "holds dict-sum, and this session ran retrieve" in capsys.readouterr().err
