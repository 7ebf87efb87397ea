"""Files that a person names: every form in which an editor leaves a text is read, and what is no file is said."""

from __future__ import annotations

import io
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.cli.parsing import file_path
from lhe_tui.errors import LheError
from lhe_tui.launch.settings import load_config
from lhe_tui.launch.task_files import load_template, load_words
from lhe_tui.record.datasets import dataset_document, load_dataset
from lhe_tui.record.importing.harness_import import import_run
from lhe_tui.record.read import read_session
from lhe_tui.record.scan import scan_session
from lhe_tui.record.text_file import STDIN, FileError, read_bytes, read_text
from tests.record.importing.test_importers import PLAIN
from tests.sessions import header, whole_run, write

SAVED_BY: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "with a byte-order mark": lambda text: text.encode("utf-8-sig"),
    "Windows": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "UTF-16": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "big-endian UTF-16": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "blank lines at the end": lambda text: text.encode() + b"\n\r\n \n",
}
TASK = header().task
ROADS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "words": ("amber\nbirch\n", load_words),
    "prompt": ("verify = 'again: é'\n", lambda path: load_template(path).verify),
    "settings": ("model = 'sim/small'\n", load_config),
    "dataset": (json.dumps(dataset_document(TASK), indent=1), lambda path: load_dataset(path).plans),
    "rows": (
        "\n".join(json.dumps(row) for row in dataset_document(TASK)["ground_truth_data"]),
        lambda path: load_dataset(path).plans,
    ),
    "harness": (json.dumps(PLAIN, indent=1), lambda path: import_run(path).recording.state.tallies),
}


@pytest.mark.parametrize("saved", SAVED_BY)
@pytest.mark.parametrize("road", ROADS)
def test_a_text_is_read_in_whatever_form_an_editor_left_it(tmp_path: Path, road: str, saved: str) -> None:
    text, read = ROADS[road]
    path = tmp_path / "file"
    path.write_text(text)
    plain = read(path)
    path.write_bytes(SAVED_BY[saved](text))
    assert read(path) == plain


@pytest.mark.parametrize("road", [*ROADS, "session", "scan"])
def test_what_is_no_regular_file_is_a_sentence_and_never_waited_for(tmp_path: Path, road: str) -> None:
    read = {"session": read_session, "scan": scan_session}.get(road) or ROADS[road][1]
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), tmp_path / ("x" * 300), tmp_path / "a\0b"):
        if road == "harness" and path == tmp_path:
            continue
        with pytest.raises(LheError) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_a_file_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    with pytest.raises(FileError, match="larger than 1 MB"):
        read_bytes(tmp_path / "file", 1 << 20)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def given(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    given("\ufeffé".encode())
    assert read_text(STDIN) == "é"
    events = whole_run(header())
    given(write(tmp_path / "run.jsonl", events).read_bytes())
    assert read_session(STDIN).events == events
    given(json.dumps(PLAIN).encode())
    assert import_run(STDIN).verification.agrees


def test_a_name_that_no_file_can_have_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    parser.add_argument("--out", type=file_path)
    with pytest.raises(SystemExit):
        parser.parse_args(["--out", "x" * 300])
    assert "too long for a file" in capsys.readouterr().err


def test_numbers_that_nobody_reads_may_be_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps({**dataset_document(TASK), "temperature": float("nan")}))
    assert load_dataset(path).plans == TASK.plans
    path.write_text(json.dumps({**PLAIN, "loss": [float("inf"), float("-inf"), float("nan")]}))
    assert import_run(path).verification.agrees
    broken = json.loads(json.dumps(PLAIN))
    broken["step_logs"][0]["instances"][0]["accuracies"]["step_correct"] = float("nan")
    path.write_text(json.dumps(broken))
    with pytest.raises(LheError, match=r"step_logs\[1\].instances\[1\].accuracies.step_correct .*NaN"):
        import_run(path)
