"""Every server that speaks OpenAI's chat protocol, with the quirks that real servers have."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from lhe_tui.errors import LheError
from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelFailure, ModelInfo, Notice
from lhe_tui.models.openai.dialect import Dialect, room_left
from lhe_tui.models.openai.patience import LOCAL_PATIENCE, Awaited, Patience, SilenceClock
from lhe_tui.models.openai.reply_reader import ReplyReader
from lhe_tui.models.openai.request_body import encode_body
from lhe_tui.models.openai.server_address import ServerAddress, insecure_key_words
from lhe_tui.models.openai.server_errors import (
    ServerError,
    classify,
    clean_text,
    is_filtered,
    read_error_bytes,
)
from lhe_tui.models.openai.server_style import ServerStyle
from lhe_tui.models.secret import Secret
from lhe_tui.text.visible import visible

if TYPE_CHECKING:
    from lhe_tui.models.openai.http_connection import HttpConnection, HttpReply

_MOST_ADAPTATIONS = 12
_MOST_ERROR_BYTES = 2**16
_ERROR_BODY_SECONDS = 10.0
_MOST_UNFINISHED = 1000


class InsecureKeyError(LheError):
    """A key would travel unencrypted to another machine."""


class _FilteredError(LheError):
    """A content filter refused the request: an answer of a kind."""


@dataclass(slots=True)
class _Opened:
    """A reply whose first bytes have been read. `body` is the request that it answers."""

    reply: HttpReply
    reader: ReplyReader
    body: bytes
    chunks: list[Chunk] = field(default_factory=list)
    ended: bool = False


async def _close(opened: _Opened) -> None:
    await opened.reply.aclose()


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
        self._unfinished: set[bytes] = set()
        """Digests of requests whose reply ended without a finish reason."""
        self._reasons_seen = 0
        """Replies that told their finish reason; -1: this server never does."""

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
            failure.__context__ = None
            raise failure

    async def _chunks(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        clock = SilenceClock(self._patience, self._address.label)
        async with Awaited(self._open(request, clock), _close) as opening:
            while not await opening.done_within(clock.seconds_to_word()):
                if (word := clock.word()) is not None:
                    yield word
        try:
            opened = opening.result()
        except _FilteredError as refusal:
            yield Notice(refusal.sentence)
            yield Finished("content_filter")
            return
        reader = opened.reader
        try:
            for notice in self._take_notices():
                yield notice
            for chunk in opened.chunks:
                yield chunk
            while not opened.ended:
                data = await self._next_bytes(opened.reply, reader, clock)
                if data is None:
                    break
                for chunk in reader.feed(data):
                    yield chunk
                if (word := clock.heard(reader)) is not None:
                    yield word
            for chunk in reader.end():
                yield chunk
            finished = self._finished(opened)
            for notice in self._take_notices():
                yield notice
            yield finished
        finally:
            await opened.reply.aclose()

    async def describe(self) -> ModelInfo:
        """Ask the server's model list for what it knows of this model (context, prices); raises `ModelFailure`."""
        from lhe_tui.models.openai.model_list import fetch_models

        listed = await fetch_models(self._connect(), self._address, name_prefix="", key=self._key)
        known = next((model for model in listed if model.name == visible(self._model)), None)
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

    def _connect(self) -> HttpConnection:
        if self._connection is None:
            # httpx takes longer to import than most commands take to run.
            from lhe_tui.models.openai.http_connection import HttpConnection

            self._connection = HttpConnection(self._address, self._key)
        return self._connection

    def _take_notices(self) -> list[Notice]:
        notices, self._unsaid = self._unsaid, []
        return notices

    async def _open(self, request: ChatRequest, clock: SilenceClock) -> _Opened:
        """Ask, and read up to the first text; what the server refuses is given up or moved on the way."""
        url = self._address.url("chat/completions")
        room: int | None = None
        for _ in range(_MOST_ADAPTATIONS):
            parameters = self._dialect.parameters(request.sampling, room)
            body = encode_body(self._model, self._dialect.messages(request.messages), parameters)
            reply = await self._connect().post(url, body, clock.seconds_left())
            if 200 <= reply.status < 300:
                opened = await self._first_chunks(reply, body, clock)
                if isinstance(opened, _Opened):
                    return opened
                error, failure = opened
            else:
                error, failure = await self._refusal(reply)
            if is_filtered(error, reply.status):
                raise _FilteredError(failure.message)
            before, room = room, self._room(error, failure, request)
            if room == before and not self._adapted(error, failure, reply.status, request, parameters):
                raise failure
        text = f"{self._address.label} refused one parameter after the other"
        raise ModelFailure("rejected", text, retryable=False)

    async def _first_chunks(
        self, reply: HttpReply, body: bytes, clock: SilenceClock
    ) -> _Opened | tuple[ServerError, ModelFailure]:
        """Read until a first chunk has come, or the end, or an error in place of a reply."""
        opened = _Opened(reply, ReplyReader(self._address.label, key=self._key, now=time.time()), body)
        try:
            while not (opened.chunks or opened.ended):
                data = await self._next_bytes(reply, opened.reader, clock)
                opened.ended = data is None
                opened.chunks = opened.reader.feed(data or b"")
                if (word := clock.heard(opened.reader)) is not None:
                    self._unsaid.append(word)
            return opened
        except BaseException as error:
            await reply.aclose()
            if isinstance(error, ModelFailure) and opened.reader.error is not None:
                return opened.reader.error, error
            raise

    async def _refusal(self, reply: HttpReply) -> tuple[ServerError, ModelFailure]:
        """A response other than 2xx, and the failure that it means."""
        try:
            body = await reply.read_at_most(_MOST_ERROR_BYTES, _ERROR_BODY_SECONDS)
        finally:
            await reply.aclose()
        if 300 <= reply.status < 400:
            return ServerError(""), self._redirected(reply)
        now = time.time()
        error = read_error_bytes(body, now=now)
        failure = classify(
            error,
            server=self._address.label,
            status=reply.status,
            headers=reply.headers,
            key=self._key,
            now=now,
            model=visible(self._model, limit=80),
        )
        return error, failure

    def _room(self, error: ServerError, failure: ModelFailure, request: ChatRequest) -> int | None:
        """The tokens left for the reply, where the prompt fits the context and the asked limit does not."""
        room = room_left(error, request.sampling.max_tokens) if failure.kind == "context" else None
        if room is not None:
            self._note("the context is nearly full: replies are asked for at most as long as it has room")
        return room

    def _adapted(
        self,
        error: ServerError,
        failure: ModelFailure,
        status: int,
        request: ChatRequest,
        parameters: dict[str, Any],
    ) -> bool:
        """Whether something was learnt from a refusal, so that asking again otherwise is worth it."""
        if failure.kind not in ("rejected", "server"):
            return False
        change = self._dialect.adapt_role(error, request.messages)
        if change is None and status in (400, 422):
            change = self._dialect.adapt(error, parameters, request.sampling)
        if change:
            self._note(change)
        return change is not None

    def _note(self, words: str) -> None:
        self._unsaid.append(Notice(f"{self._info.name}: {words}"))

    def _finished(self, opened: _Opened) -> Finished:
        """The end of the reply. One that ends with `[DONE]` alone is asked for once more, and then taken and marked."""
        reader = opened.reader
        if reader.refusal:
            self._unsaid.append(Notice(reader.refusal))
        if reader.whole:
            if word := reader.unknown_word():
                self._note(f'a reply ended with the word "{word}", which is taken as its end')
            finished = reader.finish()
            self._reasons_seen = max(self._reasons_seen, 0) + 1
            return finished
        if reader.ended_by_done_alone:
            digest = blake2b(opened.body, digest_size=16).digest()
            if self._reasons_seen < 0 or digest in self._unfinished:
                self._unfinished.discard(digest)
                if not self._reasons_seen:
                    self._reasons_seen = -1
                self._note("replies end with [DONE] and no finish reason: taken as whole, and marked")
                return reader.finish(without_reason=True)
            if len(self._unfinished) < _MOST_UNFINISHED:
                self._unfinished.add(digest)
        return reader.finish()

    def _redirected(self, reply: HttpReply) -> ModelFailure:
        target = reply.headers.get("location", "").split("?")[0].split("#")[0]
        scheme, _, rest = target.rpartition("://")
        shown = clean_text(
            f"{scheme}://{rest.rsplit('@', 1)[-1]}" if scheme else target, key=self._key, limit=120
        )
        text = f"{self._address.label} answered {reply.status}, a redirect to {shown or 'nowhere'}"
        return ModelFailure("rejected", f"{text}: not followed, give the right base URL", retryable=False)

    async def _next_bytes(self, reply: HttpReply, reader: ReplyReader, clock: SilenceClock) -> bytes | None:
        """The next bytes of the body; a reply that is whole is not lost to what happens after it."""
        try:
            return await reply.read(clock.seconds_left(reader))
        except ModelFailure:
            if reader.done or reader.whole:
                reader.broken = True
                return None
            raise
