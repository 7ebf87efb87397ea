"""The shown history: what the model sees of its past, after injection, healing and pruning (DESIGN §1, §2.5).

Everything here is O(1) per turn while the controls stand still, and is rebuilt in O(turns) when injection changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lhe_tui.task.answers import with_number
from lhe_tui.task.controls import Controls, Injection, Pruning, corruption
from lhe_tui.task.messages import Message, Provenance
from lhe_tui.task.prompts import PromptTemplate, shown_keys
from lhe_tui.task.spec import Task


class View(NamedTuple):
    """What a request shows of the past. Turns count from 1; `first` is the first turn of a window."""

    basis: int | None
    card: int | None
    shown_turns: int
    wrong_states: int
    transitions: int
    wrong_transitions: int
    first: int


_NOTHING_SHOWN = View(0, None, 0, 0, 0, 0, 1)
_OWN: Provenance = "own"


def shown_answer(
    injection: Injection, own: int | None, truth: int, expected: int, seed: int, sample: int, turn: int
) -> tuple[int | None, Provenance]:
    """The past answer of one turn as an injection setting shows it, and where it came from."""
    if not injection.active or turn < (injection.since or 1):
        return own, "own"
    if injection.rate > 0:
        fate = corruption(seed, sample, turn)
        if fate.threshold < injection.rate_for(sample):
            base = truth if injection.base == "truth" else own if own is not None else expected
            return base + fate.offset(injection.size), "injected"
    if injection.base == "truth" and own != truth:
        return truth, "healed"
    return own, "own"


class ShownAnswers:
    """One sample's past answers as one injection setting shows them, with running counts of what is wrong."""

    def __init__(self, injection: Injection, stateless: bool) -> None:
        self.injection = injection
        self.numbers: list[int | None] = []
        self.provenance: list[Provenance] = []
        self.last_number: list[int | None] = []
        self.wrong_states: list[int] = [0]
        self.wrong_transitions: list[int] = [0]
        self.messages: list[Message] = []
        """User and assistant messages of the past, without cards; filled by SampleHistory as asked for."""
        self.kept_messages: list[Message] = []
        """The same for the turns that `drop wrong` keeps, with the cards that bridge its gaps."""
        self._kept: list[int] = []
        self._kept_wrong = 0
        self._judged = 0
        self._stateless = stateless

    def add(
        self,
        own: int | None,
        truth: int,
        turn_sum: int,
        expected: int,
        seed: int,
        sample: int,
        given: int | None = None,
    ) -> None:
        """Append the next past turn; `given` is what an imported run showed in its place."""
        index = len(self.numbers)
        shown, provenance = own, _OWN
        if self.injection.active and index + 1 >= (self.injection.since or 1):
            shown, provenance = shown_answer(self.injection, own, truth, expected, seed, sample, index + 1)
        elif given is not None and given != own:
            shown, provenance = given, "healed" if given == truth else "injected"
        last = self.last_number[-1] if index else None
        before = 0 if not index or self._stateless else last if last is not None else truth - turn_sum
        self.numbers.append(shown)
        self.provenance.append(provenance)
        self.last_number.append(last if shown is None else shown)
        self.wrong_states.append(self.wrong_states[-1] + (shown != truth))
        self.wrong_transitions.append(
            self.wrong_transitions[-1] + (shown is None or before + turn_sum != shown)
        )

    @property
    def kept(self) -> list[int]:
        """Indices of the turns whose transition is right, from a sum that a line of state can carry."""
        # Worked out where it is asked for: only `drop wrong` ever does.
        for index in range(self._judged, len(self.numbers)):
            carried = not index or self._stateless or self.last_number[index - 1] is not None
            if carried and self.wrong_transitions[index + 1] == self.wrong_transitions[index]:
                self._kept.append(index)
                self._kept_wrong += self.wrong_states[index + 1] - self.wrong_states[index]
        self._judged = len(self.numbers)
        return self._kept

    def kept_wrong_states(self) -> int:
        """Wrong states among the turns that `drop wrong` keeps."""
        return self._kept_wrong if self.kept else 0


