"""From the run screen into a turn: the inspector, and back to where it was left."""

from __future__ import annotations

from textual import work
from textual.timer import Timer

from lhe_tui.engine.breakpoints import Breakpoints, Hit
from lhe_tui.engine.state import RunState
from lhe_tui.tui.branch.branch_actions import BranchActions
from lhe_tui.tui.run.run_actions import RunActions
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.turn.turn_finding import Place

HIT_EVERY = 0.2
"""Seconds between two looks for a breakpoint that was hit."""


class RunApart(RunActions, BranchActions[None]):
    """The run screen's actions that take a turn apart or leave it for another."""

    def __init__(self, controller: RunController) -> None:
        super().__init__(controller)
        self._lookout: Timer | None = None
        self._opened: Hit | None = None
        """The hit whose turn was opened last."""

    def action_inspect(self) -> None:
        """The turn under the cursor, or the newest finished one, in the inspector."""
        place = self.branch_place()
        if place is None:
            self.say("no turn of this sample is finished yet")
        else:
            self.open_inspector(*place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing pauses a replay but its keys, and it has no switches."""
        if action in ("breakpoints", "twin"):
            return not self.controller.replaying
        return super().check_action(action, parameters)

    def branch_place(self) -> Place | None:
        """The turn under the cursor, or the newest finished one."""
        turn = self.transcript.selected or self.transcript.finished_turns
        return Place(self.controller.followed, turn) if turn else None

    def show_place(self, place: Place) -> None:
        """Take this turn apart."""
        self.open_inspector(*place)

    def open_inspector(self, sample: int, turn: int, reason: str = "") -> None:
        """Take a finished turn apart, saying why where it was not asked for; the cursor comes back with it."""
        from lhe_tui.tui.inspect.inspect_screen import InspectScreen

        self.app.push_screen(InspectScreen(self.controller, sample, turn, reason), self._come_back)

    def _come_back(self, place: Place | None) -> None:
        if place is None:
            return
        self.controller.follow(place.sample)
        self.poll()
        self.transcript.select(place.turn)

    # ---- breakpoints

    @work(group="ask", exclusive=True)
    async def action_breakpoints(self) -> None:
        """Set what pauses the run."""
        from lhe_tui.tui.run.breakpoint_screen import BreakpointScreen

        controller = self.controller
        length = await context_length_of(controller.state)
        now = controller.watch.breakpoints if controller.watch else Breakpoints()
        wanted = await self.app.push_screen_wait(BreakpointScreen(now, length))
        if wanted is not None:
            controller.set_breakpoints(wanted)
            self._look_out()
            self.poll()

    def action_twin(self) -> None:
        """Keep a control arm running without the switch that is thrown next."""
        controller = self.controller
        if controller.twin is not None:
            self.say(f"{controller.twin.status}: one twin at a time")
            return
        if controller.toggle_twin():
            spec = controller.state.spec
            left = (spec.turns - controller.state.built_turns) * len(controller.state.samples)
            self.say(f"the next switch is kept out of a twin: up to {left:,} requests more")
        self.poll()

    def _look_out(self) -> None:
        """Look for hits, from the first breakpoint on: a run without any pays nothing."""
        if self._lookout is None:
            self._lookout = self.set_interval(HIT_EVERY, self._open_hit)

    def _open_hit(self) -> None:
        """Open the turn that a breakpoint was hit at, unless a person is busy elsewhere."""
        watch = self.controller.watch
        hit = watch.hit if watch else None
        if hit is None or hit is self._opened or self.controller.state.status != "paused":
            return
        if self.app.screen is self:
            self._opened = hit
            self.open_inspector(hit.sample, hit.turn, hit.reason)


async def context_length_of(state: RunState) -> int | None:
    """How many tokens the model that is asked now takes, where that is known."""
    from lhe_tui.models.catalogue import ModelNotAvailable
    from lhe_tui.tui.branch.start_fork import opener_of

    opener = opener_of(state.header)
    try:
        return opener(state.controls.model).info.context_length
    except ModelNotAvailable:
        return None
    finally:
        await opener.aclose()
