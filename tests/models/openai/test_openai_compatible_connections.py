"""Sockets: dead pooled connections, silence, redirects, TLS, and going away."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from lhe_tui.models.base import ChatRequest, ModelFailure, Notice, TextDelta
from lhe_tui.models.openai.patience import Patience
from tests.misbehaving_server import (
    CLOSE,
    HANG,
    RESET,
    MisbehavingServer,
    Raw,
    Reply,
    delta,
    dripping,
    error,
    sse,
)
from tests.model_asking import QUESTION, ask, ask_once, failure_of, model_at, model_at_url

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


DRIPS = {
    "comments": b": ping\n\n",
    "blank lines": b"\n\n",
    "white space": b"   ",
    "roles": delta(role="assistant"),
    "white text": delta(" "),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
async def test_what_keeps_a_connection_alive_without_text_is_said_and_ended(drip: bytes) -> None:
    patience = Patience(first_text=60, between=60, text=0.3, word=0.1)
    notices: list[str] = []
    async with MisbehavingServer(dripping(drip)) as server:
        model = model_at(server, patience=patience)

        async def listen() -> None:
            async for chunk in model.stream(ChatRequest(QUESTION)):
                if isinstance(chunk, Notice):
                    notices.append(chunk.text)

        with pytest.raises(ModelFailure, match=r"no text for 0\.3 s") as caught:
            await listen()
        await model.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("silent", True)
    assert notices == [f"no text from {server.label} for 0.1 s: it is waited for"]


@pytest.mark.parametrize("before", [(), (delta(role="assistant"),)])
async def test_total_silence_is_said_while_it_lasts(before: tuple[bytes, ...]) -> None:
    go_on, said = asyncio.Event(), asyncio.Event()
    reply = Reply(*before, go_on, *sse("fine"), head=True)
    async with MisbehavingServer(reply) as server:
        model = model_at(server, patience=Patience(word=0.05))
        texts = []
        async for chunk in model.stream(ChatRequest(QUESTION)):
            if isinstance(chunk, Notice):
                said.set()
                go_on.set()
            elif isinstance(chunk, TextDelta):
                texts.append(chunk.text)
        await model.aclose()
    assert said.is_set()
    assert "".join(texts) == "fine"


async def test_a_limit_of_ones_own_on_silence_holds_for_bytes_and_for_text() -> None:
    patience = Patience().with_silence(0.1)
    async with MisbehavingServer(Reply(HANG, head=False)) as server:
        assert "nothing for 0.1 s" in (await failure_of(server, patience=patience)).message
    async with MisbehavingServer(dripping(b": ping\n\n")) as server:
        assert "no text for 0.1 s" in (await failure_of(server, patience=patience)).message


async def test_cancelling_before_the_head_of_the_reply_closes_the_connection() -> None:
    asked = asyncio.Event()

    def hang(_: object) -> Reply:
        asked.set()
        return Reply(HANG, head=False)

    async with MisbehavingServer(hang) as server:
        model = model_at(server)
        asking = asyncio.create_task(ask(model))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.gone.wait(), 5)
        await model.aclose()


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


NO_HTTP = [
    (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ["does not speak HTTP", "SSH-2.0-OpenSSH_9.6"]),
    (b"\x15\x03\x01\x00\x02\x02P", ["does not speak HTTP", "no text"]),
    (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000, ["headers longer than 100 KB"]),
    (b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 200_000 + b"\r\n\r\nhello", ["headers longer than 100 KB"]),
    (b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", ["a header that HTTP does not allow", "no colon here"]),
    (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", ["a header that HTTP does not allow"]),
    (b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", ["not valid HTTP", "Content-Length"]),
]


@pytest.mark.parametrize(("came", "words"), NO_HTTP)
async def test_what_is_no_http_is_quoted_and_not_asked_again(came: bytes, words: list[str]) -> None:
    async with MisbehavingServer(Reply(Raw(came), CLOSE, head=False)) as server:
        failure = await failure_of(server)
    assert (failure.kind, failure.retryable) == ("server", False)
    assert all(word in failure.message for word in words)


async def test_garbage_from_a_server_that_has_answered_may_be_asked_again() -> None:
    garbage = Reply(Raw(b"garbage\r\n\r\n"), CLOSE, head=False)
    async with MisbehavingServer(Reply(*sse("fine"), keep_alive=False), garbage, garbage, FINE) as server:
        model = model_at(server)
        await ask(model)
        with pytest.raises(ModelFailure, match="does not speak HTTP") as caught:
            await ask(model)
        await model.aclose()
    assert caught.value.retryable


async def test_a_name_that_nobody_has_is_said_at_once() -> None:
    model = model_at_url("https://no.such.host.invalid/v1")
    with pytest.raises(ModelFailure, match=r"found by the name no\.such\.host\.invalid") as caught:
        await ask(model)
    await model.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", False)


async def test_a_proxy_that_is_not_there_is_said_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("https_proxy", f"http://me:secret-word@127.0.0.1:{taken.getsockname()[1]}")
        model = model_at_url("https://api.example.com/v1")
        with pytest.raises(ModelFailure, match="the proxy that https_proxy names") as caught:
            await ask(model)
        await model.aclose()
    assert "secret-word" not in caught.value.message


async def test_a_proxy_that_refuses_is_said_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    async with MisbehavingServer(error(407, "who are you?")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.label)
        model = model_at_url("https://api.example.com/v1")
        with pytest.raises(ModelFailure, match="https_proxy names refused") as caught:
            await ask(model)
        await model.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", False)
    assert (proxy.requests[0].method, proxy.requests[0].path) == ("CONNECT", "api.example.com:443")


async def test_a_bad_environment_is_a_failure_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/c.pem")
    model = model_at_url("https://api.example.com/v1")
    with pytest.raises(ModelFailure, match="SSL_CERT_FILE") as caught:
        await ask(model)
    await model.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", False)


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
    model = model_at_url(f"https://{server.label}")
    with pytest.raises(ModelFailure) as caught:
        await ask(model)
    await model.aclose()
    return caught.value
