"""Every server that speaks OpenAI's chat protocol, with the quirks that real servers have."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lhe_tui.errors import LheError
from lhe_tui.models.base import ChatRequest, Chunk, ModelFailure, ModelInfo, Notice
from lhe_tui.models.openai.request_body import Dialect, encode_body
from lhe_tui.models.openai.server_address import ServerAddress, insecure_key_words
from lhe_tui.models.openai.server_errors import ServerError, classify, clean_text, read_error_bytes
from lhe_tui.models.openai.server_style import ServerStyle
from lhe_tui.models.openai.sse_reply import ReplyReader
from lhe_tui.models.secret import Secret

if TYPE_CHECKING:
    from lhe_tui.models.openai.http_connection import HttpConnection, HttpReply

_MOST_ADAPTATIONS = 12
_MOST_ERROR_BYTES = 2**16
_ERROR_BODY_SECONDS = 10.0


class InsecureKeyError(LheError):
    """A key would travel unencrypted to another machine."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence that are borne: before the first text, between chunks, after the finish, after `[DONE]`."""

    first_text: float = 120.0
    between: float = 120.0
    after_finish: float = 5.0
    after_done: float = 0.25


LOCAL_PATIENCE = Patience(first_text=600.0)
"""A local server with a queue may be silent for minutes."""


class OpenAICompatibleModel:
    """One model on one server, as a `ChatModel`; connections are opened with the first request."""

    def __init__(
        self,
        info: ModelInfo,
        address: ServerAddress,
        model: str,
        *,
        key: Secret | None = None,
        style: ServerStyle | None = None,
        patience: Patience = LOCAL_PATIENCE,
        allow_insecure_key: bool = False,
    ) -> None:
        if key is not None and not (address.encrypted or address.loopback or allow_insecure_key):
            raise InsecureKeyError(insecure_key_words(address))
        self._info = info
        self._address = address
        self._model = model
        self._key = key
        self._dialect = Dialect(style or ServerStyle())
        self._patience = patience
        self._connection: HttpConnection | None = None
        self._unsaid: list[Notice] = []

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        return self._info

    @property
    def server_model(self) -> str:
        """The model's name as the server knows it."""
        return self._model

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask once and yield the reply as it comes; see `ChatModel.stream`."""
        failure: ModelFailure | None = None
        try:
            async with aclosing(self._chunks(request)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except ModelFailure as error:
            # The frames below hold what the server sent, and it may have sent the key back.
            failure = error.with_traceback(None)
        if failure is not None:
            raise failure

    async def _chunks(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        reply = await self._ask(request)
        try:
            for notice in self._take_notices():
                yield notice
            reader = ReplyReader(self._address.label, key=self._key, now=time.time())
            clock = _Clock(self._patience)
            while (data := await self._next_bytes(reply, reader, clock)) is not None:
                for chunk in reader.feed(data):
                    yield chunk
            for chunk in reader.end():
                yield chunk
            yield reader.finish()
        finally:
            await reply.aclose()

    async def describe(self) -> ModelInfo:
        """Ask the server's model list for what it knows of this model (context, prices); raises `ModelFailure`."""
        from lhe_tui.models.openai.model_list import fetch_models

        listed = await fetch_models(self._open(), self._address, name_prefix="", key=self._key)
        known = next((model for model in listed if model.name == self._model), None)
        if known is None and self._address.loopback and len(listed) == 1:
            # A local server with one model answers as that one, whatever it is called.
            known = listed[0]
        if known is not None:
            self._info = replace(
                self._info,
                context_length=known.context_length,
                price_prompt=known.price_prompt,
                price_completion=known.price_completion,
            )
        return self._info

    async def aclose(self) -> None:
        """Release connections; safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    def __repr__(self) -> str:
        return f"OpenAICompatibleModel({self._info.name!r})"

    def _open(self) -> HttpConnection:
        if self._connection is None:
            # httpx takes longer to import than most commands take to run.
            from lhe_tui.models.openai.http_connection import HttpConnection

            self._connection = HttpConnection(self._address, self._key)
        return self._connection

    def _take_notices(self) -> list[Notice]:
        notices, self._unsaid = self._unsaid, []
        return notices

    async def _ask(self, request: ChatRequest) -> HttpReply:
        """The response to be read; parameters that the server refuses are given up on the way."""
        url = self._address.url("chat/completions")
        for _ in range(_MOST_ADAPTATIONS):
            parameters = self._dialect.parameters(request.sampling)
            body = encode_body(self._model, request.messages, parameters)
            reply = await self._open().post(url, body, self._patience.first_text)
            if 200 <= reply.status < 300:
                return reply
            failure = await self._refusal(reply, request, parameters)
            if failure is not None:
                raise failure
        text = f"{self._address.label} refused one parameter after the other"
        raise ModelFailure("rejected", text, retryable=False)

    async def _refusal(
        self, reply: HttpReply, request: ChatRequest, parameters: dict[str, Any]
    ) -> ModelFailure | None:
        """The failure that a response other than 2xx means; None where asking again otherwise is worth it."""
        try:
            body = await reply.read_at_most(_MOST_ERROR_BYTES, _ERROR_BODY_SECONDS)
        finally:
            await reply.aclose()
        if 300 <= reply.status < 400:
            return self._redirected(reply)
        now = time.time()
        error = read_error_bytes(body, now=now)
        failure = classify(
            error,
            server=self._address.label,
            status=reply.status,
            headers=reply.headers,
            key=self._key,
            now=now,
        )
        if (
            failure.kind == "rejected"
            and reply.status in (400, 422)
            and self._adapted(error, request, parameters)
        ):
            return None
        return failure

    def _adapted(self, error: ServerError, request: ChatRequest, parameters: dict[str, Any]) -> bool:
        change = self._dialect.adapt(error, parameters, request.sampling)
        if change:
            self._unsaid.append(Notice(f"{self._info.name}: {change}"))
        return change is not None

    def _redirected(self, reply: HttpReply) -> ModelFailure:
        target = reply.headers.get("location", "").split("?")[0].split("#")[0]
        scheme, _, rest = target.rpartition("://")
        shown = clean_text(
            f"{scheme}://{rest.rsplit('@', 1)[-1]}" if scheme else target, key=self._key, limit=120
        )
        text = f"{self._address.label} answered {reply.status}, a redirect to {shown or 'nowhere'}"
        return ModelFailure("rejected", f"{text}: not followed, give the right base URL", retryable=False)

    async def _next_bytes(self, reply: HttpReply, reader: ReplyReader, clock: _Clock) -> bytes | None:
        """The next bytes of the body; a reply that is whole is not lost to what happens after it."""
        try:
            return await reply.read(clock.seconds_left(reader))
        except ModelFailure:
            if reader.done or reader.whole:
                return None
            raise


class _Clock:
    """How long the next bytes are waited for: silence while the reply runs, a deadline once it is whole."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._deadlines: dict[str, float] = {}

    def seconds_left(self, reader: ReplyReader) -> float:
        """Seconds, 0 where the deadline has passed."""
        if reader.done:
            # The end of the body is mostly there already; reading it keeps the connection usable.
            return self._until("done", self._patience.after_done)
        if reader.whole:
            return self._until("whole", self._patience.after_finish)
        return self._patience.between if reader.started else self._patience.first_text

    def _until(self, name: str, seconds: float) -> float:
        now = time.monotonic()
        return max(self._deadlines.setdefault(name, now + seconds) - now, 0.0)
