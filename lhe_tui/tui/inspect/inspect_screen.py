"""The inspector: one finished turn taken apart, and the way to every other one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from lhe_tui.engine.state import RunState
from lhe_tui.text.visible import visible
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.inspect.finding_lines import findings
from lhe_tui.tui.inspect.inspect_actions import InspectActions
from lhe_tui.tui.inspect.request_lines import RequestLines, diff_entries, diff_words, sent_entries
from lhe_tui.tui.run.run_controller import RunController
from lhe_tui.tui.run.run_words import task_words
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.turn.verdict_words import controls_words, model_name, verdict_lines
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line, wrap
from lhe_tui.tui.widgets.tab_line import TabLine

_GONE: Line = [("this turn is not there any more", "dim")]
LOOK_EVERY = 0.5
"""Seconds between two looks at a run that may still be going on."""
NARROW = 100
"""Cells below which the panes become tabs."""


class InspectScreen(InspectActions):
    """Shows a turn of the controller's run; follows the run while it goes on."""

    CSS_PATH = ["../widgets/inks.tcss", "inspect_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("inspect")
    ACTIONS_OF = "inspect"
    AUTO_FOCUS = ""

    def __init__(self, controller: RunController, sample: int, turn: int, reason: str = "") -> None:
        super().__init__(controller, Place(sample, turn))
        self._reason = (self.place, visible(reason, limit=200))
        """Why a turn was opened that nobody asked for."""
        self._seen: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Where we are, the verdict, the request beside what was made of it."""
        yield LinesView(id="where")
        yield LinesView(id="verdict")
        yield TabLine({"findings": "why", "request": "request"}, "findings", id="inspect-panes")
        with Horizontal(id="inspect-body"):
            with Vertical(id="request-side"):
                yield TabLine({"request": "request as sent"}, "request", id="request-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="request")
            with Vertical(id="findings-side"):
                yield TabLine({"findings": "what was made of it"}, "findings", id="findings-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="findings")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the turn, and look for changes."""
        self.set_interval(LOOK_EVERY, self.poll)
        self.choose_pane("findings")
        self.call_after_refresh(self.show_turn)

    # ---- showing

    def poll(self) -> None:
        """Show anew what changed: turns that were added, a failed turn that was asked again."""
        state = self.controller.state
        record = state.record(*self.place)
        known = self.apart
        if record is not (known.record if known else None) or (known and state is not known.state):
            self.show_turn()
        self._show_where()

    def show_turn(self) -> None:
        """Take the turn apart and show it from the top; the request from its end, where the question stands."""
        state = self.controller.state
        known = state.record(*self.place) is not None
        self.apart = TurnDetail(state, *self.place, before=self.apart) if known else None
        self.folds = self.fresh_folds()
        self.unfolded = frozenset()
        self.show_all(place=0)

    def show_all(self, place: int | None = None) -> None:
        """Lay everything out again; both panes keep their place unless `place` is 0: then the request shows its end."""
        self._show_where()
        apart = self.apart
        if apart is None:
            for view in (self.verdict_view, self.request_view, self.findings_view):
                view.show(lambda width: [_GONE])
            return
        self.verdict_view.show(lambda width: self._verdict(apart, width))
        self.findings_view.show(
            lambda width: findings(apart, width, self.folds, self.query_text), place=place
        )
        # The end is where the question stands.
        self.request_view.show(lambda width: self._request(apart, width), place=None if place is None else -1)
        self._name_panes(apart)

    def _request(self, apart: TurnDetail, width: int) -> RequestLines:
        entries = diff_entries(apart) if self.diff else sent_entries(apart)
        return RequestLines(entries, width, query=self.query_text, unfolded=self.unfolded)

    def _verdict(self, apart: TurnDetail, width: int) -> list[Line]:
        told = verdict_lines(apart)
        lines = [part for line in told for part in wrap(line, width, indent=2)]
        if len(lines) > max(3, self.app.size.height // 6):
            lines = told
        self.verdict_view.styles.height = len(lines)
        return lines

    def _name_panes(self, apart: TurnDetail) -> None:
        messages = f"{len(apart.messages):,} messages"
        name = "diff: own→shown" if self.diff else "request as sent"
        self.query_one("#request-tab", TabLine).set_titles(
            {"request": f"{name} · {messages}"}, diff_words(apart)
        )
        chosen = {"request": "request", "findings": "what was made of it"}
        self.query_one("#findings-tab", TabLine).set_titles({"findings": chosen["findings"]})
        self.query_one("#inspect-panes", TabLine).set_titles(
            {"findings": "why", "request": f"{name} · {messages}"}, "tab: other pane"
        )

    def _show_where(self) -> None:
        state = self.controller.state
        seen = (
            self.apart,
            self.place,
            len(state.samples[self.place.sample - 1].turns),
            state.status,
            self.query_text,
        )
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
        apart = self.apart
        if apart is not None:
            controls = apart.controls
            line.append((f"   {model_name(controls.model)}", "plain"))
            line.append((f" · {task_words(state.spec, '').strip()} · {controls_words(controls)}", "dim"))
        if self._reason[1] and self._reason[0] == self.place:
            line.insert(1, (f" ‖ the run paused: {self._reason[1]} ", "mark"))
        if self.query_text:
            line.append((f"   / {self.query_text}", "found"))
        return line

    # ---- layout

    def on_resize(self) -> None:
        """One pane at a time where two do not fit."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self.set_class(self.app.size.width >= 160, "-wide")

    @property
    def narrow(self) -> bool:
        """Whether one pane is shown at a time."""
        return self.has_class("-narrow")

    def choose_pane(self, name: str) -> None:
        """The pane that the arrows scroll, and the one that a narrow screen shows."""
        self.pane = name
        self.query_one("#inspect-panes", TabLine).choose(name)
        for pane in ("request", "findings"):
            self.set_class(pane == name, f"-pane-{pane}")

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        if event.line.id == "inspect-panes":
            self.choose_pane(event.name)

    @on(LinesView.LineClicked)
    def _line_clicked(self, event: LinesView.LineClicked) -> None:
        if event.view.id in ("request", "findings"):
            self.choose_pane(event.view.id)
        lines = event.view.lines
        if isinstance(lines, RequestLines):
            self.toggle_entry(lines.entry_at(event.line))
