"""The run screen: a run or a replay as it goes, and the switches to steer it. Reads the controller, owns no run."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from lhe_tui.engine.breakpoints import Hit
from lhe_tui.errors import LheError
from lhe_tui.task.controls import Change, ControlError, apply_change, parse_change
from lhe_tui.text.counts import counted
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.dialogs.entry_screen import EntryScreen
from lhe_tui.tui.messages import GoTo, LeaveRun, Problem, ShowText
from lhe_tui.tui.routes import BranchRoute, BranchWay, InspectRoute
from lhe_tui.tui.run.banner import Banner
from lhe_tui.tui.run.breakpoint_lookout import BreakpointLookout
from lhe_tui.tui.run.caption import Caption
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.control_bar import ControlBar
from lhe_tui.tui.run.control_completion import choices_words, completions
from lhe_tui.tui.run.control_words import notices_text
from lhe_tui.tui.run.heat_strip import HeatStrip
from lhe_tui.tui.run.run_figures import FigureName
from lhe_tui.tui.run.run_panes import RunPanes
from lhe_tui.tui.run.run_steering import RunSteering, SwitchName
from lhe_tui.tui.run.run_title import RunTitle
from lhe_tui.tui.run.stage import Headline
from lhe_tui.tui.run.transcript import Transcript
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.widgets.base_screen import PanedScreen
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.tab_line import TabLine

LOOK_EVERY = 0.1
"""Seconds between two looks at the run."""
ROOM_FOR_CAPTION = 22
"""Rows from which on there is a line for what is going on."""
STAY_AWAKE = 3.0
"""Seconds that the screen keeps looking closely after the last change."""
LIVE_ONLY = frozenset({"steer", "stop", "change", "breakpoints", "control_arm"})
REPLAY_ONLY = frozenset({"seek", "speed"})
REPLAY_WORDS = (
    "a recorded session plays as it was: f forks it from the turn under the cursor, under other controls"
)
OVER_WORDS = "the run is over: f forks it from the turn under the cursor, esc leaves, F3 lists the sessions"
CHANGE_HINT = "NAME=VALUE[,NAME=VALUE]: inject=0.5, prune=window:5, temperature=0.7, model=sim/small, votes=3"


class RunScreen(PanedScreen[None]):
    """Shows what a controller drives; everything on it is read off `controller.state`."""

    CSS_PATH = ["../widgets/base_screen.tcss", "run_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("run")
    ACTIONS_OF = "run"
    AUTO_FOCUS = ""
    PANES = {"transcript": "transcript", "charts": "charts", "samples": "samples"}

    def __init__(self, controller: RunController) -> None:
        super().__init__()
        self.controller = controller
        self.steering = RunSteering()
        self._lookout = BreakpointLookout(self, controller, self._show_hit)
        self._seen: tuple[object, ...] = ()
        self._awake_until = 0.0
        self._finished = False
        self.zoomed = False
        """Whether one pane fills the screen."""
        self.presenting = False
        """Whether the screen is made for a room: the chart, a large number, nothing else."""

    def compose(self) -> ComposeResult:
        """Title, panes, switches, keys."""
        controller = self.controller
        yield RunTitle(controller, id="title")
        yield Caption(controller, id="caption")
        yield Banner(controller, id="run-banner")
        yield Headline(id="headline")
        yield TabLine(self.PANES, self.pane, id="panes")
        yield RunPanes(controller, id="body")
        yield ControlBar(controller, id="control-bar")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_interval(LOOK_EVERY, self.poll)
        self.call_after_refresh(self.poll)

    # ---- keeping up

    def poll(self) -> None:
        """Look at the run; every widget repaints itself only where something changed."""
        controller = self.controller
        controller.observe()
        now = time.monotonic()
        seen = (controller.version, int(controller.elapsed), self.size, self.app.theme, self.transcript.place)
        if seen != self._seen:
            self._seen = seen
            # Charts are drawn some time after what they show has changed.
            self._awake_until = now + STAY_AWAKE
        elif now > self._awake_until:
            return
        if controller.finished != self._finished:
            self._finished = controller.finished
            # Keys that do nothing any more leave the footer.
            self.refresh_bindings()
        self.query_one(RunTitle).poll()
        self.query_one(Caption).poll()
        self.query_one(Banner).poll()
        if self.presenting:
            self.query_one(Headline).show(controller.state, self.query_one(Caption).words)
        self.query_one(ControlBar).poll()
        self.panes.poll()
        titles = {"transcript": self.panes.sample_words, "charts": "charts", "samples": "samples × turns"}
        self.query_one("#panes", TabLine).set_titles(titles, "tab: next · ?: keys")

    @property
    def panes(self) -> RunPanes:
        """Conversation, charts, outcomes."""
        return self.query_one(RunPanes)

    @property
    def transcript(self) -> Transcript:
        """The conversation of the followed sample."""
        return self.panes.transcript

    # ---- layout

    @property
    def enlarged(self) -> bool:
        """Whether one pane was made to fill the screen."""
        return self.zoomed or self.presenting

    @property
    def narrow(self) -> bool:
        """One pane at a time also where the terminal is low, and where one was made to fill it."""
        return self.enlarged or super().narrow or self.app.size.height < 24

    @property
    def wide(self) -> bool:
        """Two charts need height too; where one was made to fill the screen, it stands alone."""
        return not self.enlarged and super().wide and self.app.size.height >= 45

    def on_resize(self) -> None:
        """What the panes get of the height."""
        self.set_class(self.app.size.height < ROOM_FOR_CAPTION, "-low")
        self.panes.share_height(self.app.size.height - 7, charts=0 if self.narrow else 2 if self.wide else 1)
        self.set_class(self.presenting, "-presenting")
        self.panes.set_bold(self.enlarged)
        self.show_pane(self.pane)

    def action_zoom(self) -> None:
        """One pane fills the screen, or all stand there again."""
        self.zoomed = not self.zoomed
        self._enlarge()

    def action_present(self) -> None:
        """The screen for a room, or for one person again."""
        self.presenting = not self.presenting
        self._enlarge()

    def _enlarge(self) -> None:
        self.pane = "charts" if self.enlarged else self.pane
        super().on_resize()
        self.on_resize()
        self._seen = ()
        self.poll()

    def action_figure(self, name: FigureName) -> None:
        """A chart by its name."""
        if self.narrow:
            self.show_pane("charts")
        self.panes.show_figure(name)

    def action_pane(self, by: int) -> None:
        """The next pane; where all are shown, the next chart."""
        if self.narrow:
            self.turn_pane(by)
        else:
            self.action_figure(self.panes.next_figure(by))

    def action_smooth(self) -> None:
        """Smooth the curves for the eye, or not."""
        self.panes.toggle_smooth()

    # ---- what can be done now

    def offers(self, action: str) -> bool:
        """Keys that can do nothing now are in no footer."""
        return not self._why_not(action)

    def _why_not(self, action: str) -> str:
        """Why an action can do nothing now; empty where it can."""
        controller = self.controller
        if controller.replaying:
            return REPLAY_WORDS if action in LIVE_ONLY else ""
        if action in REPLAY_ONLY:
            return "only a recorded session can be sought through and played faster or slower"
        if controller.finished and action in (*LIVE_ONLY, "pause", "one_turn"):
            return OVER_WORDS
        return ""

    def _refuses(self, action: str) -> bool:
        """Say why an action can do nothing now, where that is so."""
        reason = self._why_not(action)
        if reason:
            self.say(reason)
        return bool(reason)

    # ---- pace

    def action_pause(self) -> None:
        """Pause, or resume."""
        if self._refuses("pause"):
            return
        self.controller.toggle_pause()
        self.poll()

    def action_one_turn(self) -> None:
        """One turn in every sample."""
        if self._refuses("one_turn"):
            return
        self.controller.step()
        self.poll()

    def action_stop(self) -> None:
        """Stop for good, after a question."""
        if self._refuses("stop"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.controller.stop()

        question = "Stop this run? Turns that are done stay in the session, which can be resumed later."
        self.app.push_screen(AskScreen(question, "stop it", "keep running"), answered)

    def action_back(self) -> None:
        """Leave the screen; a live run asks first."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.post_message(LeaveRun())

        if self.controller.live:
            question = (
                "The run is still going. Leaving stops it; its session is kept and can be resumed later."
            )
            self.app.push_screen(AskScreen(question, "stop and leave", "stay"), answered)
        else:
            self.post_message(LeaveRun())

    # ---- controls

    def _ask_for(self, change: Change) -> None:
        """Ask for a change; the control bar says from which turn it holds."""
        if not change:
            return
        try:
            self.controller.change(change)
        except ControlError as error:
            self.post_message(Problem(str(error)))
        self.poll()

    @work(group="change")
    async def _ask_when_open(self, change: Change) -> None:
        try:
            await self.controller.prepare(change)
        except LheError as error:
            self.post_message(Problem(str(error)))
        else:
            self._ask_for(change)

    def action_steer(self, switch: SwitchName) -> None:
        """Throw a switch."""
        if not self._refuses("steer"):
            self._ask_for(self.steering.change(switch, self.controller.state.controls))

    def action_change(self) -> None:
        """Type a change in the words of --at."""
        if self._refuses("change"):
            return

        def check(text: str) -> str | None:
            try:
                apply_change(self.controller.state.controls, parse_change(text), 1)
            except ControlError as error:
                return str(error)
            return None

        def typed(text: str | None) -> None:
            if text is not None and self.is_attached:
                self._ask_when_open(parse_change(text))

        title = "Change from the next turn"
        entry = EntryScreen(title, CHANGE_HINT, check, complete=completions, choices=choices_words)
        self.app.push_screen(entry, typed)

    def action_breakpoints(self) -> None:
        """Set what pauses the run."""
        if not self._refuses("breakpoints"):
            self._lookout.ask()

    def action_control_arm(self) -> None:
        """Keep a control arm running without the switch that is thrown next."""
        if self._refuses("control_arm"):
            return
        controller = self.controller
        if controller.control_arm is not None:
            self.say(f"{controller.control_arm.status}: one control arm at a time")
            return
        if controller.toggle_control_arm():
            spec = controller.state.spec
            left = (spec.turns - controller.state.built_turns) * len(controller.state.samples)
            self.say(
                f"the control arm runs on without the next switch: up to {counted(left, 'more request')}"
            )
        self.poll()

    # ---- from a turn onwards

    @property
    def place(self) -> Place | None:
        """The turn under the cursor, or the newest finished one."""
        turn = self.transcript.selected or self.transcript.finished_turns
        return Place(self.controller.followed, turn) if turn else None

    @on(Transcript.Opened)
    def action_inspect(self) -> None:
        """The turn under the cursor, or the newest finished one, in the inspector."""
        if self.place is None:
            self.say("no turn of this sample is finished yet")
        else:
            self._inspect(self.place)

    def _inspect(self, place: Place | None, reason: str = "") -> None:
        """The cursor comes back with the inspector."""
        if place is not None:
            self.post_message(GoTo(InspectRoute(self.controller, place, reason), self._come_back))

    def _show_hit(self, hit: Hit) -> None:
        self._inspect(Place(hit.sample, hit.turn), hit.reason)

    def action_branch(self, way: BranchWay) -> None:
        """Resample, fork, arms, or the slips over the run."""
        if way == "slips":
            self.post_message(GoTo(BranchRoute(way, self.controller, Place(1, 0)), self._inspect))
        elif self.place is None:
            self.say("no turn of this sample is finished yet")
        else:
            self.post_message(GoTo(BranchRoute(way, self.controller, self.place)))

    def _come_back(self, place: Place | None) -> None:
        if place is not None:
            self._select(place)

    def _select(self, place: Place) -> None:
        self.controller.follow(place.sample)
        self.transcript.poll()
        self.transcript.select(place.turn)
        self.poll()

    @on(HeatStrip.Picked)
    def _pick(self, event: HeatStrip.Picked) -> None:
        self._select(Place(event.sample, event.turn))
        if event.opened:
            self.action_inspect()

    # ---- looking

    def action_error(self, by: int) -> None:
        """The next turn (-1: the one before) that is not correct."""
        turn = self.transcript.next_error() if by > 0 else self.transcript.previous_error()
        if turn is None:
            self.say(f"no wrong turn {'after' if by > 0 else 'before'} this one in this sample")

    def action_cursor(self, by: int) -> None:
        """The cursor so many turns down."""
        self.transcript.move(by)

    def action_cursor_page(self, by: int) -> None:
        """The cursor so many pages down."""
        self.transcript.move(by * self.transcript.page)

    def action_follow(self) -> None:
        """Stay with the newest turn; in a replay, at its end."""
        if self.controller.replaying and self.transcript.following:
            self._seek(self.controller.state.spec.turns)
        else:
            self.transcript.follow()

    def action_first_turn(self) -> None:
        """The first turn; in a replay, its start."""
        if self.controller.replaying:
            self._seek(0)
        else:
            self.transcript.select(1)

    def action_go_to_turn(self) -> None:
        """A turn by its number."""
        controller = self.controller
        last = controller.state.spec.turns if controller.replaying else self.transcript.finished_turns

        def check(text: str) -> str | None:
            if text.strip().isdecimal() and len(text) < 10 and 1 <= int(text) <= last:
                return None
            return f"a whole number from 1 to {last}" if last else "no turn has finished yet"

        def typed(text: str | None) -> None:
            if text is not None and self.is_attached:
                self._go_to(int(text))

        self.app.push_screen(EntryScreen("Go to turn", f"1 to {last}", check), typed)

    def _go_to(self, turn: int) -> None:
        if self.controller.replaying:
            self.controller.seek(turn)
            self.poll()
        self.transcript.select(turn)

    @on(ChartView.Picked)
    def _turn_clicked(self, event: ChartView.Picked) -> None:
        last = (
            self.controller.state.spec.turns if self.controller.replaying else self.transcript.finished_turns
        )
        if last:
            self._go_to(max(1, min(last, event.turn)))

    def action_sample(self, by: int) -> None:
        """Follow another sample."""
        self.controller.follow(self.controller.followed + by)
        self.poll()

    @work(group="copy", exclusive=True)
    async def action_copy_turn(self) -> None:
        """The turn under the cursor to the clipboard."""
        from lhe_tui.tui.terminal.clipboard import copy_text

        text = self.transcript.line_text(self.place.turn) if self.place else ""
        if text:
            self.say(await copy_text(self.app, text))

    def action_notices(self) -> None:
        """Every notice of the run, and every change."""
        self.post_message(ShowText("Notices", notices_text(self.controller.state)))

    # ---- replay

    def action_seek(self, by: int) -> None:
        """So many turns on."""
        if not self._refuses("seek"):
            self._seek(self.controller.position + by)

    def _seek(self, turn: int) -> None:
        self.transcript.follow()
        self.controller.seek(turn)
        self.poll()

    def action_speed(self, factor: float) -> None:
        """So many times as fast."""
        if not self._refuses("speed"):
            self.controller.change_speed(factor)
            self.poll()
