"""The shown history: what the model sees of its past, after injection, healing and pruning.

Everything here is O(1) per turn while the controls stand still, and is rebuilt in O(turns) when injection changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from lhe_tui.task.answers import Value, with_number
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.corruption import corruption
from lhe_tui.task.messages import Message, Provenance
from lhe_tui.task.prompts import PromptTemplate, shown_keys
from lhe_tui.task.pruning.policy import JudgedTurn, PruningPolicy
from lhe_tui.task.spec import Task
from lhe_tui.task.variants.variant import AnyVariant


class View(NamedTuple):
    """What a request shows of the past. `card` is the sum that its newest message states."""

    basis: Value | None
    card: Value | None
    shown_turns: int
    wrong_states: int
    transitions: int
    wrong_transitions: int


_OWN: Provenance = "own"


def shown_answer(
    variant: AnyVariant,
    injection: Injection,
    own: Value | None,
    truth: Value,
    expected: Value,
    seed: int,
    sample: int,
    turn: int,
    given: Value | None = None,
) -> tuple[Value | None, Provenance]:
    """The past answer of one turn as an injection setting shows it, and where it came from.

    `given` is what an imported run showed in its place.
    """
    if not injection.active or turn < (injection.since or 1):
        if given is None or given == own:
            return own, "own"
        return given, "healed" if given == truth else "injected"
    if injection.rate > 0:
        fate = corruption(seed, sample, turn)
        if fate.threshold < injection.rate_for(sample):
            base = truth if injection.base == "truth" else own if own is not None else expected
            return variant.corrupt(base, fate, injection.size), "injected"
    if injection.base == "truth" and own != truth:
        return truth, "healed"
    return own, "own"


class ShownAnswers:
    """One sample's past answers as one injection setting shows them, with running counts of what is wrong."""

    def __init__(self, injection: Injection, variant: AnyVariant) -> None:
        self.injection = injection
        self.numbers: list[Value | None] = []
        self.provenance: list[Provenance] = []
        self.last_number: list[Value | None] = []
        self.wrong_states: list[int] = [0]
        self.wrong_transitions: list[int] = [0]
        self.messages: list[Message] = []
        """User and assistant messages of the past, without cards; filled by SampleHistory as asked for."""
        self.variant = variant
        self._selected: SelectedTurns | None = None

    def add(
        self,
        own: Value | None,
        truth: Value,
        truth_before: Value,
        gain: Value,
        expected: Value,
        seed: int,
        sample: int,
        given: Value | None = None,
    ) -> None:
        """Append the next past turn; `given` is what an imported run showed in its place."""
        index = len(self.numbers)
        shown, provenance = own, _OWN
        if self.injection.active or given is not None:
            shown, provenance = shown_answer(
                self.variant, self.injection, own, truth, expected, seed, sample, index + 1, given
            )
        last = self.last_number[-1] if index else None
        before = last if last is not None else truth_before
        self.numbers.append(shown)
        self.provenance.append(provenance)
        self.last_number.append(last if shown is None else shown)
        self.wrong_states.append(self.wrong_states[-1] + (shown != truth))
        self.wrong_transitions.append(
            self.wrong_transitions[-1] + (shown is None or self.variant.step(before, gain) != shown)
        )

    def selected(self, policy: PruningPolicy) -> SelectedTurns:
        """The turns that a policy keeps, judged up to the last one; remembered for the policy last asked for."""
        if self._selected is None or self._selected.policy != policy:
            self._selected = SelectedTurns(policy, self)
        self._selected.judge()
        return self._selected


class SelectedTurns:
    """The turns that a policy keeps by judging each of them, with running counts of what is wrong among them."""

    def __init__(self, policy: PruningPolicy, shown: ShownAnswers) -> None:
        self.policy = policy
        self.kept: list[int] = []
        self.wrong_states = 0
        self.wrong_transitions = 0
        self.messages: list[Message] = []
        """User and assistant messages of the turns kept; filled by SampleHistory as asked for."""
        self._shown = shown
        self._judged = 0

    def judge(self) -> None:
        """Judge the turns that have come since."""
        shown = self._shown
        for index in range(self._judged, len(shown.numbers)):
            wrong = shown.wrong_transitions[index + 1] - shown.wrong_transitions[index]
            carried = not index or shown.variant.stateless or shown.last_number[index - 1] is not None
            if self.policy.keeps(JudgedTurn(not wrong, carried)):
                self.kept.append(index)
                self.wrong_states += shown.wrong_states[index + 1] - shown.wrong_states[index]
                self.wrong_transitions += wrong
        self._judged = len(shown.numbers)


