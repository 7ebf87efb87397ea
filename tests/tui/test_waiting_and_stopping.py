"""The screen says what is being waited for, and a run stops at once whatever it is waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lhe_tui.engine import model_facts
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.launch.models import ModelOpener, default_concurrency
from lhe_tui.models.catalogue import resolve_model
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.run import transcript
from tests.misbehaving_server import HANG, MisbehavingServer, Reply, Request, Script, delta, error, sse
from tests.scripted_model import ScriptedModel, new_state, right_answer
from tests.tui.run_screens import scripted_run, watching

FOR_EVER = 3600.0


class Clock:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize("mode", ["direct", "cot"])
async def test_a_server_that_is_silent_is_said_with_the_seconds(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(transcript, "time", clock)
    gate = asyncio.Event()
    model = ScriptedModel(right_answer(), gate)
    controls = Controls("sim/x", mode=mode)  # type: ignore[arg-type]  # a mode by its name
    async with watching(await scripted_run(model=lambda: model, controls=controls, samples=1)) as watched:
        await watched.until(model.asked.is_set)
        assert "silent for" not in watched.text
        clock.now += 47
        await watched.until_shown("silent for 47 s")
        gate.set()
        await watched.until_shown("Completed")
        assert "silent for" not in watched.text


async def test_a_reply_that_stands_still_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(transcript, "time", clock)
    async with (
        MisbehavingServer(*[Reply(delta("<answer>4"), HANG)] * 2) as server,
        watching(RunController(run_against(server))) as watched,
    ):
        await watched.until_shown("<answer>4")
        clock.now += 12
        await watched.until_shown("silent for 12 s")


def run_against(server: MisbehavingServer, *, record: Callable[[object], None] = lambda event: None) -> Run:
    state = new_state(TaskSpec(turns=6, samples=2), Controls("m"))
    server.script_models = False
    policy = RetryPolicy(first_wait=FOR_EVER, longest=FOR_EVER)
    return Run(
        state,
        lambda name: resolve_model("m", base_url=server.url),
        pace=RunLimits(1, retry=policy),
        record=record,
    )


def asked(request: Request, reply: Reply, came: asyncio.Event) -> Reply:
    came.set()
    return reply


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ([Reply(HANG, head=False)], "no byte of the head"),
        ([Reply(HANG)], "the head and no text"),
        ([Reply(delta(role="assistant"), HANG)], "a first chunk without text"),
        ([Reply(delta("<answer>4"), HANG)], "in the middle of a reply"),
        ([Reply(delta("<answer>4</answer>", finish="stop"), HANG)], "after the finish"),
        ([error(503, "overloaded")], "in backoff"),
        ([error(429, "slow", {"Retry-After": "500"})], "for the time that the server asked for"),
        ([Reply(b"x" * 10, HANG, status=500)], "in the body of an error"),
        ([error(401, "no")], "paused by a fault"),
        ([Reply(*sse("<answer>1</answer>"))] * 4 + [Reply(HANG)], "after some turns"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
async def test_stop_works_at_once_whatever_is_waited_for(script: list[Reply], state: str) -> None:
    came = asyncio.Event()
    *first, last = script
    whole: list[Script] = [*first, lambda request: asked(request, last, came)]
    async with MisbehavingServer(*whole) as server:
        controller = RunController(run_against(server))
        controller.start()
        await came.wait()
        await _settled(controller, state)
        # Nothing but the stop can end it: every wait is an hour long.
        async with asyncio.timeout(4.0):
            await controller.close()
    assert not controller.alive
    assert controller.error == ""
    assert controller.state.status == "stopped"
    assert "failed" not in {record.outcome for sample in controller.state.samples for record in sample.turns}


async def test_stop_works_at_once_while_a_connection_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_facts, "SECONDS", FOR_EVER)
    listening = await _full_listener()
    try:
        port = listening.sockets[0].getsockname()[1]
        model = resolve_model("m", base_url=f"http://127.0.0.1:{port}/v1")
        run = Run(
            new_state(TaskSpec(turns=2, samples=1), Controls("m")), lambda name: model, pace=RunLimits(1)
        )
        controller = RunController(run)
        controller.start()
        for _ in range(50):
            await asyncio.sleep(0)
        async with asyncio.timeout(4.0):
            await controller.close()
    finally:
        listening.close()
    assert controller.state.status == "stopped"


async def _full_listener() -> asyncio.Server:
    """A server that takes connections and never speaks."""

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    return await asyncio.start_server(never, "127.0.0.1", 0)


async def _settled(controller: RunController, state: str) -> None:
    """The run stands in the state that is meant."""

    def waiting() -> bool:
        return any(s.live is not None and s.live.waiting is not None for s in controller.state.samples)

    reached: dict[str, Callable[[], object]] = {
        "in backoff": waiting,
        "for the time that the server asked for": waiting,
        "paused by a fault": lambda: controller.state.status == "paused",
        "in the middle of a reply": lambda: any(s.live and s.live.pieces for s in controller.state.samples),
    }
    predicate = reached.get(state, lambda: True)
    async with asyncio.timeout(20):
        while not predicate():  # noqa: ASYNC110  the state is a fold, and tells nobody
            await asyncio.sleep(0.001)
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_local_server_is_never_asked_two_things_at_once_unless_asked_to() -> None:
    for wanted, most in ((None, 1), (3, 3)):
        go_on = asyncio.Event()
        held = [Reply(*sse("<answer>1</answer>")[:2], go_on, *sse("<answer>1</answer>")[2:])] * (wanted or 1)
        async with MisbehavingServer(*held, answer=lambda messages: "<answer>1</answer>") as server:
            server.script_models = False
            opener = ModelOpener(server.url)
            concurrency = wanted or default_concurrency(["m"], opener, 4)
            state = new_state(TaskSpec(turns=5, samples=4), Controls("m"))
            run = Run(state, opener, pace=RunLimits(concurrency))
            async for _ in run.events():
                if server.under_way == most:
                    go_on.set()
        assert state.finished_turns == 20
        assert server.most_at_once == most
