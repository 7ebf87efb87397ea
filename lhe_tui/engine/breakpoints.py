"""Breakpoints: reasons to pause a live run after a turn. Checked only where one is set."""

from __future__ import annotations

from dataclasses import dataclass

from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.errors import LheError
from lhe_tui.task.answers import FORMAT_FAILURES, gap
from lhe_tui.task.controls import percent


class BreakpointError(LheError, ValueError):
    """A breakpoint that cannot be set so; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """What pauses a run. Zero or False: not set.

    `drift` is |answer − true running sum|; `context` the share of the model's context length that a prompt fills.
    """

    first_wrong: bool = False
    wrong_in_a_row: int = 0
    format_failure: bool = False
    drift: int = 0
    task_accuracy_below: float = 0.0
    context_above: float = 0.0
    context_length: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.task_accuracy_below <= 1 or not 0 <= self.context_above <= 1:
            raise BreakpointError("an accuracy or a share of the context lies between 0 and 1")
        if self.wrong_in_a_row < 0 or self.drift < 0:
            raise BreakpointError("a number of wrong turns and a distance cannot be negative")

    @property
    def active(self) -> bool:
        """Whether any is set."""
        return self != Breakpoints(context_length=self.context_length)

    def words(self) -> str:
        """For people: the ones that are set, comma-separated; `off` where none is."""
        said = [
            "first wrong turn" if self.first_wrong else "",
            f"{self.wrong_in_a_row} wrong in a row" if self.wrong_in_a_row else "",
            "format failure" if self.format_failure else "",
            f"off the true sum by more than {self.drift}" if self.drift else "",
            f"task accuracy below {percent(self.task_accuracy_below)}" if self.task_accuracy_below else "",
            f"context above {percent(self.context_above)}" if self.context_above else "",
        ]
        return ", ".join(part for part in said if part) or "off"


@dataclass(frozen=True, slots=True)
class Hit:
    """A breakpoint that was hit: why, and the turn to open."""

    reason: str
    sample: int
    turn: int


class BreakpointWatch:
    """Watches a run. `breakpoints` may be set anew at any time; each accuracy or first-turn reason fires once."""

    def __init__(self, breakpoints: Breakpoints = Breakpoints()) -> None:
        self._fired: set[str] = set()
        self._breakpoints = breakpoints
        self.hit: Hit | None = None

    @property
    def breakpoints(self) -> Breakpoints:
        """The ones in force."""
        return self._breakpoints

    @breakpoints.setter
    def breakpoints(self, breakpoints: Breakpoints) -> None:
        self._breakpoints = breakpoints
        self._fired.clear()

    def __call__(self, state: RunState, record: TurnRecord, sample: int) -> str | None:
        """The reason to pause after this turn, or None. The latest one stays in `hit`."""
        if not self._breakpoints.active:
            return None
        reason = self._turn_reason(state, record, sample) or self._run_reason(state, record)
        if reason is None:
            return None
        self.hit = Hit(reason, sample, record.turn)
        return f"breakpoint: {reason} (sample {sample}, turn {record.turn})"

    def _turn_reason(self, state: RunState, record: TurnRecord, sample: int) -> str | None:
        if record.event.edited:
            return None
        set_, wrong = self._breakpoints, record.mistaken
        if set_.first_wrong and wrong and self._once("first wrong"):
            return "first wrong turn"
        if set_.wrong_in_a_row and wrong:
            last = state.samples[sample - 1].turns[-set_.wrong_in_a_row :]
            # Only the turn that completes the row pauses, not each one after it.
            before = state.samples[sample - 1].turns[-set_.wrong_in_a_row - 1 : -set_.wrong_in_a_row]
            row = len(last) == set_.wrong_in_a_row and all(
                r.verdict not in ("correct", "edited") for r in last
            )
            if row and not (before and before[0].verdict not in ("correct", "edited")):
                return f"{set_.wrong_in_a_row} wrong in a row"
        if set_.format_failure and record.outcome in FORMAT_FAILURES:
            return f"format failure ({record.outcome.replace('_', ' ')})"
        return self._drift_reason(record, state, sample)

    def _drift_reason(self, record: TurnRecord, state: RunState, sample: int) -> str | None:
        limit, drift = self._breakpoints.drift, gap(record.number, record.truth)
        if not limit or drift is None or abs(drift) <= limit:
            return None
        if not self._once(f"drift {sample}"):
            return None
        return f"off the true sum by {drift:+d}, more than {limit}"

    def _run_reason(self, state: RunState, record: TurnRecord) -> str | None:
        set_ = self._breakpoints
        tally = state.tallies[record.turn - 1]
        running = sum(not s.failed for s in state.samples)
        low = tally.n >= running and tally.task < set_.task_accuracy_below * tally.n
        if set_.task_accuracy_below and low and self._once("task accuracy"):
            return f"task accuracy {tally.task}/{tally.n}, below {percent(set_.task_accuracy_below)}"
        tokens, length = record.event.prompt_tokens or 0, set_.context_length or 0
        full = length > 0 and tokens > set_.context_above * length
        if set_.context_above and full and self._once("context"):
            return f"the context is {percent(round(tokens / length, 2))} full"
        return None

    def _once(self, key: str) -> bool:
        if key in self._fired:
            return False
        self._fired.add(key)
        return True
