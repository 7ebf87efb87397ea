"""One finished turn with all that the inspector shows of it, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from lhe_tui.engine.cases import case_after
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.answers import set_reasoning_aside
from lhe_tui.task.controls import Controls, Injection, Pruning
from lhe_tui.task.diagnosis.diagnose import Suspect, diagnose
from lhe_tui.task.diagnosis.slip_case import GIVEN_NUMBERS
from lhe_tui.task.diagnosis.working_check import FalseStatement, first_false_statement
from lhe_tui.task.diagnosis.working_statements import Stated, stated_working
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message, Provenance

BARE_ANSWER = 60
"""Characters beyond which a reply holds more than its answer."""


@dataclass(frozen=True)
class Origin:
    """Where a turn's running sum started from: the shown answer of `turn`, or the state line where `card`."""

    turn: int
    card: bool
    provenance: Provenance
    own: int | None
    """What the model itself answered there."""
    truth: int


class TurnDetail:
    """A finished turn of a sample. Building it costs O(turn); the rest is worked out as it is looked at.

    `before`, the turn before this one taken apart, saves the history's building; it is of no use afterwards.
    """

    def __init__(self, state: RunState, sample: int, turn: int, before: TurnDetail | None = None) -> None:
        record = state.record(sample, turn)
        if record is None:
            raise LookupError(f"sample {sample} has no finished turn {turn}")
        self.state = state
        self.sample = sample
        self.turn = turn
        self.record: TurnRecord = record
        self.controls: Controls = state.controls_at(turn)
        self.keys = state.task.keys(sample, turn)
        self.values = state.task.values(sample, turn)
        history = self._history = self._history_before(before)
        self.messages: list[Message] = self._messages(history, self.controls)
        self.pruned: list[int] = history.pruned_turns(self.controls)
        shown = history.shown(self.controls.injection)
        self.shown_numbers = shown.numbers[: turn - 1]
        """The past answers as shown, pruned ones too."""
        self.provenance: list[Provenance] = shown.provenance[: turn - 1]

    def _history_before(self, before: TurnDetail | None) -> SampleHistory:
        if before is not None and before._leads_to(self):
            record = before.record
            before._history.add(record.content, record.number, record.expected)
            return before._history
        header = self.state.header
        history = SampleHistory(
            self.state.task, self.sample, header.injection_seed, header.sample_id(self.sample)
        )
        # Under the injection in force from the first turn on: nothing is shown twice.
        history.shown(self.controls.injection)
        for record in self.state.samples[self.sample - 1].turns[: self.turn - 1]:
            history.add(record.content, record.number, record.expected)
        return history

    def _leads_to(self, after: TurnDetail) -> bool:
        same = self.state is after.state and self.sample == after.sample and self.turn == after.turn - 1
        return same and self.controls == after.controls and len(self._history) == self.turn - 1

    def _messages(self, history: SampleHistory, controls: Controls) -> list[Message]:
        template = self.state.header.template
        return history.messages(controls, template, template.system_message(self.state.task, controls.mode))

    @cached_property
    def full_messages(self) -> list[Message]:
        """The request as it would be over the full history, nothing injected and nothing left out."""
        full = SampleHistory(self.state.task, self.sample, self.state.header.injection_seed)
        for record in self.state.samples[self.sample - 1].turns[: self.turn - 1]:
            full.add(record.content, record.number, record.expected)
        return self._messages(full, replace(self.controls, injection=Injection(), pruning=Pruning()))

    @property
    def altered(self) -> bool:
        """Whether the request differs from the full history at all."""
        return bool(
            self.pruned or self.record.view.card is not None or any(p != "own" for p in self.provenance)
        )

    def own_number(self, turn: int) -> int | None:
        """What the model itself answered at a past turn."""
        return self.state.samples[self.sample - 1].turns[turn - 1].number

    @cached_property
    def diagnosis(self) -> tuple[Suspect, ...]:
        """The slips that explain the turn, likeliest first; empty for a correct one."""
        if self.record.outcome == "correct":
            return ()
        return diagnose(case_after(self.state, self.sample, self.record, self._history, self.controls))

    @cached_property
    def _start(self) -> int | None:
        if self.state.task.stateless:
            return 0
        record = self.record
        return record.basis if record.basis is not None else record.expected - sum(self.values)

    @cached_property
    def false_statement(self) -> FalseStatement | None:
        """Where the working first says something false, as a place in the stored reply."""
        if not self.has_working:
            return None
        task = self.state.task
        return first_false_statement(
            self.record.content, task.dictionary, self.keys, self._start, self.values
        )

    @property
    def has_working(self) -> bool:
        """Whether the reply was asked to reason aloud, or does so unasked."""
        return self.controls.mode == "cot" or len(self.record.content) > BARE_ANSWER

    @cached_property
    def stated(self) -> list[Stated]:
        """What the working says at each key."""
        if not self.has_working:
            return [Stated()] * len(self.keys)
        return stated_working(self.record.content, self.keys, self.values)

    @property
    def gives_numbers(self) -> bool:
        """Whether the numbers themselves were given, and nothing is looked up."""
        return self.state.spec.variant in GIVEN_NUMBERS

    @property
    def start(self) -> int | None:
        """The sum that the turn had to start from."""
        return self._start

    @cached_property
    def reasoning(self) -> str:
        """The reasoning channel, and what stood in `<think>` blocks of the reply."""
        event = self.record.event
        aside = set_reasoning_aside(event.reply)[1]
        return "\n".join(part for part in (event.reasoning, aside) if part)

    @cached_property
    def origin(self) -> Origin | None:
        """Where the basis came from; None where nothing in view gives one, or before the first turn."""
        if self.record.basis is None or self.turn == 1 or self.state.task.stateless:
            return None
        card = self.record.view.card is not None
        first = 1 if card else self.record.view.first
        past = self.state.samples[self.sample - 1].turns
        for index in range(self.turn - 2, first - 2, -1):
            if self.shown_numbers[index] is not None:
                earlier = past[index]
                return Origin(index + 1, card, self.provenance[index], earlier.number, earlier.truth)
        return None
