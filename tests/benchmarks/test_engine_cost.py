"""What the engine costs: per turn with a model of zero latency, and over a bare httpx loop against a local server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import httpx
import orjson
import pytest

from lhe_tui.engine.requests import build_request
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelInfo, TextDelta, Usage
from lhe_tui.models.catalogue import resolve_model
from lhe_tui.models.openai.request_body import encode_body
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from tests.benchmarks.conftest import Measured
from tests.scripted_model import new_state


class InstantModel:
    info = ModelInfo("sim/instant", simulated=True)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        yield TextDelta("<answer>5</answer>")
        yield Finished("stop", Usage(10, 5))

    async def aclose(self) -> None:
        return None


async def run_all(run: Run) -> float:
    started = time.perf_counter()
    async for _ in run.events():
        pass
    return time.perf_counter() - started


def floor(folder: Path, samples: int, turns: int) -> float:
    """A plain loop that builds the same messages, encodes the same bodies and events and writes the same bytes."""
    state = new_state(TaskSpec(turns=turns, samples=samples))
    system = state.header.template.system_message(state.task, "direct")
    started = time.perf_counter()
    with (folder / "floor.jsonl").open("wb", buffering=0) as file:
        for sample in range(1, samples + 1):
            messages = [{"role": "system", "content": system}]
            for turn in range(1, turns + 1):
                messages.append({"role": "user", "content": ", ".join(state.task.keys(sample, turn))})
                orjson.dumps({"model": "m", "messages": messages, "stream": True})
                reply = "<answer>5</answer>"
                messages.append({"role": "assistant", "content": reply})
                event = {"event": "turn_finished", "sample": sample, "turn": turn, "at": 0.1, "reply": reply}
                file.write(orjson.dumps(event) + b"\n")
    return time.perf_counter() - started


@pytest.mark.benchmark
async def test_a_hundred_by_a_hundred_turns_with_the_session_written(
    tmp_path: Path, measured: Measured
) -> None:
    best = bare = float("inf")
    for attempt in range(3):
        state = new_state(TaskSpec(turns=100, samples=100))
        with SessionWriter.create(tmp_path / f"{attempt}.jsonl", state.header) as writer:
            run = Run(
                state, lambda name: InstantModel(), record=writer.write, pace=RunLimits(100), live=False
            )
            best = min(best, await run_all(run))
        assert state.finished_turns == 10_000
        bare = min(bare, floor(tmp_path, 100, 100))
    measured("engine: 100 × 100 turns ÷ a plain loop", best / bare, at_most=3)
    measured("engine: one turn", best * 100, "µs")


SERVER = """
import asyncio
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
def piece(text): return b"%x\\r\\n%b\\r\\n" % (len(text), text)
def data(text): return piece(b"data: " + text + b"\\n\\n")
REPLY = [data(b'{"choices":[{"delta":{"content":"%b"}}]}' % t) for t in (b"<answer>", b"5", b"</answer>")]
END = data(b'{"choices":[{"delta":{},"finish_reason":"stop"}]}') + data(b"[DONE]") + b"0\\r\\n\\r\\n"
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            lengths = [line for line in head.lower().split(b"\\r\\n") if line.startswith(b"content-length")]
            length = int(lengths[0].split(b":")[1])
            await reader.readexactly(length)
            writer.write(HEAD)
            for part in REPLY:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.002)
            writer.write(END)
            await writer.drain()
    except (IndexError, asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


async def bare_loop(url: str, bodies: list[list[Callable[[], bytes]]]) -> float:
    """The same requests in the same order, each sample one after another, with nothing around them."""
    async with httpx.AsyncClient(timeout=30) as client:

        async def one_sample(sample: list[Callable[[], bytes]]) -> None:
            headers = {"Content-Type": "application/json"}
            for body in sample:
                request = client.stream("POST", url + "/chat/completions", content=body(), headers=headers)
                async with request as response:
                    async for _ in response.aiter_lines():
                        pass

        started = time.perf_counter()
        await asyncio.gather(*map(one_sample, bodies))
        return time.perf_counter() - started


@pytest.mark.benchmark
async def test_the_overhead_over_a_bare_httpx_loop(tmp_path: Path, measured: Measured) -> None:
    samples, turns = 4, 60
    server = subprocess.Popen(  # noqa: ASYNC220  # it starts before the clock
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        ours, bare, encoding = [], [], []
        for attempt in range(3):
            bodies: list[list[Callable[[], bytes]]] = [[] for _ in range(samples)]
            state = new_state(TaskSpec(turns=turns, samples=samples), Controls("tiny"))
            model = resolve_model("tiny", base_url=url)
            with SessionWriter.create(tmp_path / f"{attempt}.jsonl", state.header) as writer:
                run = Run(state, lambda name, m=model: m, record=writer.write, pace=RunLimits(samples))
                ours.append(await run_all(run))
            assert state.finished_turns == samples * turns
            for sample in range(samples):
                for turn in range(1, turns + 1):
                    messages = build_request(state, sample + 1, turn)
                    bodies[sample].append(partial(encode_body, "tiny", messages, {}))
            ready = [[partial(bytes, body()) for body in one] for one in bodies]
            bare.append(await bare_loop(url, ready))
            encoding.append(await bare_loop(url, bodies))
        measured("engine: a local server ÷ a bare httpx loop, bodies ready made", min(ours) / min(bare))
        measured(
            "engine: a local server ÷ a bare httpx loop that encodes", min(ours) / min(encoding), at_most=1
        )
    finally:
        server.kill()
        server.wait()
