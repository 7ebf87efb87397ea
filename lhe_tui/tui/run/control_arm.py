"""A twin: the control arm of a live run, kept running without a switch that was thrown (DESIGN §2.7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.charts.plot import Series, smooth
from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import ControlsChanged, Event
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change, ControlError, change_words
from lhe_tui.task.scoring import accuracies
from lhe_tui.text.visible import safe_error, visible
from lhe_tui.tui.branch.start_fork import new_session_id, now_utc, opener_of
from lhe_tui.tui.run.run_figures import Figure, seen_tallies

if TYPE_CHECKING:
    from lhe_tui.tui.run.run_controller import RunController

LOOK_EVERY = 0.05
"""Seconds between two looks whether the turns before the switch are done."""


class ControlArm:
    """Runs all samples on from the turn of a change, without it, as a session of its own; the run is only read."""

    def __init__(
        self,
        parent: RunController,
        change: Change,
        turn: int,
        open_model: Callable[[str], ChatModel] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.change = change
        self.turn = turn
        self.controller: RunController | None = None
        """Drives the twin's run, once it has begun."""
        self.error = ""
        """Why there is no twin, where there is none: visible text."""
        self.note = ""
        """What a later switch could not change in it: visible text."""
        state = parent.state
        self.words = visible(change_words(change, state.controls_at(turn)), limit=40)
        self._parent = parent
        self._open_model = open_model
        self._folder = folder
        self._task = asyncio.create_task(self._begin(), name="twin")

    @property
    def state(self) -> RunState | None:
        """The twin's fold; None before it has begun."""
        return self.controller.state if self.controller else None

    @property
    def status(self) -> str:
        """One line for the screen."""
        if self.error:
            return f"no twin: {self.error}"
        if self.state is None:
            return f"twin without {self.words} begins after turn {self.turn - 1}"
        turns = f"{self.state.complete_turns}/{self.state.spec.turns}"
        return f"twin without {self.words}: turn {turns}{self.note}"

    def follow(self, change: Change, turn: int) -> None:
        """Throw a later switch in the twin too, from the same turn where that is still to come."""
        run = self.controller.run if self.controller else None
        if run is None:
            return
        try:
            run.change(change, turn)
        except ControlError as error:
            self.note = f" ({visible(str(error), limit=80)})"

    async def close(self) -> None:
        """End it, its session whole on disk."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.controller is not None:
            await self.controller.close()

    # ---- beginning

    async def _begin(self) -> None:
        try:
            while not self._ready():
                if not self._parent.alive:
                    self.error = "the run ended before the switch took force"
                    return
                await asyncio.sleep(LOOK_EVERY)
            self.controller = self._open()
            self.controller.start()
            # Its workers are made by now and have not begun: where the run stands still, so does its twin.
            await asyncio.sleep(0)
            if self._parent.state.status == "paused":
                self.controller.pause()
        except Exception as error:  # noqa: BLE001  a twin that cannot be must not harm the run that it leaves
            self.error = safe_error(error, limit=200)

    def _samples(self) -> tuple[int, ...]:
        return tuple(
            number for number, sample in enumerate(self._parent.state.samples, 1) if not sample.failed
        )

    def _ready(self) -> bool:
        samples = self._samples()
        turns = self._parent.state.samples
        return bool(samples) and all(len(turns[number - 1].turns) >= self.turn - 1 for number in samples)

    def _open(self) -> RunController:
        from lhe_tui.engine.runner import Run, RunLimits
        from lhe_tui.launch.models import default_concurrency, recorded_speed
        from lhe_tui.launch.paths import session_folder
        from lhe_tui.record.session_file import SessionWriter, new_session_path
        from lhe_tui.tui.run.run_controller import RunController

        events = self._events()
        state = fold(events)
        header = state.header
        opener = self._open_model or opener_of(header, speed=recorded_speed(header))
        concurrency = default_concurrency([state.controls.model], opener, len(state.samples))
        writer = SessionWriter.create(new_session_path(self._folder or session_folder(), header), header)
        for event in events[1:]:
            writer.write(event)
        # What was switched since, beside the one change, holds for both.
        later = [(c.turn, c.change) for c in self._parent.state.changes if c.turn > self.turn]
        run = Run(state, opener, record=writer.write, pace=RunLimits(concurrency=concurrency), script=later)
        return RunController(run, path=writer.path, on_end=writer.close)

    def _events(self) -> list[Event]:
        """The branch's first events, without the change that it is there to do without."""
        parent = self._parent
        branch = Branch(self.turn, self._samples(), note=f"twin: without {self.words}")
        events = branch_events(
            parent.state, branch, session=new_session_id(), created=now_utc(), path=str(parent.path or "")
        )
        return [event for event in events if not self._is_the_change(event)]

    def _is_the_change(self, event: Event) -> bool:
        return isinstance(event, ControlsChanged) and (event.turn, event.change) == (self.turn, self.change)


def with_twin(figure: Figure, twin: ControlArm, own: RunState, smoothed: bool) -> Figure:
    """The accuracy figure with the twin's turn accuracy as a dimmed reference, and both in words."""
    state = twin.state
    if state is None:
        return figure
    tallies = seen_tallies(state)
    shown = smooth(accuracies(tallies, "turn")) if smoothed else accuracies(tallies, "turn")
    points = [(float(turn), value) for turn, value in enumerate(shown, 1) if turn >= twin.turn]
    series = Series(points, f"without {twin.words}", "reference", dimmed=True)
    chart = replace(figure.chart, series=[*figure.chart.series, series])
    last = min(len(tallies), own.complete_turns)
    if last < twin.turn:
        return Figure(chart, twin.status)
    with_it, without = (_share(run, twin.turn, last) for run in (own, state))
    note = f"turns {twin.turn}–{last}: {with_it} with {twin.words}, {without} without (dashed)"
    return Figure(chart, note)


def _share(state: RunState, first: int, last: int) -> str:
    tallies = state.tallies[first - 1 : last]
    scored = sum(tally.n for tally in tallies)
    return f"{100 * sum(tally.correct for tally in tallies) / scored:.0f} %" if scored else "–"
