"""The connections to one server: pooled, with limits on silence, and every way to fail as a `ModelFailure`.

Imports httpx; import this module when the first request is made. No exception leaves with httpx's own frames
attached: they hold the headers, and those hold the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any, cast

import httpx

from lhe_tui.models.base import ModelFailure
from lhe_tui.models.openai.bounded_decoding import BodyDecoder, UndecodableError
from lhe_tui.models.openai.network import NetworkSettingError, route_to
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.models.openai.transport_errors import CONNECT_SECONDS, TRANSPORT_ERRORS, TransportErrors
from lhe_tui.models.secret import Secret
from lhe_tui.version import __version__

_SEND_SECONDS = 60.0
_MOST_CONNECTIONS = 512


class HttpReply:
    """A response whose head has come; read the body with `read`, always `aclose`."""

    def __init__(
        self, response: httpx.Response, server: str, errors: TransportErrors, release: Callable[[], None]
    ) -> None:
        self._response = response
        self._server = server
        self._errors = errors
        self._release = release
        # httpx promises an iterator, and gives a generator, which has to be closed.
        self._raw = cast("AsyncGenerator[bytes, None]", response.aiter_raw())
        self._decoder: BodyDecoder | None = None
        self._decoded: Iterator[bytes] = iter(())
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self, seconds: float) -> bytes | None:
        """The next decoded bytes, None at the end; fails as `silent` after `seconds` without a byte."""
        while True:
            try:
                piece = next(self._decoded, None)
                if piece is not None:
                    return piece
                async with asyncio.timeout(seconds):
                    raw = await anext(self._raw, None)
                if raw is None:
                    return None
                if self._decoder is None:
                    self._decoder = BodyDecoder(self.headers.get("content-encoding", ""))
                self._decoded = self._decoder.feed(raw)
                continue
            except (TimeoutError, httpx.ReadTimeout):
                failure = self._errors.silent(seconds)
            except UndecodableError as error:
                text = f"{self._server} sent a body that cannot be decoded ({error})"
                failure = ModelFailure("server", text, retryable=True)
            except TRANSPORT_ERRORS as error:
                failure = self._errors.translate(error, answering=True, reached=True)
            raise failure

    async def read_at_most(self, size: int, seconds: float) -> bytes:
        """The first `size` bytes of the body, or what came of them before it broke off."""
        body = bytearray()
        try:
            while len(body) < size and (piece := await self.read(seconds)) is not None:
                body += piece
        except ModelFailure:
            pass
        return bytes(body[:size])

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        try:
            await self._raw.aclose()
            await self._response.aclose()
        finally:
            release, self._release = self._release, _nothing
            release()


class HttpConnection:
    """Requests to one server with one key; redirects are never followed.

    Each request under way has a client of its own with one connection: httpx's pool looks at every connection it holds
    several times a request, which at 64 of them costs more than all else together.
    Raises `ModelFailure` where the environment lets no connection be made.
    """

    def __init__(self, address: ServerAddress, key: Secret | None) -> None:
        self._address = address
        self._key = key
        try:
            self._route = route_to(address)
        except NetworkSettingError as error:
            raise ModelFailure("unreachable", error.sentence, retryable=False) from None
        self._errors = TransportErrors(address, self._route, key)
        self._reached = False
        """Whether the server has ever answered."""
        self._lanes: list[httpx.AsyncClient] = []
        self._free: list[httpx.AsyncClient] = []
        self._unpooled: httpx.AsyncClient | None = None

    async def post(self, url: str, body: bytes, seconds: float) -> HttpReply:
        """Send; `seconds` bounds the silence before the head of the response. A dead pooled connection is replaced."""
        reply = await self._send(self._lane(), "POST", url, body, seconds, forgive_dead=True)
        if reply is None:
            if self._unpooled is None:
                self._unpooled = self._client(keep_alive=0)
            reply = await self._send(self._unpooled, "POST", url, body, seconds, forgive_dead=False)
        assert reply is not None  # only forgiven requests come back empty
        return reply

    async def get(self, url: str, seconds: float) -> HttpReply:
        """Ask for a document; `seconds` as for `post`."""
        reply = await self._send(self._lane(), "GET", url, None, seconds, forgive_dead=False)
        assert reply is not None  # only forgiven requests come back empty
        return reply

    async def aclose(self) -> None:
        """Close all connections."""
        for lane in self._lanes:
            await lane.aclose()
        if self._unpooled is not None:
            await self._unpooled.aclose()

    def _lane(self) -> httpx.AsyncClient:
        """A client that nobody uses, the one used last first: its connection is the likeliest to live."""
        if self._free:
            return self._free.pop()
        lane = self._client(keep_alive=1)
        self._lanes.append(lane)
        return lane

    def _give_back(self, client: httpx.AsyncClient) -> None:
        if client is not self._unpooled:
            self._free.append(client)

    async def _send(
        self,
        client: httpx.AsyncClient,
        method: str,
        url: str,
        body: bytes | None,
        seconds: float,
        *,
        forgive_dead: bool,
    ) -> HttpReply | None:
        """The reply; None where a reused connection died before any byte and that is forgiven."""
        fresh = kept = False

        async def trace(event: str, info: Any) -> None:
            nonlocal fresh
            fresh = fresh or event == "connection.connect_tcp.started"

        try:
            request = client.build_request(
                method,
                url,
                content=body,
                timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS, write=_SEND_SECONDS, pool=None),
                extensions={"trace": trace},
            )
            response = await client.send(request, stream=True)
            kept = self._reached = True
            return HttpReply(response, self._address.label, self._errors, lambda: self._give_back(client))
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            failure = self._errors.silent(seconds)
        except TRANSPORT_ERRORS as error:
            died = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
            if died and not fresh and forgive_dead:
                return None
            failure = self._errors.translate(error, answering=False, reached=self._reached)
        finally:
            if not kept:
                self._give_back(client)
        raise failure

    def _proxy(self) -> httpx.Proxy | None:
        if self._route.proxy is None:
            return None
        url = self._route.proxy()
        return httpx.Proxy(url, ssl_context=self._route.tls if url.startswith("https:") else None)

    def _client(self, *, keep_alive: int) -> httpx.AsyncClient:
        headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": f"lhe-tui/{__version__}",
        }
        return httpx.AsyncClient(
            headers=headers
            if self._key is None
            else {**headers, "Authorization": f"Bearer {self._key.reveal()}"},
            # Nothing to verify on plain http.
            verify=self._route.tls or False,
            proxy=self._proxy(),
            follow_redirects=False,
            # The environment has been read by `route_to`.
            trust_env=False,
            limits=httpx.Limits(
                max_connections=1 if keep_alive else _MOST_CONNECTIONS, max_keepalive_connections=keep_alive
            ),
        )


def _nothing() -> None:
    """A connection is given back once."""
