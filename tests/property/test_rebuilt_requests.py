"""A request rebuilt from a session is the one that the engine sent, whatever was switched on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from lhe_tui.engine.requests import build_request
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelInfo, TextDelta
from lhe_tui.record.read import read_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.controls import Change
from lhe_tui.task.messages import Message
from tests.sessions import header

REPLIES = (
    "<answer>7</answer>",
    "so <answer> -12 </answer>",
    "no tag",
    "<answer>x</answer>",
    "<think>h</think><answer>3</answer>",
)


class Recorder:
    """A model that answers anything and keeps every request."""

    info = ModelInfo("sim/test")

    def __init__(self, seed: int) -> None:
        self.seen: list[Sequence[Message]] = []
        self._rng = random.Random(seed)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.seen.append(list(request.messages))
        yield TextDelta(self._rng.choice(REPLIES))
        yield Finished("stop")

    async def aclose(self) -> None:
        """Nothing to close."""


pair = st.one_of(
    st.tuples(st.just("inject"), st.sampled_from([0, 0.25, 0.5, 1])),
    st.tuples(st.just("inject-base"), st.sampled_from(["own", "truth"])),
    st.tuples(st.just("inject-since"), st.integers(1, 9)),
    st.tuples(st.just("heal"), st.booleans()),
    st.tuples(st.just("mode"), st.sampled_from(["direct", "cot"])),
    st.tuples(
        st.just("prune"),
        st.sampled_from(["off", "window:1", "window:3", "window:2+state-card", "state-card", "drop-wrong"]),
    ),
)
script = st.lists(st.tuples(st.integers(1, 9), st.lists(pair, min_size=1, max_size=3).map(tuple)), max_size=5)


async def run(path: Path, script: list[tuple[int, Change]], seed: int) -> list[Sequence[Message]]:
    head = header(samples=2, turns=9, k=2)
    model = Recorder(seed)
    with SessionWriter.create(path, head) as writer:
        engine = Run(
            RunState(head),
            lambda name: model,
            record=writer.write,
            pace=RunLimits(2),
            script=script,
            live=False,
        )
        async for _ in engine.events():
            pass
    return model.seen


@settings(max_examples=60, deadline=None)
@given(script, st.integers(0, 1000))
def test_a_rebuilt_request_is_the_one_that_was_sent(script: list[tuple[int, Change]], seed: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        sent = asyncio.run(run(path, script, seed))
        recording = read_session(path)
    assert recording.damage == []
    rebuilt = [build_request(recording.state, sample, turn) for sample in (1, 2) for turn in range(1, 10)]
    assert sorted(rebuilt) == sorted(sent)
