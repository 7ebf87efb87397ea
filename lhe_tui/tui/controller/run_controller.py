"""What stands between a run or a replay and the screens that show it. It outlives them, and touches no widget."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.engine.breakpoints import Breakpoints, BreakpointWatch
from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Change, ControlError, Controls
from lhe_tui.text.visible import safe_error
from lhe_tui.tui.controller.control_arm import ControlArm
from lhe_tui.tui.controller.rate_meter import RateMeter
from lhe_tui.tui.controller.sources import LiveSource, ReplaySource, Source

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun

STOP_GRACE = 5.0
"""Seconds that a run has to end by itself before its task is cancelled."""

FASTEST = 1024.0
"""How many times faster than recorded a replay can be made to play by hand."""
SETTLE_EVERY = 5_000
"""Turns after which the garbage collector is told again to leave what is held alone (100,000 turns cost it 0.4 s)."""


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
        self.control_arm: ControlArm | None = None
        """The control arm without the switch that was thrown last, where a person asked for one."""
        self.control_arm_wanted = False
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
        self._closed = False

    # ---- life

    def start(self) -> None:
        """Begin to consume the events, in a task of its own that outlives every screen."""
        if self._task is None:
            self._task = asyncio.create_task(self._consume(), name="run")

    async def close(self) -> None:
        """End the run, its session whole on disk; returns when nothing of it is under way any more."""
        if self.control_arm is not None:
            await self.control_arm.close()
        task = self._task
        if task is not None and not task.done():
            self._source.stop()
            await asyncio.wait([task], timeout=STOP_GRACE)
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        # A screen may look once more before it goes.
        self._closed = True
        if self._settled:
            # What was taken out of the garbage collector's sight could never be freed.
            gc.unfreeze()
            self._settled = 0

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
    def live(self) -> bool:
        """Whether a run (no replay) is under way."""
        return self.alive and not self.replaying and not self.finished

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
        if not self._closed and abs(state.finished_turns - self._settled) >= SETTLE_EVERY:
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
        """Pause, or resume; a replay that is at its end plays again from the start."""
        if self.replay is not None and self.replay.ended:
            self.replay.seek(0)
            self.replay.resume()
        elif self.state.status == "paused":
            self._source.resume()
        else:
            self._source.pause()
        arm = self.control_arm.controller if self.control_arm else None
        # One key for both: a control arm that ran on alone would be compared with nothing.
        if arm is not None and (arm.state.status == "paused") != (self.state.status == "paused"):
            arm.toggle_pause()
        self._looked += 1

    def pause(self) -> None:
        """Pause."""
        self._source.pause()

    def step(self) -> None:
        """One turn, then pause again."""
        self._source.step_turn()
        if self.control_arm is not None and self.control_arm.controller is not None:
            self.control_arm.controller.step()

    def stop(self) -> None:
        """End the run, and its control arm."""
        if self.control_arm is not None and self.control_arm.controller is not None:
            self.control_arm.controller.stop()
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

    async def prepare(self, change: Change) -> None:
        """Open the models that a change hands over to. Raises LheError where one cannot be."""
        for name, value in change:
            if name == "model" and self.run is not None:
                await asyncio.to_thread(self.run.open_model, str(value))

    def change(self, change: Change) -> int:
        """Ask for a change of controls; returns the turn from which it holds. Raises ControlError."""
        if self.run is None:
            raise ControlError("a recorded session plays as it was: its controls cannot change")
        if not self.alive:
            raise ControlError("the run is over: nothing can change any more")
        turn = self.run.change(change)
        if self.control_arm is not None:
            self.control_arm.follow(change, turn)
        elif self.control_arm_wanted:
            self.control_arm_wanted = False
            self.control_arm = ControlArm(self, change, turn, _drive)
        return turn

    def toggle_control_arm(self) -> bool:
        """Ask for a control arm at the next switch, or take that back; returns whether it is asked for."""
        self.control_arm_wanted = self.run is not None and not self.control_arm_wanted
        self._looked += 1
        return self.control_arm_wanted

    def set_breakpoints(self, breakpoints: Breakpoints) -> None:
        """What pauses the live run from now on; nothing is watched before the first one is set."""
        if self.run is None:
            return
        if self.watch is None:
            self.watch = BreakpointWatch()
            self.run.watch = self.watch
        self.watch.breakpoints = breakpoints
        self._looked += 1


def _drive(started: StartedRun) -> RunController:
    return RunController(started.run, path=started.path, on_end=started.writer.close)
