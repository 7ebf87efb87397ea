"""What a folder of 10,000 sessions costs: its first rows, all of them, and the same in the next process."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from lhe_tui.record.codec import encode
from lhe_tui.record.session_index import SessionIndex
from tests.benchmarks.conftest import Measured
from tests.sessions import header, whole_run

pytestmark = pytest.mark.benchmark
MANY, ROWS = 10_000, 40


def test_a_folder_of_ten_thousand_sessions(tmp_path: Path, measured: Measured) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    head = header(samples=2, turns=5)
    rest = b"".join(map(encode, whole_run(head)[1:]))
    for number in range(MANY):
        line = encode(replace(head, session=f"{number:012}"))
        (folder / f"{number}.jsonl").write_bytes(line + rest)
    for what in ("never listed", "listed before"):
        shelf = SessionIndex([folder], store=tmp_path / "index")
        start = time.perf_counter()
        entries = shelf.entries()
        shown = list(islice(entries, ROWS))
        first = (time.perf_counter() - start) * 1e3
        measured(f"first {ROWS} rows of {MANY:,} sessions, {what}", first, "ms", at_most=500)
        shown += entries
        measured(f"all {MANY:,} sessions, {what}", (time.perf_counter() - start) * 1e3, "ms")
        assert len(shown) == MANY
        assert shelf.read_files == (MANY if what == "never listed" else 0)