class SampleHistory:
    """The past turns of one sample, and every way of showing them."""

    def __init__(
        self,
        task: Task,
        sample: int,
        injection_seed: int,
        sample_id: int | None = None,
        given: Sequence[int | None] = (),
    ) -> None:
        self.sample = sample
        self._given = given
        """What an imported run showed in place of past answers; None, or nothing any more: the model's own."""
        self._id = sample if sample_id is None else sample_id
        self._seed = injection_seed
        self._task = task
        self._sums = task.turn_sums(sample)
        self._truths = task.truths(sample)
        self._own: list[int | None] = []
        self._expected: list[int] = []
        self.contents: list[str] = []
        self._shown = ShownAnswers(Injection(), task.stateless)
        self._viewed: tuple[Controls, int, View] | None = None
        self._last_user: Message | None = None

    def __len__(self) -> int:
        return len(self._own)

    def add(self, content: str, number: int | None, expected: int) -> None:
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
            self._sums[index],
            self._expected[index],
            self._seed,
            self._id,
            self._given[index] if index < len(self._given) else None,
        )

    def before(self, turn: int) -> SampleHistory:
        """The same history as it stood when a turn was asked. Costs O(turn)."""
        earlier = SampleHistory(self._task, self.sample, self._seed, self._id, self._given)
        while len(earlier) < min(turn - 1, len(self)):
            earlier.add_next_of(self)
        return earlier

    def add_next_of(self, later: SampleHistory) -> None:
        """Append the turn that follows here in a later state of the same history."""
        index = len(self._own)
        self.add(later.contents[index], later._own[index], later._expected[index])

    def truth(self, turn: int) -> int:
        """The right answer of a turn, had nothing gone wrong."""
        return self._truths[turn - 1]

    def turn_sum(self, turn: int) -> int:
        """The sum of a turn's own values."""
        return self._sums[turn - 1]

    def shown(self, injection: Injection) -> ShownAnswers:
        """The past answers under an injection setting; cached for the setting last asked for."""
        current = self._shown
        if current.injection is injection:
            return current
        if current.injection == injection:
            current.injection = injection
            return current
        current = ShownAnswers(injection, self._task.stateless)
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
            view = _NOTHING_SHOWN
        elif controls.pruning.active:
            view = self._pruned_view(shown, controls.pruning, past, shown.last_number[-1])
        else:
            wrong_states, wrong = shown.wrong_states[-1], shown.wrong_transitions[-1]
            view = View(shown.last_number[-1], None, past, wrong_states, past, wrong, 1)
        self._viewed = controls, past, view
        return view

    def _pruned_view(self, shown: ShownAnswers, pruning: Pruning, past: int, last: int | None) -> View:
        if pruning.policy == "state-card":
            carried = last if last is not None else 0
            return View(carried, carried, 0, 0, 0, 0, past + 1)
        if pruning.policy == "drop-wrong":
            kept = len(shown.kept)
            card = None if kept and shown.kept[-1] == past - 1 else (last if last is not None else 0)
            basis = last if card is None else card
            return View(basis, card, kept, shown.kept_wrong_states(), kept, 0, 1)
        return self._window_view(shown, pruning, past, last)

    @staticmethod
    def _window_view(shown: ShownAnswers, pruning: Pruning, past: int, last: int | None) -> View:
        low = max(0, past - pruning.window)
        # The first turn of a window has nothing before it in view to be judged by.
        judged = low + 1 if low else 0
        wrong_states = shown.wrong_states[past] - shown.wrong_states[low]
        wrong = shown.wrong_transitions[past] - shown.wrong_transitions[judged]
        card = (last if last is not None else 0) if pruning.card else None
        basis = card
        if card is None:
            basis = last if low == 0 or last is None else _last_in(shown.numbers, low)
        return View(basis, card, past - low, wrong_states, past - judged, wrong, low + 1)

    def messages(self, controls: Controls, template: PromptTemplate, system: str) -> list[Message]:
        """The request of the next turn, exactly as sent; one history is always shown through one template."""
        view = self.view(controls)
        shown = self.shown(controls.injection)
        messages = [Message("system", system, "system", 0)]
        if controls.pruning.policy == "drop-wrong":
            messages += self._kept(shown, template)
        else:
            messages += self._plain(shown, template)[2 * (view.first - 1) :]
        messages.append(self._user(len(self._own), template, view.card))
        return messages

    def _plain(self, shown: ShownAnswers, template: PromptTemplate) -> list[Message]:
        """All past turns as user and assistant messages, kept between calls since they only grow."""
        for index in range(len(shown.messages) // 2, len(self._own)):
            shown.messages += (self._user(index, template, None), self._assistant(index, shown))
        return shown.messages

    def _kept(self, shown: ShownAnswers, template: PromptTemplate) -> list[Message]:
        """The turns that `drop wrong` keeps, as messages; kept between calls since they only grow.

        A kept turn after a gap carries the sum it started from: without it a right step would look wrong.
        """
        done = len(shown.kept_messages) // 2
        previous = shown.kept[done - 1] if done else -1
        for index in shown.kept[done:]:
            card = None
            if index != previous + 1:
                before = shown.last_number[index - 1]
                card = before if before is not None else 0
            shown.kept_messages += (self._user(index, template, card), self._assistant(index, shown))
            previous = index
        return shown.kept_messages

    def _user(self, index: int, template: PromptTemplate, card: int | None) -> Message:
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
        if controls.pruning.policy == "drop-wrong":
            kept = set(self.shown(controls.injection).kept)
            return [index + 1 for index in range(past) if index not in kept]
        return list(range(1, min(self.view(controls).first, past + 1)))


def _last_in(numbers: Sequence[int | None], low: int) -> int | None:
    for index in range(len(numbers) - 1, low - 1, -1):
        if numbers[index] is not None:
            return numbers[index]
    return None
