"""The inspector: one finished turn in full, and the way to every other one."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from lhe_tui.engine.state import RunState
from lhe_tui.text.visible import visible
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.inspect.message_search import Match
from lhe_tui.tui.inspect.search_screen import Found, SearchScreen
from lhe_tui.tui.inspect.turn_view import TurnView
from lhe_tui.tui.messages import GoTo
from lhe_tui.tui.routes import BranchRoute, BranchWay
from lhe_tui.tui.turn.run_words import task_words
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place, Wanted, find_turn
from lhe_tui.tui.turn.verdict_words import controls_words, model_name
from lhe_tui.tui.widgets.base_screen import PanedScreen
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line
from lhe_tui.tui.widgets.tab_line import TabLine

LOOK_EVERY = 0.5
"""Seconds between two looks at a run that may still be going on."""
_NAMES: dict[Wanted, str] = {
    "wrong": "wrong turn",
    "recovery": "recovery (the true sum again after a turn that was off it)",
    "change": "change of controls",
}


class InspectScreen(PanedScreen[Place]):
    """Shows a turn of the controller's run; follows the run while it goes on. Gives the turn it was left at."""

    CSS_PATH = ["../widgets/base_screen.tcss", "inspect_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("inspect")
    ACTIONS_OF = "inspect"
    AUTO_FOCUS = ""
    PANES = {"findings": "why", "request": "request"}

    def __init__(self, controller: RunController, place: Place, reason: str = "") -> None:
        super().__init__()
        self.controller = controller
        self.place = place
        self.shown = TurnView(self)
        self._reason = (place, visible(reason, limit=200))
        """Why a turn was opened that nobody asked for."""
        self._seen: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Where we are, the verdict, the request beside what was made of it."""
        yield LinesView(id="where")
        yield LinesView(id="verdict")
        yield TabLine(self.PANES, self.pane, id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TabLine({"request": "request as sent"}, "request", id="request-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="request")
            with Vertical(id="right"):
                yield TabLine({"findings": "what was made of it"}, "findings", id="findings-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="findings")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the turn, and look for changes."""
        self.set_interval(LOOK_EVERY, self.poll)
        self.show_pane(self.pane)
        self.call_after_refresh(self.show_turn)

    # ---- showing

    @property
    def detail(self) -> TurnDetail | None:
        """The turn that is shown; None where it is not there any more."""
        return self.shown.detail

    def poll(self) -> None:
        """Show anew what changed: turns that were added, a failed turn that was asked again."""
        state = self.controller.state
        record = state.record(*self.place)
        known = self.detail
        if record is not (known.record if known else None) or (known and state is not known.state):
            self.show_turn()
        self._show_where()

    def show_turn(self) -> None:
        """Show the turn at `place`."""
        state = self.controller.state
        known = state.record(*self.place) is not None
        self.shown.take(TurnDetail(state, *self.place) if known else None)
        self._show_where()

    def _show_where(self) -> None:
        state = self.controller.state
        turns = len(state.samples[self.place.sample - 1].turns)
        seen = (self.detail, self.place, turns, state.status, self.shown.query)
        if seen != self._seen:
            self._seen = seen
            self.query_one("#where", LinesView).show(lambda width: [self._where(state)])

    def _where(self, state: RunState) -> Line:
        sample, turn = self.place
        source = state.samples[sample - 1]
        line: Line = [
            (" inspect ", "change"),
            (f" sample {sample} of {len(state.samples)} · turn {turn} of {state.spec.turns:,}", "strong"),
        ]
        if len(source.turns) < state.spec.turns:
            line.append((f" ({len(source.turns):,} done)", "dim"))
        detail = self.detail
        if detail is not None:
            controls = detail.controls
            line.append((f"   {model_name(controls.model)}", "plain"))
            line.append((f" · {task_words(state.spec, '').strip()} · {controls_words(controls)}", "dim"))
        if self._reason[1] and self._reason[0] == self.place:
            line.insert(1, (f" ‖ the run paused: {self._reason[1]} ", "mark"))
        if self.shown.query:
            line.append((f"   / {self.shown.query}", "found"))
        return line

    @on(LinesView.LineClicked)
    def _line_clicked(self, event: LinesView.LineClicked) -> None:
        if event.view.id in self.PANES:
            self.show_pane(event.view.id)
        if event.view.id == "request":
            self.shown.toggle_message(event.line)

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

    def action_turn(self, by: int) -> None:
        """The turn so many after this one."""
        self.go(self.place.sample, self.place.turn + by)

    def action_sample(self, by: int) -> None:
        """The same turn of another sample."""
        many = len(self.controller.state.samples)
        self.go((self.place.sample - 1 + by) % many + 1, self.place.turn)

    def action_find(self, wanted: Wanted, by: int) -> None:
        """The next turn (-1: the one before) that is wanted."""
        place = find_turn(self.controller.state, self.place, wanted, forward=by > 0)
        if place is None:
            self.say(f"no {_NAMES[wanted]} {'after' if by > 0 else 'before'} this turn in any sample")
            return
        if place.sample != self.place.sample:
            self.say(f"now sample {place.sample}")
        self.go(*place)

    def action_branch(self, way: BranchWay) -> None:
        """Resample, fork, arms, or the slips over the run, from the turn that is shown."""
        if self.detail is not None:
            self.post_message(GoTo(BranchRoute(way, self.controller, self.place), self._show_place))

    def _show_place(self, place: Place | None) -> None:
        if place is not None:
            self.go(*place)

    def action_back(self) -> None:
        """End the marking of what was searched for; leave where nothing is marked."""
        if self.shown.query:
            self.shown.mark("")
            self._show_where()
        else:
            self.dismiss(self.place)

    # ---- looking closer

    def action_diff(self) -> None:
        """The request as sent, or against the full history."""
        self.show_pane("request")
        self.shown.toggle_diff()

    def action_raw(self) -> None:
        """The reply raw, or as stored."""
        self.shown.toggle_raw()

    def action_reasoning(self) -> None:
        """Unfold or fold the reasoning."""
        self.shown.toggle_reasoning()

    def action_more(self) -> None:
        """Show more of a long reply or its reasoning."""
        self.shown.show_more()

    def action_unfold(self) -> None:
        """Show every long message of the request whole, or fold them all."""
        self.show_pane("request")
        self.shown.toggle_unfolded()

    @property
    def active_view(self) -> LinesView:
        """The pane that the arrows scroll."""
        return self.shown.view(self.pane)

    def action_scroll(self, by: int) -> None:
        """The pane so many lines down."""
        self.active_view.scroll_by(by)

    def action_scroll_page(self, by: int) -> None:
        """The pane so many pages down."""
        self.active_view.scroll_by(by * self.active_view.page)

    def action_jump(self, end: int) -> None:
        """The pane's last line (-1: its first)."""
        if end > 0:
            self.active_view.go_to_end()
        else:
            self.active_view.scroll_to(y=0, animate=False)

    def action_other_pane(self) -> None:
        """The other pane."""
        self.turn_pane(1)

    # ---- search and copy

    def action_search(self) -> None:
        """Search the session's messages, and go to a match."""
        asked = SearchScreen(self.controller.state, self.place.sample, self.shown.query)
        self.app.push_screen(asked, self._searched)

    def _searched(self, found: Found | None) -> None:
        if found is None or not self.is_attached:
            return
        self.shown.mark(visible(found.query, limit=200))
        self._show_where()
        if found.match is not None:
            self.show_match(found.match)

    def show_match(self, match: Match) -> None:
        """Go to the turn of a match, and to the pane that it stands in."""
        if match.turn:
            self.place = Place(match.sample, match.turn)
        self.show_turn()
        self.show_pane("request" if match.where in ("system", "user") else "findings")
        self.shown.unfold_for(match.where)
        if match.where != "user":
            self.call_after_refresh(self.shown.go_to_mark, self.pane)

    def action_copy(self) -> None:
        """Copy a part of the turn."""
        from lhe_tui.tui.dialogs.menu_screen import MenuScreen
        from lhe_tui.tui.inspect.turn_texts import turn_texts

        detail = self.detail
        if detail is None:
            return
        texts = turn_texts(detail)
        names = list(texts)

        def chosen(place: int | None) -> None:
            if place is not None and self.is_attached:
                self._copy(names[place], texts[names[place]]())

        self.app.push_screen(MenuScreen(f"copy of turn {detail.turn}", names), chosen)

    @work(group="copy", exclusive=True)
    async def _copy(self, name: str, text: str) -> None:
        from lhe_tui.tui.terminal.clipboard import copy_text

        self.say(f"{name}: {await copy_text(self.app, text)}")
