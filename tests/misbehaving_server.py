"""A real HTTP server on loopback that does on command what real servers do by accident.

    async with MisbehavingServer(Reply(*sse("Hi"))) as server:      # scripted: one Reply per request, in order
        ... server.url ...  server.requests[0].json["messages"]
    async with MisbehavingServer(answer=lambda messages: "<answer>1</answer>") as server:    # well-behaved
    with MisbehavingServer(answer=...).in_thread() as server:       # for tests that run a command line

A script item is a `Reply`, or a function of the `Request` that returns one. When the script is used up, `answer`
replies; without `answer` the server answers 500. What a reply sends is a sequence of steps: bytes (sent at once as
one chunk), `Raw(bytes)` (past the chunk framing), `Drip(bytes)` (again and again), an `asyncio.Event` (waited for),
`HANG` (silence until the client goes), `CLOSE` (an abrupt end, no last chunk), `RESET` (a TCP reset).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Action(Enum):
    """An ending that no well-behaved server has."""

    HANG = "silence until the client goes"
    CLOSE = "close without the last chunk"
    RESET = "TCP reset"


HANG, CLOSE, RESET = Action.HANG, Action.CLOSE, Action.RESET


@dataclass(frozen=True)
class Raw:
    """Bytes that go to the socket as they are."""

    data: bytes


@dataclass(frozen=True)
class Drip:
    """The same bytes again and again, until the client goes."""

    data: bytes
    seconds: float = 0.02


Step = bytes | Raw | Drip | asyncio.Event | Action


@dataclass
class Request:
    """What came in; header names in lower case, `connection` counts connections from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Reply:
    """One scripted response; `head=False` sends no status line or headers at all."""

    def __init__(
        self,
        *steps: Step,
        status: int = 200,
        headers: dict[str, str] | None = None,
        content_type: str | None = "text/event-stream",
        chunked: bool = True,
        keep_alive: bool = True,
        head: bool = True,
    ) -> None:
        self.steps = steps
        self.status = status
        self.headers = headers or {}
        self.content_type = content_type
        self.chunked = chunked
        self.keep_alive = keep_alive
        self.head = head


Script = Reply | Callable[[Request], Reply]


def event(payload: object) -> bytes:
    """One `data:` event."""
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def delta(content: str | None = None, *, finish: str | None = None, **more: object) -> bytes:
    """One chunk as most servers write it; `more` goes into the delta."""
    inner: dict[str, object] = dict(more)
    if content is not None:
        inner["content"] = content
    return event({"choices": [{"index": 0, "delta": inner, "finish_reason": finish}]})


def usage(prompt: object = 10, completion: object = 5, **more: object) -> bytes:
    """llama-server's usage chunk: no choices."""
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **more}})


DONE = b"data: [DONE]\n\n"


