"""Several runs at once on the same models: what they share, and what none of them may close."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lhe_tui.models.base import ChatModel, ChatRequest, Chunk, ModelInfo


class BorrowedModel:
    """A model that several runs ask, and that none of them closes: that is left to whoever opened it."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        return self._model.info

    def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Ask the model itself."""
        return self._model.stream(request)

    async def aclose(self) -> None:
        """Keeps it open."""
