"""A local model as a `ChatModel`: llama.cpp's own server in a child process, asked like any other server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from lhe_tui.models.base import (
    ChatRequest,
    Chunk,
    ModelFailure,
    ModelInfo,
    ModelNotAvailable,
    Notice,
)
from lhe_tui.models.local.gguf_file import GGUFError, check_gguf
from lhe_tui.models.local.process import (
    CONTEXT,
    MOST_THREADS,
    RuntimeProcess,
    Source,
    cores,
    release,
    share,
)
from lhe_tui.models.local.weights import GGUF_PREFIX, INSTALL, known_model, runtime_installed
from lhe_tui.models.openai.client import OpenAICompatibleModel
from lhe_tui.models.openai.patience import LOCAL_PATIENCE
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.models.openai.server_style import ServerStyle

THREADS_VARIABLE = "LHE_LOCAL_THREADS"
CONTEXT_VARIABLE = "LHE_LOCAL_CONTEXT"
_SEEDS = 2**31


def local_model(name: str, env: Mapping[str, str] | None = None) -> LocalModel:
    """The model `local/NAME` or `gguf:PATH`; nothing is loaded yet. Raises ModelNotAvailable."""
    env = os.environ if env is None else env
    threads = _setting(env, THREADS_VARIABLE, min(cores(), MOST_THREADS), most=512)
    context = _setting(env, CONTEXT_VARIABLE, CONTEXT, most=10_000_000)
    if not name.startswith(GGUF_PREFIX):
        known = known_model(name)
        return LocalModel(known.info, Source(name, None, threads, context))
    if not runtime_installed():
        raise ModelNotAvailable(f"{GGUF_PREFIX}PATH needs the local runtime: {INSTALL}")
    path = Path(name.removeprefix(GGUF_PREFIX)).expanduser().absolute()
    try:
        check_gguf(path)
    except GGUFError as error:
        raise ModelNotAvailable(error.sentence) from None
    return LocalModel(
        ModelInfo(name, local=True, note=f"{path.name}, run by lhe-tui"),
        Source(name, path, threads, context),
    )


def _setting(env: Mapping[str, str], variable: str, default: int, *, most: int) -> int:
    text = env.get(variable, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise ModelNotAvailable(f"{variable} takes a whole number from 1 to {most:,}, not {text[:40]!r}")
    return int(text)


class LocalModel:
    """One model that runs on this machine. It is loaded by the first request, and again after a crash."""

    def __init__(self, info: ModelInfo, source: Source) -> None:
        self._info = info
        self._source = source
        self._process: RuntimeProcess | None = None
        self._clients: dict[int, OpenAICompatibleModel] = {}
        self._asked_at: ServerAddress | None = None

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        return self._info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask once, when no other request is under way; see `ChatModel.stream`."""
        process = self._shared()
        async with process.turns:
            if not process.running:
                yield Notice(f"{self._info.name} is being loaded")
                await asyncio.to_thread(process.start)
            self._info = replace(self._info, context_length=process.context_length)
            client = await self._client(process, process.slots.slot_for(request.messages))
            try:
                async with aclosing(client.stream(seeded(request))) as chunks:
                    async for chunk in chunks:
                        yield chunk
            except ModelFailure as failure:
                # A connection that breaks because the process is gone is the process' failure.
                broken = failure.kind in ("cut", "unreachable")
                raise (await asyncio.to_thread(process.failure) if broken else None) or failure from None

    async def aclose(self) -> None:
        """Let go of the process, which ends with its last user; safe to call twice."""
        await self._drop_clients()
        process, self._process = self._process, None
        if process is not None:
            release(process)

    def __repr__(self) -> str:
        return f"LocalModel({self._info.name!r})"

    def _shared(self) -> RuntimeProcess:
        if self._process is None:
            self._process = share(self._source)
        return self._process

    async def _client(self, process: RuntimeProcess, slot: int) -> OpenAICompatibleModel:
        address = process.address
        if address is None:
            raise ModelFailure("unreachable", f"{self._info.name} was closed", retryable=False)
        if address != self._asked_at:
            await self._drop_clients()
            self._asked_at = address
        if slot not in self._clients:
            style = ServerStyle(extra=(("id_slot", slot),))
            self._clients[slot] = OpenAICompatibleModel(
                self._info,
                address,
                self._info.name,
                key=process.key,
                style=style,
                patience=LOCAL_PATIENCE,
            )
        return self._clients[slot]

    async def _drop_clients(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()


def seeded(request: ChatRequest) -> ChatRequest:
    """The request with a seed of its own where the user set none, so that a run can be repeated."""
    if request.sampling.seed is not None:
        return request
    return replace(request, sampling=replace(request.sampling, seed=request.draw % _SEEDS))