class SampleHistory:
    """The past turns of one sample, and every way of showing them."""

    def __init__(
        self,
        task: Task,
        sample: int,
        injection_seed: int,
        sample_id: int | None = None,
        given: Sequence[Value | None] = (),
    ) -> None:
        self.sample = sample
        self._given = given
        """What an imported run showed in place of past answers; None, or nothing any more: the model's own."""
        self._id = sample if sample_id is None else sample_id
        self._seed = injection_seed
        self._task = task
        self._gains = task.gains(sample)
        self._truths = task.truths(sample)
        self._start: Value = task.variant.start
        self._own: list[Value | None] = []
        self._expected: list[Value] = []
        self.contents: list[str] = []
        self._shown = ShownAnswers(Injection(), task.variant)
        self._viewed: tuple[Controls, int, View] | None = None
        self._last_user: Message | None = None

    def __len__(self) -> int:
        return len(self._own)

    def add(self, content: str, number: Value | None, expected: Value) -> None:
        """Append a finished turn: its stored reply, the number in it, and what would have been turn-correct."""
        index = len(self._own)
        self._own.append(number)
        self._expected.append(expected)
        self.contents.append(content)
        self._show(self._shown, index)

    def _show(self, shown: ShownAnswers, index: int) -> None:
        shown.add(
            self._own[index],
            self._truths[index],
            self.truth(index),
            self._gains[index],
            self._expected[index],
            self._seed,
            self._id,
            self._given[index] if index < len(self._given) else None,
        )

    def before(self, turn: int, *, own: bool = False) -> SampleHistory:
        """The same history as it stood when a turn was asked; `own`: nothing given in place of it. Costs O(turn)."""
        given = () if own else self._given
        earlier = SampleHistory(self._task, self.sample, self._seed, self._id, given)
        for index in range(min(turn - 1, len(self))):
            earlier.add(self.contents[index], self._own[index], self._expected[index])
        return earlier

    def shown_answer(self, index: int, injection: Injection) -> tuple[Value | None, Provenance]:
        """One past answer as an injection setting shows it, and where it came from."""
        given = self._given[index] if index < len(self._given) else None
        own, truth, expected = self._own[index], self._truths[index], self._expected[index]
        return shown_answer(
            self._task.variant, injection, own, truth, expected, self._seed, self._id, index + 1, given
        )

    def truth(self, turn: int) -> Any:
        """The right answer of a turn, had nothing gone wrong; of turn 0, the state that all starts from."""
        return self._truths[turn - 1] if turn else self._task.variant.start

    def gain(self, turn: int) -> Any:
        """What a turn's own values do to the state: their sum."""
        return self._gains[turn - 1]

    def expected(self, turn: int, basis: Value | None) -> Any:
        """The right answer of a turn after what was shown; the true one where that tells no state."""
        start = self.truth(turn - 1) if basis is None else basis
        return self._task.variant.step(start, self._gains[turn - 1])

    def shown(self, injection: Injection) -> ShownAnswers:
        """The past answers under an injection setting; cached for the setting last asked for."""
        current = self._shown
        if current.injection is injection:
            return current
        if current.injection == injection:
            current.injection = injection
            return current
        current = ShownAnswers(injection, self._task.variant)
        for index in range(len(self._own)):
            self._show(current, index)
        self._shown = current
        return current

    def view(self, controls: Controls) -> View:
        """What the request of the next turn shows of the past."""
        viewed, past = self._viewed, len(self._own)
        if viewed is not None and viewed[0] is controls and viewed[1] == past:
            return viewed[2]
        shown = self.shown(controls.injection)
        if not past:
            view = View(self._start, None, 0, 0, 0, 0)
        elif controls.pruning.active:
            view = self._pruned_view(shown, controls.pruning, past)
        else:
            wrong_states, wrong = shown.wrong_states[-1], shown.wrong_transitions[-1]
            view = View(shown.last_number[-1], None, past, wrong_states, past, wrong)
        self._viewed = controls, past, view
        return view

    def _pruned_view(self, shown: ShownAnswers, policy: PruningPolicy, past: int) -> View:
        if policy.selects:
            selected = shown.selected(policy)
            kept = len(selected.kept)
            counts = kept, selected.wrong_states, kept, selected.wrong_transitions
            low, gap = 0, not kept or selected.kept[-1] != past - 1
        else:
            low = policy.first(past)
            gap = low == past
            # The first turn in view has nothing before it to be judged by, unless a line of state tells it.
            told = policy.cards == "gaps" or not low
            judged = low if told else min(low + 1, past)
            wrong_states = shown.wrong_states[past] - shown.wrong_states[low]
            wrong = shown.wrong_transitions[past] - shown.wrong_transitions[judged]
            if told and 0 < low < past and shown.last_number[low - 1] is None:
                # The line of state tells the start of all there, whatever the sum was.
                wrong += shown.numbers[low] != self._task.variant.step(self._start, self._gains[low])
                wrong -= shown.wrong_transitions[low + 1] - shown.wrong_transitions[low]
            counts = past - low, wrong_states, past - judged, wrong
        last = shown.last_number[-1]
        if policy.cards == "newest" or (policy.cards == "gaps" and gap):
            carried = last if last is not None else self._start
            return View(carried, carried, *counts)
        if policy.cards == "gaps":
            return View(self._start if last is None and low else last, None, *counts)
        return View(last if not low or last is None else _last_in(shown.numbers, low), None, *counts)

    def kept(self, controls: Controls, turn: int) -> Sequence[int]:
        """Indices of the past turns that the request of a turn shows, the oldest first."""
        policy, past = controls.pruning, turn - 1
        if not policy.selects:
            return range(policy.first(past), past)
        kept = self.shown(controls.injection).selected(policy).kept
        return kept[: bisect_left(kept, past)]

    def messages(self, controls: Controls, template: PromptTemplate, system: str) -> list[Message]:
        """The request of the next turn, exactly as sent; one history is always shown through one template."""
        view, policy, past = self.view(controls), controls.pruning, len(self._own)
        shown = self.shown(controls.injection)
        template = template.for_variant(self._task.spec.variant)
        messages = [Message("system", system, "system", 0)]
        if policy.selects:
            messages += self._selected(shown.selected(policy), shown, template)
        else:
            low = policy.first(past)
            messages += self._plain(shown, template)[2 * low :]
            if policy.cards == "gaps" and 0 < low < past:
                messages[1] = self._after_gap(low, shown, template)
        messages.append(self._user(past, template, view.card))
        return messages

    def _plain(self, shown: ShownAnswers, template: PromptTemplate) -> list[Message]:
        """All past turns as user and assistant messages, kept between calls since they only grow."""
        for index in range(len(shown.messages) // 2, len(self._own)):
            shown.messages += (self._user(index, template, None), self._assistant(index, shown))
        return shown.messages

    def _selected(
        self, selected: SelectedTurns, shown: ShownAnswers, template: PromptTemplate
    ) -> list[Message]:
        """The turns that a policy keeps, as messages; kept between calls since they only grow."""
        cards = selected.policy.cards == "gaps"
        done = len(selected.messages) // 2
        previous = selected.kept[done - 1] if done else -1
        for index in selected.kept[done:]:
            after_gap = cards and index != previous + 1
            user = self._after_gap(index, shown, template) if after_gap else self._user(index, template, None)
            selected.messages += (user, self._assistant(index, shown))
            previous = index
        return selected.messages

    def _after_gap(self, index: int, shown: ShownAnswers, template: PromptTemplate) -> Message:
        """A user message that tells the sum it starts from: without it a right step would look wrong."""
        before = shown.last_number[index - 1]
        return self._user(index, template, before if before is not None else self._start)

    def _user(self, index: int, template: PromptTemplate, card: Value | None) -> Message:
        last = self._last_user
        if card is None and last is not None and last.turn == index + 1:
            return last
        keys = shown_keys(self._task, self.sample, index + 1)
        if card is None:
            self._last_user = Message("user", template.user_message(keys), "user", index + 1)
            return self._last_user
        return Message(
            "user", template.user_message(keys, template.state_line(card)), "state_card", index + 1
        )

    def _assistant(self, index: int, shown: ShownAnswers) -> Message:
        provenance = shown.provenance[index]
        content = self.contents[index]
        number = shown.numbers[index]
        if provenance != "own" and number is not None:
            content = with_number(content, number)
        return Message("assistant", content, provenance, index + 1)

    def pruned_turns(self, controls: Controls) -> list[int]:
        """The past turns that the next request leaves out."""
        past = len(self._own)
        kept = set(self.kept(controls, past + 1))
        return [index + 1 for index in range(past) if index not in kept]


def _last_in(numbers: Sequence[Value | None], low: int) -> Value | None:
    for index in range(len(numbers) - 1, low - 1, -1):
        if numbers[index] is not None:
            return numbers[index]
    return None
