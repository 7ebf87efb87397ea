"""What recording costs: opening sessions, writing events, listing them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import Event, RunStarted, TurnFinished
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.read import read_session
from lhe_tui.record.report import report
from lhe_tui.record.scan import scan_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec, generate
from tests.benchmarks.conftest import Measured

pytestmark = pytest.mark.benchmark


def header(samples: int, turns: int) -> RunStarted:
    task = generate(TaskSpec(samples=samples, turns=turns), built_in_words())
    return RunStarted("a1b2c3d4e5f6", "2026-01-02", task, Controls(), built_in_template(), 0, 0)


def events(head: RunStarted) -> Iterator[Event]:
    rng, spec = random.Random(0), head.task.spec
    truths = [head.task.truths(sample) for sample in range(1, spec.samples + 1)]
    for turn in range(1, spec.turns + 1):
        for sample in range(1, spec.samples + 1):
            answer = truths[sample - 1][turn - 1] + (rng.random() < 0.05)
            yield TurnFinished(
                sample, turn, turn * 1.25, f"<answer>{answer}</answer>",
                prompt_tokens=1000, completion_tokens=9, first_token=0.25, latency=0.5,
            )  # fmt: skip


def best(work: Callable[[], Any], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


@pytest.mark.parametrize(("samples", "turns"), [(10, 1000), (100, 1000)])
def test_opening_a_session(tmp_path: Path, samples: int, turns: int, measured: Measured) -> None:
    head, path = header(samples, turns), tmp_path / "run.jsonl"
    with SessionWriter.create(path, head) as writer:
        for event in events(head):
            writer.write(event)
    lines = path.read_bytes().splitlines()
    bare = best(lambda: [json.loads(line) for line in lines])
    opened = best(lambda: read_session(path))
    state = read_session(path).state
    n = samples * turns
    what = f"{samples} × {turns:,} turns"
    measured(f"open {what} ÷ json.loads of its lines", opened / bare, at_most=2)
    measured(f"open {what}, one turn", opened / n * 1e6, "µs")
    measured(f"list {what} ÷ json.loads of its lines", best(lambda: scan_session(path)) / bare)
    measured(f"report on {what} ÷ json.loads of its lines", best(lambda: report(state), 1) / bare)
    assert state.finished_turns == n


def test_writing_an_event(tmp_path: Path, measured: Measured) -> None:
    head = header(10, 1000)
    written = list(events(head))
    bare = os.open(tmp_path / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line = encode(written[0])
    one_write = best(lambda: [os.write(bare, line) for _ in written]) / len(written)
    os.close(bare)
    with SessionWriter.create(tmp_path / "run.jsonl", head) as writer:
        whole = best(lambda: [writer.write(event) for event in written], 1) / len(written)
        synced = best(writer.sync)
    encoded = best(lambda: [encode(event) for event in written]) / len(written)
    decoded = best(lambda: [decode(line) for _ in written]) / len(written)
    measured("write an event ÷ one bare os.write", whole / one_write)
    measured("encode an event", encoded * 1e6, "µs")
    measured("decode an event", decoded * 1e6, "µs")
    measured("put a session on the disk (once a second, in a thread)", synced * 1e3, "ms")


def test_memory_held_and_given_back(tmp_path: Path, measured: Measured) -> None:
    head, path = header(100, 1_000), tmp_path / "run.jsonl"
    with SessionWriter.create(path, head) as writer:
        for event in events(head):
            writer.write(event)
    told = subprocess.run(
        [sys.executable, "-c", HOLD, str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    measured("memory of 100 × 1,000 turns", float(told[0]), "MB", at_most=150)
    measured("memory that Python keeps for itself after it is closed", float(told[1]), "MB")
    measured(
        "memory that opening it again takes beyond that of the first time", float(told[2]), "MB", at_most=10
    )


HOLD = """
import gc, resource, sys
from pathlib import Path
from lhe_tui.record.read import read_session
def rss():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
before = rss()
recording = read_session(Path(sys.argv[1]))
held = rss() - before
del recording
kept = rss() - before
recording = read_session(Path(sys.argv[1]))
print(held, kept, rss() - before - held)
"""
