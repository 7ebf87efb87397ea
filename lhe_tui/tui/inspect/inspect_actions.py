"""What the inspector's keys do: one method for each action of the registry."""

from __future__ import annotations

from dataclasses import replace

from textual import work

from lhe_tui.text.visible import visible
from lhe_tui.tui.branch.branch_actions import BranchActions
from lhe_tui.tui.inspect.finding_lines import Folds
from lhe_tui.tui.inspect.message_search import Match
from lhe_tui.tui.inspect.request_lines import RequestLines
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place, Wanted, find_turn
from lhe_tui.tui.widgets.lines_view import LinesView

_NAMES: dict[Wanted, str] = {
    "wrong": "wrong turn",
    "recovery": "recovery (the true sum again after a turn that was off it)",
    "change": "change of controls",
}


class InspectActions(BranchActions[Place]):
    """The actions; the inspector fills in how things are shown. Its result is the turn it was left at."""

    def __init__(self, controller: RunController, place: Place) -> None:
        super().__init__()
        self.controller = controller
        self.place = place
        self.apart: TurnDetail | None = None
        self.diff = False
        self.folds = Folds()
        self.unfolded: frozenset[int] = frozenset()
        """Messages of the request that are shown whole, by their place."""
        self.query_text = ""
        """What was searched for: marked wherever it stands."""
        self.pane = "findings"

    # ---- filled in by the screen

    def show_turn(self) -> None:
        """Take the turn at `place` apart and show it."""
        raise NotImplementedError

    def show_all(self, place: int | None = None) -> None:
        """Lay everything out again; from the top where `place` is 0, else both panes keep their place."""
        raise NotImplementedError

    def choose_pane(self, name: str) -> None:
        """The pane that the arrows scroll."""
        raise NotImplementedError

    @property
    def verdict_view(self) -> LinesView:
        """The lines on top."""
        return self.query_one("#verdict", LinesView)

    @property
    def request_view(self) -> LinesView:
        """The request."""
        return self.query_one("#request", LinesView)

    @property
    def findings_view(self) -> LinesView:
        """What was made of it."""
        return self.query_one("#findings", LinesView)

    @property
    def active_view(self) -> LinesView:
        """The pane that the arrows scroll."""
        return self.request_view if self.pane == "request" else self.findings_view

    def say(self, words: str, *, problem: bool = False) -> None:
        """A passing word; never one that must not be missed."""
        shown = visible(words, limit=300)
        self.notify(shown, severity="warning" if problem else "information", markup=False, timeout=4)

    def fresh_folds(self) -> Folds:
        """Folds of a turn that is newly shown: the choice of raw or stored stays."""
        return Folds(raw=self.folds.raw)

    def branch_place(self) -> Place | None:
        """The turn that is shown."""
        return self.place if self.apart is not None else None

    def slips_from(self) -> Place | None:
        """On from the turn that is shown."""
        return self.place

    def show_place(self, place: Place) -> None:
        """Show this turn."""
        self.go(*place)

    # ---- going about

    def go(self, sample: int, turn: int) -> None:
        """Show another turn, kept within what is finished."""
        samples = self.controller.state.samples
        sample = min(max(1, sample), len(samples))
        done = len(samples[sample - 1].turns)
        if not done:
            self.say(f"sample {sample} has no finished turn yet")
            return
        place = Place(sample, min(max(1, turn), done))
        if place != self.place:
            self.place = place
            self.show_turn()

    def action_next_turn(self) -> None:
        """The turn after."""
        self.go(self.place.sample, self.place.turn + 1)

    def action_previous_turn(self) -> None:
        """The turn before."""
        self.go(self.place.sample, self.place.turn - 1)

    def action_next_sample(self) -> None:
        """The same turn of the next sample."""
        self._turn_sample(1)

    def action_previous_sample(self) -> None:
        """The same turn of the sample before."""
        self._turn_sample(-1)

    def _turn_sample(self, by: int) -> None:
        many = len(self.controller.state.samples)
        self.go((self.place.sample - 1 + by) % many + 1, self.place.turn)

    def _find(self, wanted: Wanted, forward: bool) -> None:
        found = find_turn(self.controller.state, self.place, wanted, forward=forward)
        if found is None:
            self.say(f"no {_NAMES[wanted]} {'after' if forward else 'before'} this turn in any sample")
            return
        if found.sample != self.place.sample:
            self.say(f"on to sample {found.sample}")
        self.go(*found)

    def action_next_wrong(self) -> None:
        """The next turn that is not correct."""
        self._find("wrong", True)

    def action_previous_wrong(self) -> None:
        """The turn before that is not correct."""
        self._find("wrong", False)

    def action_next_recovery(self) -> None:
        """The next turn that is on the true sum again."""
        self._find("recovery", True)

    def action_previous_recovery(self) -> None:
        """The recovery before."""
        self._find("recovery", False)

    def action_next_change(self) -> None:
        """The first turn under the next change of controls."""
        self._find("change", True)

    def action_previous_change(self) -> None:
        """The change of controls before."""
        self._find("change", False)

    def action_back(self) -> None:
        """End the marking of what was searched for; leave where nothing is marked."""
        if self.query_text:
            self.query_text = ""
            self.show_all()
        else:
            self.dismiss(self.place)

    # ---- looking closer

    def action_diff(self) -> None:
        """The request as sent, or against the full history."""
        self.diff = not self.diff
        self.unfolded = frozenset()
        self.choose_pane("request")
        self.show_all(place=0)

    def action_raw(self) -> None:
        """The reply raw, or as stored."""
        self.folds = replace(self.folds, raw=not self.folds.raw)
        self.show_all()

    def action_reasoning(self) -> None:
        """Unfold or fold the reasoning."""
        self.folds = replace(self.folds, reasoning=not self.folds.reasoning)
        self.show_all()

    def action_more(self) -> None:
        """Show more of a long reply or its reasoning."""
        self.folds = replace(self.folds, most=self.folds.most * 8)
        self.show_all()

    def action_unfold(self) -> None:
        """Show every long message of the request whole, or fold them all."""
        lines = self.request_view.lines
        self.choose_pane("request")
        if isinstance(lines, RequestLines):
            self.unfolded = frozenset() if self.unfolded else frozenset(range(len(lines.entries)))
            self.show_all()
            if self.unfolded:
                self.request_view.scroll_to(y=0, animate=False)

    def toggle_entry(self, entry: int) -> None:
        """Show one message of the request whole, or fold it."""
        self.unfolded = self.unfolded ^ {entry}
        self.show_all()

    def action_scroll_up(self) -> None:
        """The pane a line up."""
        self.active_view.scroll_by(-1)

    def action_scroll_down(self) -> None:
        """The pane a line down."""
        self.active_view.scroll_by(1)

    def action_page_up(self) -> None:
        """The pane a page up."""
        self.active_view.scroll_by(-self.active_view.page)

    def action_page_down(self) -> None:
        """The pane a page down."""
        self.active_view.scroll_by(self.active_view.page)

    def action_top(self) -> None:
        """The pane's first line."""
        self.active_view.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        """The pane's last line."""
        self.active_view.go_to_end()

    def action_other_pane(self) -> None:
        """The other pane."""
        self.choose_pane("findings" if self.pane == "request" else "request")

    # ---- search and copy

    @work(group="ask", exclusive=True)
    async def action_search(self) -> None:
        """Search the session's messages, and go to a match."""
        from lhe_tui.tui.inspect.search_screen import SearchScreen

        asked = SearchScreen(self.controller.state, self.place.sample, self.query_text)
        found = await self.app.push_screen_wait(asked)
        if found is None:
            return
        self.query_text = visible(found.query, limit=200)
        if found.match is None:
            self.show_all()
        else:
            self.show_found(found.match)

    def show_found(self, match: Match) -> None:
        """Go to the turn of a match, and to the pane that it stands in."""
        if match.turn:
            self.place = Place(match.sample, match.turn)
        self.show_turn()
        asked = match.where in ("system", "user")
        self.choose_pane("request" if asked else "findings")
        if match.where == "reasoning":
            self.folds = replace(self.folds, reasoning=True, most=max(self.folds.most, 60_000))
        if match.where == "system":
            self.unfolded = frozenset({0})
        self.show_all()
        if match.where != "user":
            self.call_after_refresh(self._go_to_mark, self.active_view)

    def _go_to_mark(self, view: LinesView) -> None:
        """Bring the first marked line into view; only the first thousands are looked at."""
        for number in range(min(len(view.lines), 4000)):
            if any(ink == "found" for _, ink in view.lines[number]):
                view.go_to(number)
                return

    @work(group="ask", exclusive=True)
    async def action_copy(self) -> None:
        """Copy a part of the turn, and say which road took it."""
        from lhe_tui.tui.dialogs.menu_screen import MenuScreen
        from lhe_tui.tui.terminal.clipboard import copy_text
        from lhe_tui.tui.turn.turn_texts import turn_texts

        apart = self.apart
        if apart is None:
            return
        texts = turn_texts(apart)
        names = list(texts)
        chosen = await self.app.push_screen_wait(MenuScreen(f"copy of turn {apart.turn}", names))
        if chosen is not None:
            words = await copy_text(self.app, texts[names[chosen]]())
            self.say(f"{names[chosen]}: {words}")
