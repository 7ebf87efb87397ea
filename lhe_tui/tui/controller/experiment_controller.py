"""An experiment under way. It outlives the screens that show it, and touches no widget."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Literal

from lhe_tui.launch.models import ModelOpener
from lhe_tui.text.visible import safe_error, visible

STOP_GRACE = 5.0
"""Seconds that the runs have to end by themselves before their task is cancelled."""
MOST_AT_ONCE = 8
_NOTICES = 200

ExperimentStatus = Literal["ready", "running", "finished", "stopped", "stuck"]


class ExperimentController(ABC):
    """What all experiments have in common: start, stop, notices. Screens poll `version`."""

    def __init__(self, opener: ModelOpener, clock: Callable[[], float]) -> None:
        self.opener = opener
        self.error = ""
        """Why all of it broke off, where it did: visible text."""
        self.notices: deque[str] = deque(maxlen=_NOTICES)
        self.version = 0
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._started = 0.0
        self._ended = 0.0
        self._asked_before = 0

    # ---- filled in by the kinds

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called; may be foreign."""

    @property
    @abstractmethod
    def folder(self) -> Path:
        """Where its sessions lie."""

    @property
    @abstractmethod
    def models(self) -> Sequence[str]:
        """Every model that is asked."""

    @property
    @abstractmethod
    def base_url(self) -> str | None:
        """Another server, where one is asked."""

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Whether nothing is left to ask."""

    @property
    @abstractmethod
    def faults(self) -> Sequence[tuple[str, str]]:
        """(what, why) of what stands still for want of something; may be foreign."""

    @property
    @abstractmethod
    def asked(self) -> int:
        """Turns answered so far."""

    @abstractmethod
    def progress_words(self) -> str:
        """How far it is, in a few words."""

    @abstractmethod
    def resume_command(self) -> Sequence[str]:
        """The command that resumes it, word by word."""

    @abstractmethod
    def estimate_words(self) -> str:
        """What is left to ask. Raises ModelNotAvailable."""

    @abstractmethod
    def reopened(self) -> ExperimentController:
        """The same as its folder holds it now, to be resumed; call it in a thread. Raises GridError."""

    @abstractmethod
    def _growing(self) -> AsyncGenerator[object, None]:
        """Ask what is left to ask; yields whenever something grew."""

    @abstractmethod
    def _stop_runs(self) -> None:
        """End what runs, sessions whole."""

    @abstractmethod
    def _close_files(self) -> None:
        """Let go of what is open."""

    # ---- reading

    @property
    def running(self) -> bool:
        """Whether anything is being asked."""
        return self._task is not None and not self._task.done()

    @property
    def status(self) -> ExperimentStatus:
        """How it stands; `stuck`: something stands still for want of something."""
        if self.running:
            return "running"
        if self.finished:
            return "finished"
        if self.error or self.faults:
            return "stuck"
        return "ready" if self._task is None else "stopped"

    @property
    def elapsed(self) -> float:
        """Seconds since this start."""
        if not self._task:
            return 0.0
        return (self._clock() if self.running else self._ended) - self._started

    # ---- life

    def start(self) -> None:
        """Ask what is left to ask, in a task of its own."""
        if self._task is None and not self.finished:
            self._started = self._clock()
            self._asked_before = self.asked
            self._task = asyncio.create_task(self._consume(), name="experiment")

    def stop(self) -> None:
        """End it; every session stays whole, and it can be resumed."""
        self._stop_runs()
        self.version += 1

    async def close(self) -> None:
        """End it and let go of its files; returns when nothing of it is under way any more."""
        task = self._task
        if task is not None and not task.done():
            self._stop_runs()
            await asyncio.wait([task], timeout=STOP_GRACE)
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        self._close_files()

    async def _consume(self) -> None:
        try:
            async with aclosing(self._growing()) as growing:
                async for _ in growing:
                    self.version += 1
        except Exception as error:  # noqa: BLE001  whatever breaks an experiment is shown on its screen, and the app lives on
            self.error = safe_error(error)
        finally:
            self._ended = self._clock()
            self._close_files()
            self.version += 1

    def _take_notice(self, where: str, text: str) -> None:
        self.notices.append(visible(f"{where}: {text}", limit=500))

    def open_models(self) -> None:
        """Open every model that is asked; may ask the keyring, so call it in a thread. Raises ModelNotAvailable."""
        for name in self.models:
            self.opener(name)


REAL_CLOCK = time.monotonic
