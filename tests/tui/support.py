"""What the screen tests share: waiting for a predicate, reading what stands on a screen, an app with no neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from lhe_tui.launch.settings import Config
from lhe_tui.models.base import ModelInfo
from lhe_tui.models.discovery import LocalServer
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.picker.model_sources import ModelSources

PATIENCE = 20.0
"""Seconds after which a predicate that still does not hold fails its test."""


async def wait_until(pilot: Pilot[Any], predicate: Callable[[], object], what: str = "") -> None:
    """Let the app go on until the predicate holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not predicate():
                await pilot.pause(0.01)
    except TimeoutError:
        raise AssertionError(f"never came true: {what or predicate}\n{screen_text(pilot.app)}") from None


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in lines)


def no_sources(
    servers: Iterable[LocalServer] = (), models: dict[str, list[ModelInfo] | Exception] | None = None
) -> ModelSources:
    """Model sources that ask nobody."""

    async def find_servers() -> Iterable[LocalServer]:
        return servers

    async def list_models(key: str, _variable: str | None) -> list[ModelInfo]:
        answer = (models or {}).get(key, [])
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ModelSources(find_servers, list_models)


def lone_app(sources: ModelSources | None = None, config: Config | None = None) -> LheApp:
    """The app with no servers, no settings and no network."""
    return LheApp(config=config or Config(), sources=sources or no_sources())
