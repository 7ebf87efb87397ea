"""Before its first turn a run asks a server what it knows of the model, and never waits long for it."""

from __future__ import annotations

import asyncio

import pytest

from lhe_tui.engine import model_facts
from lhe_tui.engine.events import NoticeRaised
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.models.catalogue import resolve_model
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from tests.misbehaving_server import HANG, MisbehavingServer, Reply, Request, delta, error, json_reply, usage
from tests.scripted_model import new_state


def growing(request: Request) -> Reply:
    """A whole reply whose prompt is told as ten tokens a message."""
    count = 10 * len(request.json["messages"])
    return Reply(delta("<answer>1</answer>"), delta(finish="stop"), usage(count, 5))


def run_against(server: MisbehavingServer, *, turns: int = 6, samples: int = 2, concurrency: int = 2) -> Run:
    state = new_state(TaskSpec(turns=turns, samples=samples), Controls("m"))
    return Run(state, lambda name: resolve_model("m", base_url=server.url), pace=RunLimits(concurrency))


async def test_a_context_that_the_server_tells_is_watched_from_the_first_turn() -> None:
    models = json_reply({"data": [{"id": "m", "max_model_len": 100}]})
    async with MisbehavingServer(models, *[growing] * 12) as server:
        run = run_against(server)
        notices = [event.text async for event in run.events() if isinstance(event, NoticeRaised)]
        assert [request.path for request in server.requests].count("/v1/models") == 1
    assert [text for text in notices if "of 100 tokens" in text]
    assert run.state.status == "completed"


async def test_nothing_else_is_asked_while_the_server_is_asked_for_its_models() -> None:
    told, asked = asyncio.Event(), asyncio.Event()

    def models(request: Request) -> Reply:
        asked.set()
        return Reply(told, b'{"data": []}', content_type="application/json")

    async with MisbehavingServer(models, *[growing] * 64) as server:
        run = run_against(server, turns=1, samples=64, concurrency=64)
        events = asyncio.create_task(_drain(run))
        await asked.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(server.requests) == 1
        told.set()
        await events
        assert len(server.requests) == 65


@pytest.mark.parametrize(
    "models",
    [
        error(404, "nothing here"),
        error(500, "broken"),
        Reply(b"<html>", content_type="text/html"),
        Reply(HANG),
    ],
    ids=["404", "500", "no JSON", "silence"],
)
async def test_a_server_without_a_list_of_models_is_asked_for_its_replies(
    models: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only silence is to end by the clock.
    monkeypatch.setattr(model_facts, "SECONDS", 1.0 if HANG in models.steps else 600.0)
    async with MisbehavingServer(models, *[growing] * 12) as server:
        run = run_against(server)
        await _drain(run)
    assert run.state.status == "completed"
    assert run.state.finished_turns == 12


async def test_stop_does_not_wait_for_a_silent_list_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_facts, "SECONDS", 600.0)
    asked = asyncio.Event()

    def models(request: Request) -> Reply:
        asked.set()
        return Reply(HANG)

    async with MisbehavingServer(models) as server:
        run = run_against(server)
        events = asyncio.create_task(_drain(run))
        await asked.wait()
        run.stop()
        await events
        await server.gone.wait()
    assert run.state.status == "stopped"


async def test_a_local_server_with_one_model_is_known_by_whatever_name_it_has() -> None:
    models = json_reply({"data": [{"id": "/models/tiny.gguf", "meta": {"n_ctx": 512}}]})
    async with MisbehavingServer(models) as server:
        model = resolve_model("anything", base_url=server.url)
        assert (await model.describe()).context_length == 512  # type: ignore[attr-defined]  # not of every ChatModel
        assert model.info.name.endswith("/anything")
        await model.aclose()


async def _drain(run: Run) -> None:
    async for _ in run.events():
        pass
