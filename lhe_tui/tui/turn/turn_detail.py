"""One finished turn with all that the inspector shows of it, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.requests import build_request, full_request, history_before
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.answers import Value, set_reasoning_aside
from lhe_tui.task.controls import Controls
from lhe_tui.task.diagnosis.diagnose import Suspect
from lhe_tui.task.diagnosis.working_check import FalseStatement, first_false_statement
from lhe_tui.task.diagnosis.working_statements import Stated, stated_working
from lhe_tui.task.messages import Message, Provenance

BARE_ANSWER = 60
"""Characters beyond which a reply holds more than its answer."""


@dataclass(frozen=True)
class Origin:
    """Where a turn's running sum started from: the shown answer of `turn`, or the state line where `card`."""

    turn: int
    card: bool
    provenance: Provenance
    own: Value | None
    """What the model itself answered there."""
    truth: Value


class TurnDetail:
    """A finished turn of a sample. Building it costs O(turn); the rest is worked out as it is looked at."""

    def __init__(self, state: RunState, sample: int, turn: int) -> None:
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
        history = history_before(state, sample, turn)
        self.messages: list[Message] = build_request(state, sample, turn, history=history)
        self.pruned: list[int] = history.pruned_turns(self.controls)
        self._kept = history.kept(self.controls, turn)
        shown = history.shown(self.controls.injection)
        self.shown_numbers = shown.numbers[: turn - 1]
        """The past answers as shown, pruned ones too."""
        self.provenance: list[Provenance] = shown.provenance[: turn - 1]

    @cached_property
    def full_messages(self) -> list[Message]:
        """The request as it would be over the full history, nothing injected and nothing left out."""
        return full_request(self.state, self.sample, self.turn)

    @property
    def altered(self) -> bool:
        """Whether the request differs from the full history at all."""
        return bool(
            self.pruned or self.record.view.card is not None or any(p != "own" for p in self.provenance)
        )

    def own_number(self, turn: int) -> Value | None:
        """What the model itself answered at a past turn."""
        return self.state.samples[self.sample - 1].turns[turn - 1].number

    @cached_property
    def diagnosis(self) -> tuple[Suspect, ...]:
        """The slips that explain the turn, likeliest first; empty for a correct one."""
        return diagnosis_of(self.state, self.sample, self.turn)

    @cached_property
    def false_statement(self) -> FalseStatement | None:
        """Where the working first says something false, as a place in the stored reply."""
        if not self.has_working:
            return None
        numbers: Any = self.state.task.dictionary, self.keys, self.start, self.values
        return first_false_statement(self.record.content, *numbers)

    @property
    def has_working(self) -> bool:
        """Whether the reply was asked to reason aloud in whole numbers, or does so unasked."""
        if not self.state.task.variant.has_integers:
            return False
        return self.controls.mode == "cot" or len(self.record.content) > BARE_ANSWER

    @cached_property
    def stated(self) -> list[Stated]:
        """What the working says at each key."""
        if not self.has_working:
            return [Stated()] * len(self.keys)
        values: Any = self.values
        return stated_working(self.record.content, self.keys, values)

    @property
    def word(self) -> str:
        """What people call the state: the running `sum`."""
        return self.state.task.variant.state_word

    @property
    def gives_numbers(self) -> bool:
        """Whether the numbers themselves were given, and nothing is looked up."""
        return self.state.task.variant.shows_values

    @property
    def start(self) -> Value:
        """The sum that the turn had to start from."""
        history, basis = self.state.samples[self.sample - 1].history, self.record.basis
        stateless = self.state.task.stateless
        return history.truth(0 if stateless else self.turn - 1) if stateless or basis is None else basis

    @property
    def partials(self) -> list[Value]:
        """The right sum after each key."""
        return self.state.task.partials(self.sample, self.turn, self.record.basis)

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
        in_view = any(self.shown_numbers[index] is not None for index in self._kept)
        card = self.record.view.card is not None or not in_view
        past = self.state.samples[self.sample - 1].turns
        for index in reversed(range(self.turn - 1) if card else self._kept):
            if self.shown_numbers[index] is not None:
                earlier = past[index]
                return Origin(index + 1, card, self.provenance[index], earlier.number, earlier.truth)
        return None
