"""Sockets: dead pooled connections, silence, redirects, TLS, and going away."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from lhe_tui.models.base import ChatRequest, ModelFailure, TextDelta
from lhe_tui.models.openai.client import Patience
from lhe_tui.models.openai.server_address import parse_address
from tests.misbehaving_server import CLOSE, HANG, RESET, MisbehavingServer, Raw, Reply, delta, error, sse
from tests.model_asking import QUESTION, QUICK, ask, ask_once, failure_of, model_at

FINE = Reply(*sse("fine"))
IMPATIENT = Patience(first_text=0.05, between=0.05, after_finish=0.05, after_done=0.05)


async def test_a_connection_is_used_again_after_a_reply() -> None:
    async with MisbehavingServer(answer=lambda _: "fine") as server:
        model = model_at(server)
        for _ in range(3):
            await ask(model)
        await model.aclose()
    assert server.connections == 1


@pytest.mark.parametrize("ending", [CLOSE, RESET])
async def test_a_dead_pooled_connection_is_replaced_at_once(ending: object) -> None:
    def die(_: object) -> Reply:
        return Reply(ending, head=False)  # type: ignore[arg-type]  # one of two actions

    async with MisbehavingServer(FINE, die, FINE, answer=lambda _: "fine") as server:
        model = model_at(server)
        assert (await ask(model)).text == "fine"
        assert (await ask(model)).text == "fine"
        assert (await ask(model)).text == "fine"
        await model.aclose()
    assert len(server.requests) == 4


async def test_a_second_death_is_a_failure_that_may_be_retried() -> None:
    dead = Reply(CLOSE, head=False)
    async with MisbehavingServer(FINE, dead, dead, FINE) as server:
        model = model_at(server)
        await ask(model)
        with pytest.raises(ModelFailure, match="without answering") as caught:
            await ask(model)
        await model.aclose()
    assert (caught.value.kind, caught.value.retryable, len(server.requests)) == ("cut", True, 3)


async def test_a_fresh_connection_that_dies_is_not_asked_again_inside() -> None:
    async with MisbehavingServer(Reply(CLOSE, head=False), FINE) as server:
        assert (await failure_of(server)).kind == "cut"
    assert len(server.requests) == 1


async def test_150_back_to_back_requests_survive_a_server_that_closes_after_each_stream() -> None:
    async with MisbehavingServer(*[Reply(*sse("fine"), keep_alive=False)] * 150) as server:
        model = model_at(server)
        for _ in range(150):
            assert (await ask(model)).text == "fine"
        await model.aclose()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(HANG, head=False),
        Reply(HANG),
        Reply(delta(role="assistant"), HANG),
        Reply(delta("1"), HANG),
        Reply(HANG, status=200, content_type="application/json"),
    ],
)
async def test_silence_ends_in_a_failure_that_says_so(reply: Reply) -> None:
    async with MisbehavingServer(reply) as server:
        failure = await failure_of(server, patience=IMPATIENT)
    assert (failure.kind, failure.retryable) == ("silent", True)
    assert "nothing for 0.05 s" in failure.message


async def test_before_the_first_text_the_longer_patience_holds() -> None:
    go_on = asyncio.Event()
    patience = Patience(first_text=60.0, between=0.05, after_finish=0.05, after_done=0.05)
    async with MisbehavingServer(Reply(delta(role="assistant"), go_on, *sse("fine"))) as server:
        asking = asyncio.create_task(ask_once(server, patience=patience))
        done, _ = await asyncio.wait([asking], timeout=0.2)
        assert not done
        go_on.set()
        assert (await asking).text == "fine"


async def test_comments_keep_a_queued_request_alive() -> None:
    gates = [asyncio.Event() for _ in range(10)]
    steps = [step for gate in gates for step in (b": ping\n\n", gate)]
    # Each silence is far below the patience, all together are above it.
    patience = Patience(first_text=1.0, between=1.0)
    async with MisbehavingServer(Reply(*steps, *sse("fine"))) as server:
        for number, gate in enumerate(gates):
            asyncio.get_running_loop().call_later(0.12 * (number + 1), gate.set)
        assert (await ask_once(server, patience=patience)).text == "fine"


async def test_a_server_that_drips_after_its_finish_does_not_hold_the_answer() -> None:
    drip = [Raw(b"5\r\n: hi\n\r\n")] * 50
    async with MisbehavingServer(Reply(*sse("fine"), *drip, HANG)) as server:
        assert (await ask_once(server)).text == "fine"


async def test_deltas_come_as_they_are_sent() -> None:
    go_on = asyncio.Event()
    async with MisbehavingServer(Reply(delta("one"), go_on, delta(" two", finish="stop"))) as server:
        model = model_at(server)
        texts: list[str] = []
        async for chunk in model.stream(ChatRequest(QUESTION)):
            if isinstance(chunk, TextDelta):
                texts.append(chunk.text)
                go_on.set()
        await model.aclose()
    assert texts == ["one", " two"]


async def test_cancelling_closes_the_connection_at_once() -> None:
    async with MisbehavingServer(Reply(delta("one"), HANG)) as server:
        model = model_at(server)
        heard = asyncio.Event()

        async def listen() -> None:
            async for _ in model.stream(ChatRequest(QUESTION)):
                heard.set()

        task = asyncio.create_task(listen())
        await heard.wait()
        task.cancel()
        await asyncio.wait_for(server.gone.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await task
        await model.aclose()
        await model.aclose()


async def test_leaving_a_stream_early_closes_the_connection() -> None:
    async with MisbehavingServer(Reply(delta("one"), HANG)) as server:
        model = model_at(server)
        stream = model.stream(ChatRequest(QUESTION))
        await anext(stream)
        await stream.aclose()
        await asyncio.wait_for(server.gone.wait(), 5)
        await model.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed_and_said(status: int) -> None:
    async with MisbehavingServer(FINE) as elsewhere:
        there = f"http://user:pw@{elsewhere.label}/v1?token=abc"
        async with MisbehavingServer(error(status, "", {"Location": there})) as server:
            failure = await failure_of(server, key="sk-canary-0123456789")
    assert elsewhere.requests == []
    assert f"http://{elsewhere.label}/v1" in failure.message
    assert not any(word in failure.message for word in ("pw", "token", "abc", "canary"))
    assert (failure.kind, failure.retryable) == ("rejected", False)


async def test_nothing_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = MisbehavingServer()
        server.port = taken.getsockname()[1]
        failure = await failure_of(server)
    assert (failure.kind, failure.retryable) == ("unreachable", True)
    assert "is it running?" in failure.message


async def test_a_garbage_status_line_is_a_failure() -> None:
    async with MisbehavingServer(Reply(Raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), CLOSE, head=False)) as server:
        assert (await failure_of(server)).kind == "cut"


async def test_endless_headers_are_a_failure() -> None:
    flood = Reply(Raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000), CLOSE, head=False)
    async with MisbehavingServer(flood) as server:
        assert (await failure_of(server)).kind == "cut"


async def test_an_error_whose_body_never_ends_is_still_told() -> None:
    async with MisbehavingServer(Reply(b"x" * 2**17, HANG, status=500)) as server:
        assert (await failure_of(server)).kind == "server"


async def test_tls_to_a_plain_server_is_told() -> None:
    async with MisbehavingServer() as server:
        failure = await failed_over_tls(server)
    assert (failure.kind, failure.retryable) == ("unreachable", False)
    assert "is it an http:// server?" in failure.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_a_certificate_that_nobody_signed_is_told(tmp_path: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x -keyout key.pem -out cert.pem"
    await asyncio.to_thread(subprocess.run, command.split(), cwd=tmp_path, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with MisbehavingServer(tls=tls) as server:
        failure = await failed_over_tls(server)
    assert (failure.kind, failure.retryable) == ("unreachable", False)
    assert "certificate" in failure.message


async def failed_over_tls(server: MisbehavingServer) -> ModelFailure:
    model = model_at(server, patience=QUICK)
    model._address = parse_address(f"https://{server.label}")
    with pytest.raises(ModelFailure) as caught:
        await ask(model)
    await model.aclose()
    return caught.value
