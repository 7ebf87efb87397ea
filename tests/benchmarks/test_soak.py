"""64 samples at once against a server that fails one request in twenty: no leak, no stall, every turn accounted for.

LHE_SOAK_SECONDS=600 pytest -s tests/benchmarks/test_soak.py     # ten minutes; a few seconds without the variable
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections import Counter
from pathlib import Path

import pytest

from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.models.catalogue import resolve_model
from lhe_tui.record.read import read_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.run_controller import RunController
from tests.misbehaving_server import CLOSE, RESET, MisbehavingServer, Reply, Request, delta, error, sse
from tests.scripted_model import new_state
from tests.tui.run_screens import watching

SECONDS = float(os.environ.get("LHE_SOAK_SECONDS", "4"))
SAMPLES = 64
RECORD_BYTES = 1150
"""What a run keeps of a turn where no server is asked at all: its record, which is no leak."""


class EndlessFaults(list[object]):
    """A script that never ends: one request in twenty fails, each time in another way."""

    def __init__(self) -> None:
        super().__init__(["never empty"])
        self.rng = random.Random(1)
        self.sent: Counter[str] = Counter()

    def pop(self, index: object = 0) -> object:  # type: ignore[override]  # a script is only ever popped
        return self.answer

    def answer(self, request: Request) -> Reply:
        if self.rng.random() >= 0.05:
            self.sent["whole"] += 1
            return Reply(*sse(f"<answer>{self.rng.randint(-999, 999)}</answer>"))
        fault = self.rng.choice(["500", "503", "429", "cut", "reset", "empty", "error inside"])
        self.sent[fault] += 1
        return {
            "500": error(500, {"error": {"message": "broken"}}),
            "503": error(503, "overloaded"),
            "429": error(429, {"error": {"message": "slow down"}}, {"Retry-After": "0"}),
            "cut": Reply(delta("<answer>"), CLOSE),
            "reset": Reply(RESET),
            "empty": Reply(delta(finish="stop")),
            "error inside": Reply(delta("<ans"), b'data: {"error": {"message": "upstream died"}}\n\n'),
        }[fault]


@pytest.mark.benchmark
async def test_the_app_watches_64_samples_of_a_failing_server_and_stays_at_hand(tmp_path: Path) -> None:
    faults = EndlessFaults()
    late: list[float] = []
    with MisbehavingServer().in_thread() as server:
        server.script = faults  # type: ignore[assignment]  # a script that never ends
        state = new_state(TaskSpec(turns=max(40, int(SECONDS * 12)), samples=SAMPLES), Controls("tiny"))
        path = tmp_path / "soak.jsonl"
        writer = SessionWriter.create(path, state.header)
        model = resolve_model("tiny", base_url=server.url)
        pace = RunLimits(SAMPLES, retry=RetryPolicy(first_wait=0.01))
        script = [(2, (("prune", "window:4"),))]
        run = Run(state, lambda name: model, record=writer.write, pace=pace, script=script)
        controller = RunController(run, path=path, on_end=writer.close)
        async with watching(controller) as watched:
            started = time.monotonic()
            while time.monotonic() - started < SECONDS and controller.alive:
                before = time.monotonic()
                await asyncio.sleep(0.02)
                late.append(time.monotonic() - before - 0.02)
                if len(late) % 100 == 0:
                    await watched.press("full_stop")
                    assert "broke off" not in watched.text
            await watched.press("space")
            await watched.until(lambda: state.status in ("paused", "completed"))
        lost = faults.sent["whole"] - state.finished_turns
    assert controller.error == ""
    assert set(state.outcomes) <= {"wrong", "correct"}
    assert 0 <= lost <= SAMPLES
    assert read_session(path).state.finished_turns == state.finished_turns
    failed = faults.sent.total() - faults.sent["whole"]
    late.sort()
    print(
        f"\nin the app: {state.finished_turns} turns, {failed} faults, {lost} in flight at the stop; "
        f"the app's loop was late by {late[len(late) // 2] * 1e3:.0f} ms (median), "
        f"{late[len(late) * 95 // 100] * 1e3:.0f} ms (p95), the server being in the same process"
    )


def resident() -> int:
    """This process's memory now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.benchmark
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
async def test_a_long_run_against_a_failing_server_loses_and_leaks_nothing(tmp_path: Path) -> None:
    faults = EndlessFaults()
    memory: list[tuple[int, int]] = []
    with MisbehavingServer().in_thread() as server:
        server.script = faults  # type: ignore[assignment]  # a script that never ends
        turns = max(40, int(SECONDS * 12))
        # A window keeps requests small: what is looked for is a leak, not the history that a session rightly holds.
        state = new_state(TaskSpec(turns=turns, samples=SAMPLES), Controls("tiny"))
        path = tmp_path / "soak.jsonl"
        started, next_look = time.monotonic(), 0.0
        with SessionWriter.create(path, state.header) as writer:
            model = resolve_model("tiny", base_url=server.url)
            run = Run(
                state,
                lambda name: model,
                record=writer.write,
                pace=RunLimits(SAMPLES, retry=RetryPolicy(first_wait=0.01)),
                script=[(2, (("prune", "window:4"),))],
            )
            async for _ in run.events():
                server.requests.clear()
                now = time.monotonic() - started
                if now >= next_look:
                    memory.append((state.finished_turns, resident()))
                    next_look = now + SECONDS / 20
                if now > SECONDS:
                    run.stop()
        lost = faults.sent["whole"] - state.finished_turns
    assert set(state.outcomes) <= {"wrong", "correct"}
    assert 0 <= lost <= SAMPLES  # only replies in flight when it stopped
    assert read_session(path).state.finished_turns == state.finished_turns
    failed = faults.sent.total() - faults.sent["whole"]
    half = memory[len(memory) // 2 :]
    per_turn = (half[-1][1] - half[0][1]) / max(1, half[-1][0] - half[0][0])
    if half[-1][0] - half[0][0] > 10_000:
        assert per_turn < 2 * RECORD_BYTES
    print(
        f"\n{state.finished_turns} turns, {failed} faults of {len(faults.sent) - 1} kinds retried "
        f"({state.retries} retries), {lost} in flight at the stop; memory {half[0][1] / 2**20:.0f} → "
        f"{half[-1][1] / 2**20:.0f} MB over the second half: {per_turn:.0f} bytes a turn kept"
    )