def sse(text: str, *, finish: str | None = "stop", pieces: int = 3, done: bool = True) -> list[bytes]:
    """A well-behaved streamed reply: role, text in pieces, finish, usage, `[DONE]`."""
    size = max(1, -(-len(text) // pieces))
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    chunks = [delta("", role="assistant"), *(delta(part) for part in parts)]
    if finish:
        chunks.append(delta(finish=finish))
    return [*chunks, usage(10, len(parts)), *([DONE] if done else [])]


def error(status: int, body: object, headers: dict[str, str] | None = None, **how: Any) -> Reply:
    """A refusal: JSON for a dict or list, plain text for a str."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/plain" if isinstance(body, str) else "application/json"
    return Reply(data, status=status, headers=headers, content_type=kind, chunked=False, **how)


def json_reply(body: object) -> Reply:
    """A 200 with a JSON body, such as a model list or an unstreamed reply."""
    return Reply(json.dumps(body).encode(), content_type="application/json", chunked=False)


def dripping(data: bytes) -> Reply:
    """A reply that is kept alive for ever by something that is no text."""
    return Reply(Drip(data))


def refusing_system_role(text: str) -> Callable[[Request], Reply]:
    """A model whose chat template knows users and assistants alone, as llama.cpp says it: 500."""

    def reply(request: Request) -> Reply:
        if any(message["role"] not in ("user", "assistant") for message in request.json["messages"]):
            said = "While executing CallExpression:\nError: Jinja Exception: System role not supported"
            return error(500, {"error": {"code": 500, "message": said, "type": "server_error"}})
        return Reply(*sse(text))

    return reply


def refusing_empty_messages(text: str) -> Callable[[Request], Reply]:
    """A gateway that takes no assistant message without text."""

    def reply(request: Request) -> Reply:
        if any(not message["content"].strip() for message in request.json["messages"]):
            return error(400, {"error": {"message": "messages: text content blocks must be non-empty"}})
        return Reply(*sse(text))

    return reply


class MisbehavingServer:
    """See the module's docstring.

    `models` is what `GET /models` lists, names or whole entries, while the script is empty; in a thread, where whole
    runs are served, the script is for chats alone.
    """

    def __init__(
        self,
        *script: Script,
        answer: Callable[[list[dict[str, str]]], str] | None = None,
        models: Sequence[str | dict[str, object]] = ("test-model",),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script = list(script)
        self.answer = answer
        self.models = models
        self.script_models = True
        self.tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.under_way = 0
        self.most_at_once = 0
        """How many requests were being answered at the same time, at most."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.gone = asyncio.Event()
        """Set each time a client goes away while a reply hangs."""

    @property
    def url(self) -> str:
        """The base URL, with `/v1`."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def label(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> MisbehavingServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[MisbehavingServer]:
        """Serve from a thread with its own loop (no `asyncio.Event` steps then)."""
        ready, loop = threading.Event(), asyncio.new_event_loop()
        stop = asyncio.Event()
        self.script_models = False

        async def serve() -> None:
            async with self:
                ready.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        number = self.connections
        try:
            while (request := await _read_request(reader, writer, number)) is not None:
                self.requests.append(request)
                self.under_way += 1
                self.most_at_once = max(self.most_at_once, self.under_way)
                try:
                    if not await self._send(self._reply(request), reader, writer):
                        break
                finally:
                    self.under_way -= 1
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass  # the client went, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    def _reply(self, request: Request) -> Reply:
        lists = request.path.endswith("/models")
        if self.script and (self.script_models or not lists):
            item = self.script.pop(0)
            return item(request) if callable(item) else item
        if lists:
            entries = [{"id": entry} if isinstance(entry, str) else entry for entry in self.models]
            return json_reply({"object": "list", "data": entries})
        if self.answer is None:
            return error(500, "the test's script is used up")
        return Reply(*sse(self.answer(request.json["messages"])))

    async def _send(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection lives on."""
        if reply.head:
            writer.write(_head(reply))
        for step in reply.steps:
            match step:
                case asyncio.Event():
                    await step.wait()
                case Raw(data):
                    writer.write(data)
                case Drip(data, seconds):
                    while True:
                        writer.write(b"%x\r\n%b\r\n" % (len(data), data))
                        await writer.drain()
                        await asyncio.sleep(seconds)
                case Action.HANG:
                    await writer.drain()
                    await reader.read()
                    self.gone.set()
                    return False
                case Action.CLOSE:
                    await writer.drain()
                    return False
                case Action.RESET:
                    await writer.drain()
                    _reset(writer)
                    return False
                case bytes():
                    framed = reply.chunked and reply.head
                    writer.write(b"%x\r\n%b\r\n" % (len(step), step) if framed and step else step)
                    await writer.drain()
        if reply.chunked and reply.head:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return reply.keep_alive


def _head(reply: Reply) -> bytes:
    headers = dict(reply.headers)
    if reply.content_type is not None:
        headers.setdefault("Content-Type", reply.content_type)
    if reply.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif all(isinstance(step, bytes) for step in reply.steps):
        headers.setdefault("Content-Length", str(sum(len(s) for s in reply.steps if isinstance(s, bytes))))
    lines = [f"HTTP/1.1 {reply.status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
) -> Request | None:
    try:
        start = await reader.readexactly(1)
        if start == b"\x16":
            # A TLS greeting: servers of plain http answer in plain http.
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return None
        head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body, connection)
