"""What recording costs: opening sessions, writing events, listing them. Prints ratios; asserts none."""

from __future__ import annotations

import json
import os
import random
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
def test_opening_a_session(tmp_path: Path, samples: int, turns: int) -> None:
    head, path = header(samples, turns), tmp_path / "run.jsonl"
    with SessionWriter.create(path, head) as writer:
        for event in events(head):
            writer.write(event)
    lines = path.read_bytes().splitlines()
    bare = best(lambda: [json.loads(line) for line in lines])
    opened = best(lambda: read_session(path))
    state = read_session(path).state
    n = samples * turns
    print(
        f"\n{samples} × {turns} turns ({path.stat().st_size / 1e6:.1f} MB): open {opened:.2f} s "
        f"({opened / n * 1e6:.1f} µs a turn; {opened / bare:.1f} × json.loads of its lines alone), "
        f"list {best(lambda: scan_session(path)):.2f} s, report {best(lambda: report(state), 1):.2f} s"
    )
    assert state.finished_turns == n


def test_writing_an_event(tmp_path: Path) -> None:
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
    print(
        f"\nwrite {whole * 1e6:.1f} µs an event, {whole / one_write:.1f} × one bare os.write; "
        f"encode {encoded * 1e6:.1f} µs, decode {decoded * 1e6:.1f} µs; "
        f"a sync {synced * 1e3:.2f} ms, once a second, in a thread"
    )
