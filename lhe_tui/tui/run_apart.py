"""From the run screen into a turn: the inspector, and back to where it was left."""

from __future__ import annotations

from lhe_tui.tui.branch_actions import BranchActions
from lhe_tui.tui.run_actions import RunActions
from lhe_tui.tui.turn_finding import Place


class RunApart(RunActions, BranchActions[None]):
    """The run screen's actions that take a turn apart or leave it for another."""

    def action_inspect(self) -> None:
        """The turn under the cursor, or the newest finished one, in the inspector."""
        place = self.branch_place()
        if place is None:
            self.say("no turn of this sample is finished yet")
        else:
            self.open_inspector(*place)

    def branch_place(self) -> Place | None:
        """The turn under the cursor, or the newest finished one."""
        turn = self.transcript.selected or self.transcript.finished_turns
        return Place(self.controller.followed, turn) if turn else None

    def open_inspector(self, sample: int, turn: int) -> None:
        """Take a finished turn apart; the cursor comes back with it."""
        from lhe_tui.tui.inspect_screen import InspectScreen

        self.app.push_screen(InspectScreen(self.controller, sample, turn), self._come_back)

    def _come_back(self, place: Place | None) -> None:
        if place is None:
            return
        self.controller.follow(place.sample)
        self.poll()
        self.transcript.select(place.turn)
