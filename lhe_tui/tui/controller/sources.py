"""What a controller drives: a live run, a replay, or a recorded session that stands at its end."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Protocol

from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change


class Source(Protocol):
    """What a live run and a replay have in common."""

    @property
    def state(self) -> RunState:
        """The fold of all events so far; a replay puts another in its place when it seeks back."""
        ...

    def events(self) -> AsyncGenerator[Event, None]:
        """Run to the end; each event is already folded into `state` when it comes out."""
        ...

    def pause(self) -> None:
        """Pause."""
        ...

    def resume(self) -> None:
        """Resume."""
        ...

    def step_turn(self) -> None:
        """One turn, then pause again."""
        ...

    def stop(self) -> None:
        """End."""
        ...


class LiveSource(Source, Protocol):
    """A live run: its controls can change, and breakpoints pause it."""

    watch: Callable[[RunState, TurnRecord, int], str | None]

    def open_model(self, name: str) -> ChatModel:
        """A model by its name. May take its time: for a thread."""
        ...

    def change(self, change: Change, turn: int | None = None) -> int:
        """Ask for a change; returns the turn from which it holds. Raises ControlError."""
        ...


class ReplaySource(Source, Protocol):
    """A replay: it can be sought through."""

    @property
    def speed(self) -> float:
        """How many times faster than recorded; infinite: at once."""
        ...

    @property
    def ended(self) -> bool:
        """Whether everything recorded has been given."""
        ...

    def seek(self, turn: int) -> None:
        """Go to where every sample has finished `turn` turns (0: before the first)."""
        ...

    def set_speed(self, speed: float) -> None:
        """Play so many times faster than recorded."""
        ...


class DrivenRun(Protocol):
    """A run with the controller that drives it, as its control arm sees it."""

    run: LiveSource | None
    path: Path | None

    @property
    def state(self) -> RunState:
        """The fold of all events so far."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the run is still under way (paused counts)."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def toggle_pause(self) -> None:
        """Pause, or resume."""
        ...

    def pause(self) -> None:
        """Pause."""
        ...

    def step(self) -> None:
        """One turn, then pause again."""
        ...

    def stop(self) -> None:
        """End."""
        ...

    async def close(self) -> None:
        """End, with the session whole on disk."""
        ...


class StandingSource:
    """A recorded session that stands at its end, for screens that show single turns of it."""

    speed = math.inf
    ended = True

    def __init__(self, state: RunState) -> None:
        self._state = state

    @property
    def state(self) -> RunState:
        """The fold of everything recorded."""
        return self._state

    async def events(self) -> AsyncGenerator[Event, None]:
        """Nothing more comes."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    def pause(self) -> None:
        """It stands already."""

    resume = step_turn = stop = pause

    def seek(self, turn: int) -> None:
        """It stands at its end."""

    def set_speed(self, speed: float) -> None:
        """It does not play."""
