"""Tasks as files: made, and run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine

SMALL = ("--turns", "6", "--samples", "3", "--dict-size", "20")


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_a_dataset_that_is_made_runs_as_the_task_that_made_it(lhe: CommandLine) -> None:
    made = lhe("dataset", "make", *SMALL, "-k", "2", "--seed", "5", "--out", "task.json")
    assert made.returncode == 0, made.stderr
    document = json.loads((lhe.folder / "task.json").read_text())
    assert document["experiment_type"] == "dict_sum"
    assert len(document["ground_truth_data"]) == 3
    assert {len(row["input"]) for row in document["ground_truth_data"]} == {12}
    reports = [
        lhe.json("run", *SMALL, "-k", "2", "--seed", "5", "--json", "--out", "a.jsonl"),
        lhe.json("run", "--dataset", "task.json", "-k", "2", "--seed", "5", "--json", "--out", "b.jsonl"),
    ]
    assert reports[0]["turn_accuracy"] == reports[1]["turn_accuracy"]
    assert reports[1]["turns"] == 6


def test_dataset_make_writes_over_nothing_unless_told_to(lhe: CommandLine) -> None:
    (lhe.folder / "task.json").write_text("precious")
    assert lhe("dataset", "make", *SMALL, "--out", "task.json").returncode == 2
    assert (lhe.folder / "task.json").read_text() == "precious"
    assert lhe("dataset", "make", *SMALL, "--out", "task.json", "--force").returncode == 0
    assert lhe("dataset", "make", *SMALL, "--out", "no/folder/task.json").returncode == 2
    assert sorted(path.name for path in lhe.folder.iterdir()) == ["task.json"]


def test_rows_of_the_public_dataset_run_too(lhe: CommandLine) -> None:
    assert lhe("dataset", "make", *SMALL, "--out", "task.json").returncode == 0
    rows = json.loads((lhe.folder / "task.json").read_text())["ground_truth_data"]
    (lhe.folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    document = lhe.json("run", "--dataset", "rows.jsonl", "--samples", "2", "--turns", "4", "--json")
    assert (document["samples"], document["turns"]) == (2, 4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dataset", "absent"), "the dataset absent cannot be read"),
        (("--dataset", "letter"), "the dataset letter: expected the published generator's JSON"),
        (("--dataset", "letter", "--dict-size", "5"), "--dict-size cannot go with --dataset"),
        (("--dataset", "letter", "--task", "sort"), "no task named 'sort'"),
        (("--dataset", "letter", "-k", "0"), "the turn complexity K must be at least 1, not 0"),
    ],
)
def test_a_dataset_that_cannot_be_run_is_named(lhe: CommandLine, words: tuple[str, ...], said: str) -> None:
    (lhe.folder / "letter").write_text("Dear reader,\n")
    done = lhe("run", *words)
    assert done.returncode == 2
    assert said in done.stderr
