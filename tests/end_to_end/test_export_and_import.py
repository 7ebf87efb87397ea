"""Runs handed on, and other people's runs taken in, by the real command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from tests.end_to_end.command_line import CommandLine
from tests.hostile_session import hostile_events
from tests.sessions import header, whole_run, write

REFERENCE_RUNS = Path(__file__).parents[3] / "shared" / "conformance" / "reference_runs"
FORMATS = ("csv", "json", "svg", "html", "dataset")
CURVES = {
    "turn_accuracy": "step_accuracy",
    "absolute_accuracy": "index_accuracy",
    "task_accuracy": "prefix_accuracy",
}


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    write(tmp_path / "run.jsonl", whole_run(header(samples=3, turns=8)))
    return CommandLine(tmp_path)


@pytest.mark.parametrize("to", FORMATS)
def test_a_session_is_exported_in_every_format(lhe: CommandLine, to: str) -> None:
    done = lhe("export", "run.jsonl", "--to", to, "--out", f"out.{to}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    text = (lhe.folder / f"out.{to}").read_text(encoding="utf-8")
    if to == "svg":
        ElementTree.fromstring(text)
    elif to in ("json", "dataset"):
        json.loads(text)
    else:
        assert text.startswith({"csv": "session,sample,turn,", "html": "<!doctype html>"}[to])
    assert sorted(path.name for path in lhe.folder.iterdir()) == sorted(["run.jsonl", f"out.{to}"])


def test_the_exported_json_is_what_report_prints(lhe: CommandLine) -> None:
    assert lhe("export", "run.jsonl", "--to", "json", "--out", "r.json").returncode == 0
    assert json.loads((lhe.folder / "r.json").read_text()) == lhe.json("report", "run.jsonl", "--json")


def test_an_export_is_never_written_over_the_session_that_it_reads(lhe: CommandLine) -> None:
    before = (lhe.folder / "run.jsonl").read_bytes()
    (lhe.folder / "soft").symlink_to("run.jsonl")
    os.link(lhe.folder / "run.jsonl", lhe.folder / "hard")
    for out in ("run.jsonl", "./run.jsonl", "soft", "hard"):
        done = lhe("export", "run.jsonl", "--to", "csv", "--out", out, "--force")
        assert done.returncode == 2
        assert "is the file that is read" in done.stderr
    done = lhe("export", "soft", "--to", "csv", "--out", "run.jsonl", "--force")
    assert done.returncode == 2
    assert (lhe.folder / "run.jsonl").read_bytes() == before


def test_an_export_to_a_dash_is_printed(lhe: CommandLine) -> None:
    done = lhe("export", "run.jsonl", "--to", "csv", "--out", "-")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("session,sample,turn,")
    assert not (lhe.folder / "-").exists()


def test_a_session_that_lost_turns_says_so_wherever_it_is_read(lhe: CommandLine) -> None:
    path = lhe.folder / "run.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"sample":3,' not in line))
    said = "says that it completed, but 8 turns are missing"
    for command in (["report"], ["inspect"], ["export", "--to", "json", "--out", "out.json"]):
        assert said in lhe(command[0], "run.jsonl", *command[1:]).stderr
    assert "says completed, but 8 turns are missing" in lhe("report", "run.jsonl").stdout
    for command in (["report"], ["inspect"]):
        assert lhe.json(*command, "run.jsonl", "--json")["missing_turns"] == 8


def test_an_exported_task_runs(lhe: CommandLine) -> None:
    assert lhe("export", "run.jsonl", "--to", "dataset", "--out", "task.json").returncode == 0
    document = lhe.json("run", "--dataset", "task.json", "--json", "--out", "again.jsonl")
    assert (document["turns"], document["samples"]) == (8, 3)


def test_export_writes_over_nothing_unless_told_to(lhe: CommandLine) -> None:
    place = lhe.folder / "precious"
    place.write_text("precious")
    done = lhe("export", "run.jsonl", "--to", "csv", "--out", "precious")
    assert done.returncode == 2
    assert "precious exists" in done.stderr
    assert place.read_text() == "precious"
    assert lhe("export", "run.jsonl", "--to", "csv", "--out", "precious", "--force").returncode == 0
    assert place.read_text().startswith("session,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("absent", "--to", "csv", "--out", "o"), "absent"),
        (("letter", "--to", "csv", "--out", "o"), "expected a session of lhe-tui"),
        (("run.jsonl", "--to", "pdf", "--out", "o"), "--to"),
        (("run.jsonl", "--to", "csv"), "missing: --out"),
        (("run.jsonl", "--to", "csv", "--out", "."), "is a folder"),
        (("run.jsonl", "--to", "csv", "--out", "no/such/o"), "there is no folder"),
        (("run.jsonl", "--to", "csv", "--out", "pipe", "--force"), "is no file"),
    ],
)
def test_an_export_that_cannot_be_is_one_sentence(
    lhe: CommandLine, words: tuple[str, ...], said: str
) -> None:
    (lhe.folder / "letter").write_text("Dear reader,\n")
    os.mkfifo(lhe.folder / "pipe")
    before = sorted(path.name for path in lhe.folder.iterdir())
    done = lhe("export", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in lhe.folder.iterdir()) == before


@pytest.mark.parametrize("to", FORMATS)
def test_a_hostile_session_is_exported(lhe: CommandLine, to: str) -> None:
    write(lhe.folder / "hostile.jsonl", hostile_events())
    done = lhe("export", "hostile.jsonl", "--to", to, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_damaged_session_says_so_on_stderr_and_on_the_page(lhe: CommandLine) -> None:
    lines = (lhe.folder / "run.jsonl").read_bytes().splitlines(keepends=True)
    (lhe.folder / "run.jsonl").write_bytes(b"".join([*lines[:5], b"not json\n", *lines[5:]]))
    done = lhe("export", "run.jsonl", "--to", "html", "--out", "page.html")
    assert done.returncode == 0
    assert "line 6" in done.stderr
    assert "line 6" in (lhe.folder / "page.html").read_text()


def test_the_schema_takes_a_real_session(lhe: CommandLine) -> None:
    validator = Draft202012Validator(lhe.json("schema"))
    done = lhe("run", "--turns", "4", "--samples", "2", "--at", "2:inject=0.5", "--out", "real.jsonl")
    assert done.returncode == 0, done.stderr
    for line in (lhe.folder / "real.jsonl").read_text().splitlines():
        validator.validate(json.loads(line))


# ---- import


def reference_runs() -> list[Path]:
    return sorted(REFERENCE_RUNS.iterdir()) if REFERENCE_RUNS.is_dir() else []


needs_runs = pytest.mark.skipif(not reference_runs(), reason="the conformance data is not here")


@needs_runs
@pytest.mark.parametrize("run", reference_runs(), ids=lambda run: run.name)
def test_an_imported_run_shows_the_numbers_that_its_file_holds(lhe: CommandLine, run: Path) -> None:
    done = lhe("import", run, "--out", "imported.jsonl")
    assert done.returncode == 0, done.stderr
    assert "turns agree" in done.stdout
    report = lhe.json("report", "imported.jsonl", "--rules", "reference", "--json")
    for curve, name in CURVES.items():
        assert report[curve] == told_by(run, name)


def told_by(run: Path, name: str) -> list[float]:
    """A curve as a file of the harness holds it: the live one where there is any, else the one saved at the end."""
    live: dict[str, Any] = json.loads((run / "eval_step_results.json").read_text())
    if live["step_logs"]:
        return [step["aggregated_metrics"][name] for step in live["step_logs"]]
    saved = json.loads((run / "experiment_results.json").read_text())["evaluation_summary"]
    return list(json.loads(saved[f"avg_{name}_per_position"]))


@needs_runs
@pytest.mark.parametrize("run", reference_runs(), ids=lambda run: run.name)
def test_an_imported_run_is_handed_on(lhe: CommandLine, run: Path) -> None:
    assert lhe("import", run, "--out", "imported.jsonl").returncode == 0
    for to in ("html", "csv"):
        assert lhe("export", "imported.jsonl", "--to", to, "--out", to).returncode == 0
    assert lhe("inspect", "imported.jsonl", "--turn", "1", "--json").returncode == 0


@needs_runs
def test_import_says_how_the_numbers_agree_as_json(lhe: CommandLine) -> None:
    document = lhe.json("import", REFERENCE_RUNS / "plain", "--out", "imported.jsonl", "--json")
    assert document["import"]["agrees"] is True
    assert document["import"]["differences"] == []
    assert document["session"] == "imported.jsonl"
    assert document["rules"] == "reference"


@needs_runs
def test_numbers_that_do_not_agree_are_named_by_their_turn(lhe: CommandLine) -> None:
    told = json.loads((REFERENCE_RUNS / "plain" / "eval_step_results.json").read_text())
    told["step_logs"][6]["aggregated_metrics"]["step_accuracy"] = 0.123
    (lhe.folder / "eval_step_results.json").write_text(json.dumps(told))
    done = lhe("import", "eval_step_results.json", "--out", "imported.jsonl")
    assert done.returncode == 0, done.stderr
    assert "1 of 40 turns differ: turn 7" in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "expected the published harness's"),
        ("Dear reader,", "expected the published harness's"),
        ("{}", "expected the published harness's"),
        ("[1, 2]", "expected the published harness's"),
        ('{"step_logs": 5}', "letter"),
        ('{"step_logs": [{"instances": "x"}]}', "letter"),
        ('{"dict_sum": {}}', "give it to --dataset"),
    ],
)
def test_a_file_that_is_no_run_is_named_and_nothing_is_written(
    lhe: CommandLine, content: str, said: str
) -> None:
    (lhe.folder / "letter").write_text(content)
    done = lhe("import", "letter", "--out", "imported.jsonl")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (lhe.folder / "imported.jsonl").exists()


def test_import_writes_over_nothing_and_names_what_is_not_there(lhe: CommandLine) -> None:
    done = lhe("import", "absent", "--out", "new.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no file or folder absent" in done.stderr
    (lhe.folder / "empty").mkdir()
    done = lhe("import", "empty", "--out", "new.jsonl")
    assert done.returncode == 2
    assert "found neither" in done.stderr
    assert not (lhe.folder / "new.jsonl").exists()
