"""The control arm of a live run: the same run, kept going without a switch that was thrown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change, ControlError, change_words
from lhe_tui.text.visible import safe_error, visible
from lhe_tui.tui.controller.sources import DrivenRun

if TYPE_CHECKING:
    from lhe_tui.tui.run.start_run import StartedRun

LOOK_EVERY = 0.05
"""Seconds between two looks whether the turns before the switch are done."""


class ControlArm:
    """Runs all samples on from the turn of a change, without it, as a session of its own; the run is only read.

    `drive` makes a controller of a started run.
    """

    def __init__(
        self,
        parent: DrivenRun,
        change: Change,
        turn: int,
        drive: Callable[[StartedRun], DrivenRun],
        *,
        open_model: Callable[[str], ChatModel] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.change = change
        self.turn = turn
        self.controller: DrivenRun | None = None
        """Drives the arm's run, once it has begun."""
        self.error = ""
        """Why there is no control arm, where there is none: visible text."""
        self.note = ""
        """What a later switch could not change in it: visible text."""
        self.words = visible(change_words(change, parent.state.controls_at(turn)), limit=40)
        self._parent = parent
        self._drive = drive
        self._open_model = open_model
        self._folder = folder
        self._closed = False
        self._task = asyncio.create_task(self._begin(), name="control arm")

    @property
    def state(self) -> RunState | None:
        """The arm's fold; None before it has begun."""
        return self.controller.state if self.controller else None

    @property
    def status(self) -> str:
        """One line for the screen."""
        if self.error:
            return f"no control arm: {self.error}"
        if self.state is None:
            return f"control arm without {self.words} begins after turn {self.turn - 1}"
        turns = f"{self.state.complete_turns}/{self.state.spec.turns}"
        return f"control arm without {self.words}: turn {turns}{self.note}"

    def follow(self, change: Change, turn: int) -> None:
        """Throw a later switch in the arm too, from the same turn where that is still to come."""
        run = self.controller.run if self.controller else None
        if run is None:
            return
        try:
            run.change(change, turn)
        except ControlError as error:
            self.note = f" ({visible(str(error), limit=80)})"

    async def close(self) -> None:
        """End it, its session whole on disk."""
        self._closed = True
        await self._task
        if self.controller is not None:
            await self.controller.close()

    # ---- beginning

    async def _begin(self) -> None:
        try:
            while not self._ready():
                if self._closed or not self._parent.alive:
                    self.error = "the run ended before the switch took force"
                    return
                await asyncio.sleep(LOOK_EVERY)
            started = await self._build()
            if self._closed:
                started.writer.close()
                return
            self.controller = self._drive(started)
            self.controller.start()
            # Its workers are made by now and have not begun: where the run is paused, so is its control arm.
            await asyncio.sleep(0)
            if self._parent.state.status == "paused":
                self.controller.pause()
        except Exception as error:  # noqa: BLE001  an arm that cannot be must not harm the run that it leaves
            self.error = safe_error(error, limit=200)

    def _samples(self) -> tuple[int, ...]:
        return tuple(
            number for number, sample in enumerate(self._parent.state.samples, 1) if not sample.failed
        )

    def _ready(self) -> bool:
        samples = self._samples()
        turns = self._parent.state.samples
        return bool(samples) and all(len(turns[number - 1].turns) >= self.turn - 1 for number in samples)

    async def _build(self) -> StartedRun:
        from lhe_tui.tui.controller.start_control_arm import control_arm_events, start_control_arm

        state = self._parent.state
        note = f"control arm: without {self.words}"
        path = str(self._parent.path or "")
        # What was switched since, beside the one change, holds for both.
        later = [(event.turn, event.change) for event in state.changes if event.turn > self.turn]
        samples, change, turn = self._samples(), self.change, self.turn

        def build() -> StartedRun:
            # The past that is copied does not change any more; what comes is only ever appended.
            events = control_arm_events(state, change, turn, samples, note, path)
            return start_control_arm(events, later, self._open_model, self._folder)

        # A long past takes its time, opening the model may ask the keyring, and the session is written.
        return await asyncio.to_thread(build)
