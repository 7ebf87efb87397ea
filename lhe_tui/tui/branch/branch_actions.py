"""Resample, fork and arms: the same three ways from a turn onwards, for the run screen and the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual import work
from textual.screen import Screen

from lhe_tui.engine.branching import Branch
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.turn.turn_finding import Place

if TYPE_CHECKING:
    from lhe_tui.tui.app import LheApp

Result = TypeVar("Result")


class BranchActions(Screen[Result]):
    """A screen that shows a turn, from which others can be asked."""

    controller: RunController

    def branch_place(self) -> Place | None:
        """The turn to start from; None where none is finished yet."""
        raise NotImplementedError

    def show_place(self, place: Place) -> None:
        """Take this turn apart."""
        raise NotImplementedError

    def say(self, words: str, *, problem: bool = False) -> None:
        """A passing word."""
        raise NotImplementedError

    def _place_or_word(self) -> Place | None:
        place = self.branch_place()
        if place is None:
            self.say("no turn of this sample is finished yet")
        return place

    @work(group="ask", exclusive=True)
    async def action_slips(self) -> None:
        """The slips over the run; the one chosen is shown."""
        from lhe_tui.tui.branch.slips_screen import SlipsScreen

        place = await self.app.push_screen_wait(SlipsScreen(self.controller, self.slips_from()))
        if place is not None:
            self.show_place(place)

    def slips_from(self) -> Place | None:
        """Where the next turn of a slip is looked for from."""
        return None

    def action_resample(self) -> None:
        """Ask the same request again."""
        from lhe_tui.tui.branch.resample_screen import ResampleScreen

        place = self._place_or_word()
        if place is not None:
            self.app.push_screen(ResampleScreen(self.controller.state, *place))

    def action_arms(self) -> None:
        """Several histories side by side."""
        from lhe_tui.tui.branch.arms_screen import ArmsScreen

        place = self._place_or_word()
        if place is not None:
            self.app.push_screen(ArmsScreen(self.controller.state, *place, self.controller.path))

    @work(group="ask", exclusive=True)
    async def action_fork(self) -> None:
        """Leave the session at a turn."""
        from lhe_tui.tui.branch.fork_screen import ForkScreen

        place = self._place_or_word()
        if place is None:
            return
        controller = self.controller
        live = controller.alive and not controller.replaying and not controller.finished
        branch = await self.app.push_screen_wait(ForkScreen(controller.state, *place, live=live))
        if branch is not None:
            self._start_fork(branch)

    def _start_fork(self, branch: Branch) -> None:
        from lhe_tui.tui.branch.start_fork import build_fork

        state, path = self.controller.state, self.controller.path
        lhe(self).open_run(lambda: build_fork(state, branch, path))


def lhe(screen: Screen[Any]) -> LheApp:
    """The app, as what it is."""
    from lhe_tui.tui.app import LheApp

    app = screen.app
    assert isinstance(app, LheApp)
    return app
