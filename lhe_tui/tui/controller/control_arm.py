"""The control arm of a live run: the same run, kept going as if one control had been left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.branching import Branch
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change, ControlError, beside, change_words
from lhe_tui.task.stats.paired_tests import PairedDifference, PairedTurn, paired_difference
from lhe_tui.text.visible import safe_error, visible
from lhe_tui.tui.controller.sources import DrivenRun

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun

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
        self.samples: tuple[int, ...] = ()
        """The run's samples that it goes on with, by their numbers there."""
        self._earlier = len(parent.state.changes) - 1
        """How many changes were asked for before the one that it goes without."""
        self._difference: tuple[tuple[int, ...], PairedDifference | None] = (), None
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

    def difference(self, turns: Sequence[int]) -> PairedDifference | None:
        """The run's turn accuracy minus the arm's over these turns, by sample; None where nothing is to compare."""
        if self._difference[0] != tuple(turns) and self.state is not None:
            own, without = self._parent.state.samples, self.state.samples
            pairs = (
                PairedTurn(number, turn, one.outcome == "correct", other.outcome == "correct")
                for number, arm in zip(self.samples, without, strict=True)
                for turn in turns
                for one, other in zip(
                    arm.turns[turn - 1 : turn], own[number - 1].turns[turn - 1 : turn], strict=False
                )
                if "failed" not in (one.outcome, other.outcome)
            )
            self._difference = tuple(turns), paired_difference(pairs)
        return self._difference[1]

    def follow(self, change: Change, turn: int) -> None:
        """Make a later change of other controls in the arm too, from the same turn where that is still to come."""
        run, change = self.controller.run if self.controller else None, beside(change, self.change)
        if run is None or not change:
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
        from lhe_tui.launch.runs import launch, plan_branch

        state = self._parent.state
        self.samples = self._samples()
        branch = Branch(self.turn, self.samples, note=f"control arm: without {self.words}")
        changes = [
            (event.turn, kept)
            for number, event in enumerate(state.changes)
            if event.turn >= self.turn
            and (kept := event.change if number < self._earlier else beside(event.change, self.change))
        ]
        # The past that is copied does not change any more; what comes is only ever appended.
        return await launch(
            partial(
                plan_branch,
                state,
                branch,
                self._parent.path,
                changes=changes,
                open_model=self._open_model,
                folder=self._folder,
            )
        )
