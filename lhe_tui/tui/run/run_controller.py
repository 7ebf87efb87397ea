"""What stands between a run or a replay and the screens that show it: lives on the app, never touches a widget."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lhe_tui.engine.breakpoints import Breakpoints, BreakpointWatch
from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.controls import Change, ControlError, Controls
from lhe_tui.text.visible import safe_error
from lhe_tui.tui.run.rate_meter import RateMeter

if TYPE_CHECKING:
    from lhe_tui.tui.run.control_arm import ControlArm

STOP_GRACE = 5.0
"""Seconds that a run has to end by itself before its task is cancelled."""

FASTEST = 1024.0
"""How many times faster than recorded a replay can be made to play by hand."""
SETTLE_EVERY = 5_000
"""Turns after which the garbage collector is told again to leave what is held alone (100,000 turns cost it 0.4 s)."""


class Source(Protocol):
    """What a live run and a replay have in common."""

    @property
    def state(self) -> RunState:
        """The fold of all events so far; a replay puts another in its place when it seeks back."""
        ...

    def events(self) -> AsyncGenerator[Event, None]:
        """Go on until the end; each event is already folded into `state` when it comes out."""
        ...

    def pause(self) -> None:
        """Stand still."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def step_turn(self) -> None:
        """One turn, and stand still again."""
        ...

    def stop(self) -> None:
        """End."""
        ...


class LiveSource(Source, Protocol):
    """A live run: its controls can change, and breakpoints pause it."""

    watch: Callable[[RunState, TurnRecord, int], str | None]

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
        """Stand where every sample has finished `turn` turns (0: before the first)."""
        ...

    def set_speed(self, speed: float) -> None:
        """Play so many times faster than recorded."""
        ...


