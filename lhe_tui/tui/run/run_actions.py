"""What the run screen's keys do: one method for each action of the registry."""

from __future__ import annotations

from textual import work
from textual.content import Content
from textual.screen import Screen

from lhe_tui.task.controls import Change, ControlError, apply_change, parse_change
from lhe_tui.text.content import content
from lhe_tui.text.visible import visible
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.dialogs.entry_screen import EntryScreen
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.control_completion import choices_words, completions
from lhe_tui.tui.run.control_words import changes_in_words
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.run.run_figures import FigureName
from lhe_tui.tui.run.run_steering import Steering
from lhe_tui.tui.run.transcript import Transcript

LIVE_ONLY = frozenset(
    {"stop", "inject", "rate_down", "rate_up", "inject_base", "heal", "prune", "window_down", "window_up"}
    | {"mode", "verify", "change"}
)
REPLAY_ONLY = frozenset({"seek_back", "seek_on", "slower", "faster"})


class RunActions(Screen[None]):
    """The actions; the run screen fills in what they act on."""

    def __init__(self, controller: RunController) -> None:
        super().__init__()
        self.controller = controller
        self.steering = Steering()

    @property
    def transcript(self) -> Transcript:
        """The conversation of the followed sample."""
        raise NotImplementedError

    def show_figure(self, name: FigureName) -> None:
        """Show a chart by its name."""
        raise NotImplementedError

    def turn_pane(self, by: int) -> None:
        """Show the pane (or the chart) after or before the one that is shown."""
        raise NotImplementedError

    def poll(self) -> None:
        """Look at the run."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A replay cannot be steered, a live run cannot be sought through."""
        replaying = self.controller.replaying
        if action in LIVE_ONLY:
            return not replaying
        return replaying if action in REPLAY_ONLY else True

    def say(self, words: str, *, problem: bool = False) -> None:
        """A passing word; never one that must not be missed."""
        shown = visible(words, limit=300)
        self.notify(shown, severity="warning" if problem else "information", markup=False, timeout=4)

    # ---- pace

    def action_pause(self) -> None:
        """Pause, or go on."""
        controller = self.controller
        if controller.finished and not controller.replaying:
            self.say("the run is over: F3 lists the sessions, esc leaves")
            return
        controller.toggle_pause()
        self.poll()

    def action_one_turn(self) -> None:
        """One turn in every sample."""
        self.controller.step()
        self.poll()

    @work(group="ask", exclusive=True)
    async def action_stop(self) -> None:
        """Stop for good, after a question."""
        controller = self.controller
        if controller.finished:
            self.say("the run is over already")
            return
        question = "Stop this run? Turns that are done stay in the session, which can be resumed later."
        asked = AskScreen(question, "stop it", "keep running")
        if await self.app.push_screen_wait(asked):
            controller.stop()

    @work(group="ask", exclusive=True)
    async def action_back(self) -> None:
        """Leave the screen; a live run asks first."""
        controller = self.controller
        if controller.alive and not controller.replaying and not controller.finished:
            question = (
                "The run is still going. Leaving stops it; its session is kept and can be resumed later."
            )
            asked = AskScreen(question, "stop and leave", "stay")
            if not await self.app.push_screen_wait(asked):
                return
        await controller.close()
        self.dismiss()

    # ---- controls

    def _ask_for(self, change: Change) -> None:
        """Ask for a change; the control bar says from which turn it holds."""
        if not change:
            return
        try:
            self.controller.change(change)
        except ControlError as error:
            self.say(str(error), problem=True)
        self.poll()

    def action_inject(self) -> None:
        """Error injection on or off."""
        self._ask_for(self.steering.toggle_injection(self.controller.state.controls))

    def action_rate_down(self) -> None:
        """A lower injection rate."""
        self._ask_for(self.steering.step_rate(self.controller.state.controls, up=False))

    def action_rate_up(self) -> None:
        """A higher injection rate."""
        self._ask_for(self.steering.step_rate(self.controller.state.controls, up=True))

    def action_inject_base(self) -> None:
        """Corrupt own answers or true sums."""
        self._ask_for(self.steering.toggle_base(self.controller.state.controls))

    def action_heal(self) -> None:
        """The healed history, or the history as it is."""
        self._ask_for(self.steering.toggle_heal(self.controller.state.controls))

    def action_prune(self) -> None:
        """The next pruning policy."""
        self._ask_for(self.steering.next_pruning(self.controller.state.controls))

    def action_window_down(self) -> None:
        """One past turn less."""
        self._ask_for(self.steering.step_window(self.controller.state.controls, -1))

    def action_window_up(self) -> None:
        """One past turn more."""
        self._ask_for(self.steering.step_window(self.controller.state.controls, 1))

    def action_mode(self) -> None:
        """The next answer mode."""
        self._ask_for(self.steering.next_mode(self.controller.state.controls))

    def action_verify(self) -> None:
        """Self-verification on or off."""
        self._ask_for(self.steering.toggle_verify(self.controller.state.controls))

    @work(group="ask", exclusive=True)
    async def action_change(self) -> None:
        """Type a change in the words of --at."""

        def check(text: str) -> str | None:
            try:
                change = parse_change(text)
                apply_change(self.controller.state.controls, change, 1)
            except ControlError as error:
                return str(error)
            return None

        hint = (
            "NAME=VALUE[,NAME=VALUE]: inject=0.5, prune=window:5, temperature=0.7, model=sim/small, votes=3"
        )
        entry = EntryScreen(
            "Change from the next turn", hint, check, complete=completions, choices=choices_words
        )
        text = await self.app.push_screen_wait(entry)
        if text is not None:
            self._ask_for(parse_change(text))

    # ---- looking

    def action_next_error(self) -> None:
        """The next turn that is not correct."""
        if self.transcript.next_error() is None:
            self.say("no wrong turn after this one in this sample")

    def action_previous_error(self) -> None:
        """The turn before that is not correct."""
        if self.transcript.previous_error() is None:
            self.say("no wrong turn before this one in this sample")

    def action_turn_up(self) -> None:
        """The cursor one turn up."""
        self.transcript.move(-1)

    def action_turn_down(self) -> None:
        """The cursor one turn down."""
        self.transcript.move(1)

    def action_page_up(self) -> None:
        """The cursor a page up."""
        self.transcript.move(-self.transcript.page)

    def action_page_down(self) -> None:
        """The cursor a page down."""
        self.transcript.move(self.transcript.page)

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

    @work(group="ask", exclusive=True)
    async def action_go_to_turn(self) -> None:
        """A turn by its number."""
        controller = self.controller
        last = controller.state.spec.turns if controller.replaying else self.transcript.finished_turns

        def check(text: str) -> str | None:
            if text.strip().isdecimal() and len(text) < 10 and 1 <= int(text) <= last:
                return None
            return f"a whole number from 1 to {last}" if last else "no turn has finished yet"

        text = await self.app.push_screen_wait(EntryScreen("Go to turn", f"1 to {last}", check))
        if text is None:
            return
        if controller.replaying:
            controller.seek(int(text))
            self.poll()
        self.transcript.select(int(text))

    def action_next_sample(self) -> None:
        """Follow the next sample."""
        self.controller.follow(self.controller.followed + 1)
        self.poll()

    def action_previous_sample(self) -> None:
        """Follow the sample before."""
        self.controller.follow(self.controller.followed - 1)
        self.poll()

    def action_show_accuracy(self) -> None:
        """The accuracy curves."""
        self.show_figure("accuracy")

    def action_show_running_sum(self) -> None:
        """The running sums."""
        self.show_figure("running_sum")

    def action_show_self_conditioning(self) -> None:
        """Accuracy against errors in view."""
        self.show_figure("self_conditioning")

    def action_show_latency(self) -> None:
        """Latency and tokens."""
        self.show_figure("latency")

    def action_next_pane(self) -> None:
        """The next pane or chart."""
        self.turn_pane(1)

    def action_previous_pane(self) -> None:
        """The pane or chart before."""
        self.turn_pane(-1)

    def action_smooth(self) -> None:
        """Smooth the curves for the eye, or not."""
        for chart in self.query(ChartView):
            chart.toggle_smooth()

    def action_copy_turn(self) -> None:
        """The turn under the cursor to the clipboard."""
        turn = self.transcript.selected or self.transcript.finished_turns
        text = self.transcript.line_text(turn) if turn else ""
        if text:
            self.app.copy_to_clipboard(text)
            self.say(f"turn {turn} copied")

    def action_notices(self) -> None:
        """Every notice of the run, and every change."""
        self.app.push_screen(TextScreen("Notices", self._notices_text()))

    def _notices_text(self) -> Content:
        state = self.controller.state
        lines = []
        for change in changes_in_words(state):
            lines.append(f"turn {change.turn}: {change.words} ({change.source})")
        for notice in state.notices:
            where = f"sample {notice.sample}, turn {notice.turn}: " if notice.sample else ""
            lines.append(where + visible(notice.text, limit=1000))
        return content("\n".join(lines) or "nothing has been said so far", multiline=True)

    # ---- replay

    def action_seek_back(self) -> None:
        """One turn back."""
        self._seek(self.controller.position - 1)

    def action_seek_on(self) -> None:
        """One turn on."""
        self._seek(self.controller.position + 1)

    def _seek(self, turn: int) -> None:
        self.transcript.follow()
        self.controller.seek(turn)
        self.poll()

    def action_slower(self) -> None:
        """Half as fast."""
        self.controller.change_speed(0.5)
        self.poll()

    def action_faster(self) -> None:
        """Twice as fast."""
        self.controller.change_speed(2)
        self.poll()
