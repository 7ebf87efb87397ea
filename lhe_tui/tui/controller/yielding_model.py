"""Simulated models that answer at once, asked by many runs side by side, leave room for keys and screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from lhe_tui.models.base import ChatModel, ChatRequest, Chunk, ModelInfo


class YieldingModel:
    """A model that lets the loop go round once before each answer."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        return self._model.info

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Ask the model itself, after everybody else had a turn."""
        await asyncio.sleep(0)
        async for chunk in self._model.stream(request):
            yield chunk

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()


def yielding(open_model: Callable[[str], ChatModel]) -> Callable[[str], ChatModel]:
    """Opens models; the simulated ones yield."""

    def opened(name: str) -> ChatModel:
        model = open_model(name)
        return YieldingModel(model) if model.info.simulated else model

    return opened