class RunController:
    """Drives one run or replay, and holds what is being followed on the screens.

    Exactly one of `run` and `replay` is given. `path` is where the session lies; `on_end` is called once nothing more
    will come (a session file is closed there). Screens poll `version`.
    """

    def __init__(
        self,
        run: LiveSource | None = None,
        *,
        replay: ReplaySource | None = None,
        path: Path | None = None,
        on_end: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        source = run or replay
        if source is None:
            raise ValueError("a controller needs a run or a replay")
        self.run = run
        self.replay = replay
        self.path = path
        self.error = ""
        """Why the run broke off, where it did: visible text."""
        self.watch: BreakpointWatch | None = None
        """What pauses the run, once any breakpoint was set."""
        self.twin: ControlArm | None = None
        """The control arm without the switch that was thrown last, where a person wished for one."""
        self.twin_wanted = False
        """Whether the next switch keeps a control arm running without it."""
        self._source: Source = source
        # A recording's own time tells its speed, whatever it is played at.
        self.meter = RateMeter(clock if run is not None else lambda: self.state.elapsed)
        self._on_end = on_end
        self._clock = clock
        self._elapsed = (source.state.elapsed, clock())
        self._task: asyncio.Task[None] | None = None
        self._followed = 1
        self._looked = 0
        self._settled = 0

    # ---- life

    def start(self) -> None:
        """Begin to consume the events, in a task of its own that outlives every screen."""
        if self._task is None:
            self._task = asyncio.create_task(self._consume(), name="run")

    async def close(self) -> None:
        """End the run, its session whole on disk; returns when nothing of it is under way any more."""
        if self.twin is not None:
            await self.twin.close()
        task = self._task
        if task is None or task.done():
            return
        self._source.stop()
        await asyncio.wait([task], timeout=STOP_GRACE)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])

    async def _consume(self) -> None:
        try:
            async with aclosing(self._source.events()) as events:
                async for _ in events:
                    pass
        except Exception as error:  # noqa: BLE001  whatever breaks a run is shown on its screen, and the app lives on
            self.error = safe_error(error)
            self._looked += 1
        finally:
            if self._on_end is not None:
                self._on_end()

    @property
    def alive(self) -> bool:
        """Whether the run or the replay is still under way (paused counts)."""
        return self._task is not None and not self._task.done()

    # ---- reading

    @property
    def state(self) -> RunState:
        """The fold that everything on a screen is read from."""
        return self._source.state

    @property
    def replaying(self) -> bool:
        """Whether a recorded session is played."""
        return self.replay is not None

    @property
    def version(self) -> tuple[int, int, int]:
        """Changes whenever there is something new to show."""
        state = self._source.state
        return id(state), state.version, self._looked

    @property
    def followed(self) -> int:
        """The sample that is followed, from 1."""
        return self._followed

    def follow(self, sample: int) -> None:
        """Follow another sample; numbers beyond the ends wrap around."""
        self._followed = (sample - 1) % len(self.state.samples) + 1
        self._looked += 1

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return bool(self.error) or self.state.status in ("completed", "stopped")

    @property
    def position(self) -> int:
        """The turn that every sample has come to; 0 before the first."""
        return self.state.complete_turns

    @property
    def controls_now(self) -> Controls:
        """The controls that the newest request was built under."""
        return self.state.controls_at(max(1, self.state.built_turns))

    def observe(self) -> None:
        """Take a reading of the speed; a screen calls it whenever it looks."""
        state = self.state
        if abs(state.finished_turns - self._settled) >= SETTLE_EVERY:
            self._settle()
        running = state.status == "running" and self.alive
        self.meter.observe(running, state.finished_turns, state.completion_tokens)
        if state.elapsed != self._elapsed[0] or not running:
            self._elapsed = (state.elapsed, self._clock())

    def _settle(self) -> None:
        """Take what is held so far out of the garbage collector's sight: walking it all would stop the screen."""
        self._settled = self.state.finished_turns
        gc.freeze()

    @property
    def elapsed(self) -> float:
        """Seconds since the run's first start; between two events of a live run it goes on by the clock."""
        told, since = self._elapsed
        if self.replaying or self.state.status != "running":
            return self.state.elapsed
        return told + max(0.0, self._clock() - since)

    @property
    def seconds_left(self) -> float | None:
        """Until the end at the present speed; None where it cannot be told."""
        spec = self.state.spec
        return self.meter.seconds_left(spec.turns * spec.samples - self.state.finished_turns)

    # ---- steering

    def toggle_pause(self) -> None:
        """Pause, or go on; a replay that is at its end plays again from the start."""
        if self.replay is not None and self.replay.ended:
            self.replay.seek(0)
            self.replay.resume()
        elif self.state.status == "paused":
            self._source.resume()
        else:
            self._source.pause()
        twin = self.twin.controller if self.twin else None
        # One key for both: a twin that ran on alone would be compared with nothing.
        if twin is not None and (twin.state.status == "paused") != (self.state.status == "paused"):
            twin.toggle_pause()
        self._looked += 1

    def pause(self) -> None:
        """Stand still."""
        self._source.pause()

    def step(self) -> None:
        """One turn, and stand still again."""
        self._source.step_turn()
        if self.twin is not None and self.twin.controller is not None:
            self.twin.controller.step()

    def stop(self) -> None:
        """End the run, and its twin."""
        if self.twin is not None and self.twin.controller is not None:
            self.twin.controller.stop()
        self._source.stop()

    def seek(self, turn: int) -> None:
        """Replay: stand where every sample has finished `turn` turns, kept within the session."""
        if self.replay is not None:
            self.replay.seek(max(0, min(turn, self.state.spec.turns)))
            self._looked += 1

    def change_speed(self, factor: float) -> None:
        """Replay: play faster or slower."""
        if self.replay is not None:
            speed = self.replay.speed * factor
            # At once (infinite) is left behind by slowing down, and never reached by speeding up.
            self.replay.set_speed(min(max(speed, 1 / 16), FASTEST))
            self._looked += 1

    def change(self, change: Change) -> int:
        """Ask for a change of controls; returns the turn from which it holds. Raises ControlError."""
        if self.run is None:
            raise ControlError("a recorded session plays as it was: its controls cannot change")
        if not self.alive:
            raise ControlError("the run is over: nothing can change any more")
        turn = self.run.change(change)
        if self.twin is not None:
            self.twin.follow(change, turn)
        elif self.twin_wanted:
            self._begin_twin(change, turn)
        return turn

    def toggle_twin(self) -> bool:
        """Wish for a twin at the next switch, or take the wish back; returns whether it is wished for."""
        self.twin_wanted = self.run is not None and not self.twin_wanted
        self._looked += 1
        return self.twin_wanted

    def _begin_twin(self, change: Change, turn: int) -> None:
        from lhe_tui.tui.run.control_arm import ControlArm

        self.twin_wanted = False
        self.twin = ControlArm(self, change, turn)

    def set_breakpoints(self, breakpoints: Breakpoints) -> None:
        """What pauses the live run from now on; nothing is watched before the first one is set."""
        if self.run is None:
            return
        if self.watch is None:
            self.watch = BreakpointWatch()
            self.run.watch = self.watch
        self.watch.breakpoints = breakpoints
        self._looked += 1
