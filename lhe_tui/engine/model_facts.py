"""Asking servers, before the first turn, what they know of their models: how long a context is, above all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from lhe_tui.models.base import ChatModel, ModelFailure, ModelInfo

SECONDS = 2.0
"""How long a run waits for it; facts are worth having and never worth a late start."""


@runtime_checkable
class Describable(Protocol):
    """A model whose server can be asked for facts; they are in its `info` afterwards."""

    async def describe(self) -> ModelInfo:
        """Ask. Raises ModelFailure."""
        ...


class ModelFacts:
    """Each model of a run is asked about once, by whoever comes first; all others wait for the same answer."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Task[None]] = {}

    async def learn(self, models: Iterable[tuple[str, ChatModel]]) -> None:
        """Return when everything that can be known of these models is known, or its time is over. Never fails."""
        waited = []
        for name, model in models:
            if isinstance(model, Describable):
                if name not in self._asked:
                    self._asked[name] = asyncio.create_task(_describe(model), name=f"facts of {name}")
                waited.append(self._asked[name])
        unfinished = [task for task in waited if not task.done()]
        if unfinished:
            await asyncio.wait(unfinished)

    async def aclose(self) -> None:
        """Ask no longer; before the models are closed."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


async def _describe(model: Describable) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await model.describe()
    except (ModelFailure, TimeoutError):
        # A server without a list of models is asked for its replies all the same.
        return
