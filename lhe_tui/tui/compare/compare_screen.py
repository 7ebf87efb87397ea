"""The compare screen: two to six sessions overlaid, tested against the first, and laid side by side turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.worker import get_current_worker

from lhe_tui.experiments.comparison import ComparisonError
from lhe_tui.experiments.comparison_words import comparison_chart
from lhe_tui.record.errors import SessionError
from lhe_tui.task.prompts import shown_keys
from lhe_tui.text.visible import visible
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.compare.aligned_rows import AlignedRow, first_parting, next_one_right, parting_of, rows_of
from lhe_tui.tui.compare.aligned_turns import AlignedTurns
from lhe_tui.tui.compare.compare_lines import findings_lines, table_lines
from lhe_tui.tui.compare.compare_reading import (
    LETTERS,
    CompareFindings,
    ReadSession,
    find_out,
    read_sessions,
)
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.controller.sources import StandingSource
from lhe_tui.tui.messages import GoTo, OpenSession
from lhe_tui.tui.routes import InspectRoute
from lhe_tui.tui.turn.turn_finding import Place
from lhe_tui.tui.widgets.base_screen import PanedScreen, in_thread
from lhe_tui.tui.widgets.figure_view import FigureView
from lhe_tui.tui.widgets.key_footer import KeyFooter
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line, wrap
from lhe_tui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from lhe_tui.task.scoring import Curve

CURVES: dict[str, str] = {"turn": "1 turn accuracy", "task": "2 task accuracy"}
BANDS_UP_TO = 3


class CompareScreen(PanedScreen[None]):
    """Reads its files in the background; the first one is what the others are held against."""

    CSS_PATH = ["../widgets/base_screen.tcss", "compare_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("compare")
    ACTIONS_OF = "compare"
    AUTO_FOCUS = ""
    PANES = {"curves": "curves", "findings": "what the tests say", "turns": "turns"}

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self.paths = tuple(paths)
        self.sessions: list[ReadSession] = []
        self.found: CompareFindings | None = None
        self.problem = ""
        self.sample = 1
        self.curve: Curve = "turn"
        self.bands = True
        self._rows: list[AlignedRow] = []

    def compose(self) -> ComposeResult:
        """The sessions, their curves, the tests, the turns."""
        yield LinesView(id="where")
        yield LinesView(id="compare-sessions")
        yield TabLine(self.PANES, self.pane, id="panes")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TabLine(CURVES, self.curve, id="curve-tabs")
                with Vertical(classes="boxed", id="curves-box"):
                    yield FigureView(id="compare-chart")
                yield TabLine({"turns": "turns side by side"}, "turns", id="turns-tab")
                with Vertical(classes="boxed", id="turns-box"):
                    yield AlignedTurns(id="aligned")
                    yield LinesView(id="no-turns")
            with Vertical(id="right"):
                yield TabLine({"findings": "what the tests say"}, "findings", id="findings-tab")
                with Vertical(classes="boxed"):
                    yield LinesView(id="compare-findings")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        # Without colour one band cannot be told from another.
        self.bands = len(self.paths) <= (2 if self.app.no_color else BANDS_UP_TO)
        self.query_one("#compare-sessions").styles.height = len(self.paths) + 1
        self.show_pane(self.pane)
        self.query_one("#no-turns").display = False
        self._read()
        self.call_after_refresh(self.show_all)

    @property
    def turns(self) -> AlignedTurns:
        """The turns side by side."""
        return self.query_one(AlignedTurns)

    # ---- reading and testing

    @in_thread("compare")
    def _read(self) -> None:
        worker = get_current_worker()
        sessions: list[ReadSession] = []
        try:
            for session in read_sessions(self.paths):
                if worker.is_cancelled:
                    return
                sessions.append(session)
                self.from_thread(self._take_sessions, list(sessions))
            found = find_out(sessions)
        except (SessionError, ComparisonError, OSError) as error:
            self.from_thread(self._take_problem, str(error))
            return
        if not worker.is_cancelled:
            self.from_thread(self._take_findings, found)

    def _take_sessions(self, sessions: list[ReadSession]) -> None:
        self.sessions = sessions
        self.show_all()

    def _take_findings(self, found: CompareFindings) -> None:
        self.found = found
        self.show_all()
        same = found.comparison.same_plans
        self.turns.display = same
        self.query_one("#no-turns").display = not same
        self.query_one("#no-turns", LinesView).show(_no_turns)
        if same:
            sample, turn = first_parting(found.comparison) or (1, 1)
            self.show_turns(sample, turn)

    def _take_problem(self, problem: str) -> None:
        self.problem = visible(problem, limit=600)
        self.show_all()

    # ---- showing

    def show_all(self) -> None:
        """Everything but the turns anew."""
        sessions, found = self.sessions, self.found
        names = [path.name for path in self.paths]
        self.query_one("#where", LinesView).show(lambda width: [self._where()])
        self.query_one("#compare-sessions", LinesView).show(
            lambda width: table_lines(names, sessions, found, width)
        )
        findings = self.query_one("#compare-findings", LinesView)
        if self.problem:
            findings.show(lambda width: wrap([("✗ ", "wrong"), (self.problem, "strong")], width, indent=2))
        else:
            findings.show(lambda width: findings_lines(sessions, found, width), place=None)
        self._show_chart()

    def _show_chart(self) -> None:
        compared = [session.compared for session in self.sessions]
        curve, bands = self.curve, self.bands
        version = ("compare", self.paths, tuple(c.state.version for c in compared), curve, bands)
        self.query_one("#compare-chart", FigureView).show(
            version, lambda: comparison_chart(compared, curve, bands=bands)
        )
        shade = "95 % bands" if bands else "b: bands"
        self.query_one("#curve-tabs", TabLine).set_titles(CURVES, shade)
        self.query_one("#curve-tabs", TabLine).choose(curve)

    def _where(self) -> Line:
        line: Line = [(" compare ", "change"), (f" {len(self.paths)} sessions", "strong")]
        if self.problem:
            return [*line, (f"   ✗ {self.problem}", "wrong")]
        if self.found is None:
            done = len(self.sessions)
            words = "testing…" if done == len(self.paths) else f"reading {LETTERS[done]}…"
            return [*line, (f"   {words}", "live")]
        same = "the same plans: paired tests" if self.found.comparison.same_plans else "not the same plans"
        return [*line, (f" · {same} · each against {LETTERS[0]}", "dim")]

    def show_turns(self, sample: int, turn: int) -> None:
        """One sample's turns, the cursor on one of them."""
        if self.found is None or not self.found.comparison.same_plans:
            return
        compared = self.found.comparison.sessions
        self.sample = sample
        self._rows = rows_of(compared, sample)
        task = compared[0].state.task
        keys = len(task.plans[sample - 1]) // task.spec.turn_complexity

        def keys_of(number: int) -> str:
            return visible(shown_keys(task, sample, number), limit=200) if number <= keys else ""

        self.turns.show(self._rows, [c.name for c in compared], keys_of, turn)
        parted = parting_of(self._rows)
        note = "the same answers throughout" if parted is None else f"part at turn {parted}"
        title = f"sample {sample} of {len(compared[0].state.samples)}, turn by turn"
        self.query_one("#turns-tab", TabLine).set_titles({"turns": title}, note)

    # ---- the curves

    @on(TabLine.Chosen, "#curve-tabs")
    def _curve_chosen(self, event: TabLine.Chosen) -> None:
        self.action_curve("turn" if event.name == "turn" else "task")

    def action_curve(self, curve: Curve) -> None:
        """The turn accuracies, or the task accuracies."""
        self.curve = curve
        self._show_chart()

    def action_bands(self) -> None:
        """The intervals, or the curves alone."""
        self.bands = not self.bands
        self._show_chart()

    def action_pane(self, by: int) -> None:
        """The next pane; where all are shown, the other curve."""
        if self.narrow:
            self.turn_pane(by)
        else:
            self.action_curve("task" if self.curve == "turn" else "turn")

    # ---- the turns

    def action_cursor(self, by: int) -> None:
        """The cursor so many turns down."""
        self.turns.move(by)

    def action_cursor_page(self, by: int) -> None:
        """The cursor so many pages of turns down."""
        self.turns.move(by * self.turns.page)

    def action_session(self, by: int) -> None:
        """The cursor so many sessions to the right."""
        self.turns.move_column(by)

    def action_sample(self, by: int) -> None:
        """The next sample, at the turn where its answers part."""
        if self.found is not None and self._rows:
            samples = len(self.found.comparison.sessions[0].state.samples)
            sample = (self.sample - 1 + by) % samples + 1
            self.show_turns(sample, parting_of(rows_of(self.found.comparison.sessions, sample)) or 1)

    def action_first_difference(self) -> None:
        """Where this sample's answers part."""
        self.turns.go_to(parting_of(self._rows) or 1)

    def action_difference(self, by: int) -> None:
        """The next turn (-1: the one before) that one session got right and another did not."""
        if self.found is None or not self._rows:
            return
        place = next_one_right(self.found.comparison.sessions, self.sample, self.turns.turn, back=by < 0)
        if place is None:
            self.say("no further turn that one got right and another did not")
        elif place[0] == self.sample:
            self.turns.go_to(place[1])
        else:
            self.show_turns(*place)

    @on(AlignedTurns.Opened)
    def action_inspect(self) -> None:
        """The turn under the cursor, in the inspector."""
        record = self.turns.record
        if record is None or self.turns.column >= len(self.sessions):
            return
        session = self.sessions[self.turns.column]
        controller = RunController(replay=StandingSource(session.state), path=session.path)
        place = Place(record.event.sample, record.turn)
        self.post_message(GoTo(InspectRoute(controller, place), self._come_back))

    def _come_back(self, place: Place | None) -> None:
        if place is not None and place.turn <= len(self._rows):
            self.turns.go_to(place.turn)

    def action_open(self) -> None:
        """The session under the cursor, on the run screen."""
        if self.turns.column < len(self.sessions):
            self.post_message(OpenSession(self.sessions[self.turns.column].path))

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)


def _no_turns(width: int) -> list[Line]:
    words = "They did not go through the same plans: no turn of one stands beside a turn of another."
    return wrap([(words, "dim")], width)
