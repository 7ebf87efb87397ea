"""The fold: `state = apply(state, event)`. Everything on a screen, and every request, is read off this state."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from lhe_tui.engine.events import (
    Attempt,
    ControlsChanged,
    Event,
    NoteAdded,
    NoticeRaised,
    ReplyStreamed,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    TurnDropped,
    TurnFinished,
    TurnRetried,
    TurnStarted,
)
from lhe_tui.engine.reference_scoring import score_by_reference
from lhe_tui.engine.turn_record import TurnRecord
from lhe_tui.errors import LheError
from lhe_tui.task.answers import Outcome, set_reasoning_aside
from lhe_tui.task.controls import AnswerMode, ControlError, Controls, apply_change
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.scoring import Rules, TurnTally, score_strict

__all__ = ["FoldError", "LiveReply", "RunState", "SampleState", "Status", "TurnRecord", "apply"]

Status = Literal["ready", "running", "paused", "completed", "stopped"]


class FoldError(LheError, ValueError):
    """An event that cannot follow the ones before it; the message says why."""


class LiveReply:
    """A turn under way: what has streamed so far, and what is being waited for."""

    __slots__ = ("pieces", "reasoning", "started", "turn", "waiting", "waiting_since")

    def __init__(self, turn: int, started: float) -> None:
        self.turn = turn
        self.started = started
        self.pieces: list[str] = []
        self.reasoning: list[str] = []
        self.waiting: Attempt | None = None
        """The attempt that failed and is being waited out."""
        self.waiting_since = 0.0

    @property
    def text(self) -> str:
        """The visible reply so far."""
        return "".join(self.pieces)

    @property
    def thought(self) -> str:
        """The reasoning channel so far."""
        return "".join(self.reasoning)


class SampleState:
    """One sample: its finished turns, its history, and the turn under way."""

    __slots__ = ("carried", "history", "live", "task_correct", "turns")

    def __init__(self, history: SampleHistory) -> None:
        self.turns: list[TurnRecord] = []
        self.history = history
        self.live: LiveReply | None = None
        self.task_correct = True
        self.carried: int | None = 0
        """The sum that the reference rules carry on."""

    @property
    def failed(self) -> bool:
        """Whether its last turn failed: it stands still until the run resumes."""
        return bool(self.turns) and self.turns[-1].outcome == "failed"

    @property
    def next_turn(self) -> int:
        """The turn to be asked next: a failed one again."""
        return len(self.turns) + (0 if self.failed else 1)


class RunState:
    """A run as the events so far tell it. `version` grows with every event that changes anything."""

    def __init__(self, header: RunStarted, rules: Rules | None = None) -> None:
        self.header = header
        self.rules: Rules = rules or header.rules
        """The rules that turns are scored by; the header's own where none are named."""
        self.task = header.task
        self.spec = header.task.spec
        self.samples = [
            SampleState(
                SampleHistory(
                    header.task,
                    sample,
                    header.injection_seed,
                    header.sample_id(sample),
                    header.given(sample),
                )
            )
            for sample in range(1, self.spec.samples + 1)
        ]
        self.tallies: list[TurnTally] = []
        self.outcomes: Counter[Outcome] = Counter()
        self.given_turns = 0
        """Past turns that a person edited or an experiment gave: in the history, and in no figure."""
        self.changes: list[ControlsChanged] = []
        self.timeline: list[tuple[int, Controls]] = [(1, apply_change(header.controls, (), 1))]
        self._systems: dict[AnswerMode, str] = {}
        self.notices: list[NoticeRaised] = []
        self.notes: list[NoteAdded] = []
        """What people wrote about the run: notes, titles and tags, the oldest first."""
        self.status: Status = "ready"
        self.pause: RunPaused | None = None
        self.elapsed = 0.0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.reasoning_tokens = 0
        self.cost = 0.0
        self.retries = 0
        self.shown_states = [0.0, 0, 0, 0]
        """Over all requests: (rate asked × turns it could touch, turns shown, wrong states shown, turns that injection
        could touch)."""
        self.shown_transitions = [0, 0]
        """Over all requests: (transitions shown, wrong transitions shown)."""
        self.version = 0

    # ---- the fold

    def apply(self, event: Event) -> RunState:
        """Take one event in. Raises FoldError where it cannot follow what came before."""
        _HANDLERS[type(event)](self, event)
        self.version += 1
        return self

    def _start_turn(self, event: TurnStarted) -> None:
        self.samples[event.sample - 1].live = LiveReply(event.turn, event.at)
        self.elapsed = event.at
        self.status = "running" if self.status == "ready" else self.status

    def _stream(self, event: ReplyStreamed) -> None:
        live = self.samples[event.sample - 1].live
        if live is None:
            return
        if event.restart:
            live.pieces.clear()
            live.reasoning.clear()
        live.waiting = None
        (live.reasoning if event.reasoning else live.pieces).append(event.text)

    def _retry(self, event: TurnRetried) -> None:
        live = self.samples[event.sample - 1].live
        if live is not None:
            live.waiting = event.attempt
            live.waiting_since = event.at

    def _drop_turn(self, event: TurnDropped) -> None:
        self.samples[event.sample - 1].live = None

    def _finish_turn(self, event: TurnFinished) -> None:
        sample = self._sample_ready_for(event)
        history = sample.history
        turn = event.turn
        controls = self.controls_at(turn)
        view = history.view(controls)
        content = set_reasoning_aside(event.reply)[0]
        variant = self.task.variant
        reading = variant.read_answer(content)
        truth = history.truth(turn)
        score = score_strict(reading, event.finish, history.expected(turn, view.basis), truth)
        own, expected = reading.number, score.expected
        if self.rules == "reference" and variant.has_integers and not variant.stateless:
            reading, score, sample.carried = score_by_reference(
                self.header, sample.history, sample.carried, event, controls
            )
        failed = score.outcome == "failed"
        if not (score.absolute or failed):
            sample.task_correct = False
        record = TurnRecord(
            event,
            content,
            reading.number,
            score.outcome,
            score.expected,
            truth,
            score.absolute,
            sample.task_correct,
            view,
        )
        sample.turns.append(record)
        sample.live = None
        if self.status == "ready" and not event.edited:
            self.status = "running"
        if not failed:
            # What is shown does not depend on the rules that it is scored by.
            history.add(content, own, expected)
        self._count(record, controls)

    def _sample_ready_for(self, event: TurnFinished) -> SampleState:
        if not 0 < event.sample <= len(self.samples):
            raise FoldError(f"sample {event.sample} of a run that has {len(self.samples)}")
        sample = self.samples[event.sample - 1]
        failed = bool(sample.turns) and sample.turns[-1].outcome == "failed"
        if event.turn != len(sample.turns) + (not failed) or event.turn > self.spec.turns:
            raise FoldError(
                f"turn {event.turn} of sample {event.sample} where turn {sample.next_turn} was due"
                if event.turn <= self.spec.turns
                else f"turn {event.turn} of a run that has {self.spec.turns}"
            )
        if failed:
            sample.turns.pop()
            self.tallies[event.turn - 1].failed -= 1
            self.outcomes["failed"] -= 1
        return sample

    def _count(self, record: TurnRecord, controls: Controls) -> None:
        event, view, outcome = record.event, record.view, record.outcome
        while len(self.tallies) < event.turn:
            self.tallies.append(TurnTally())
        if event.edited:
            # Not the model's answer: it is shown to the model, and says nothing of it.
            self.given_turns += 1
            return
        tally = self.tallies[event.turn - 1]
        tally.count(outcome, record.absolute, record.task)
        if outcome == "correct" and record.number is None:
            # The harness holds a turn right that has no number, where its values sum to 0.
            tally.format_failures += 1
        self.outcomes[outcome] += 1
        if event.at > self.elapsed:
            self.elapsed = event.at
        self.prompt_tokens += event.prompt_tokens or 0
        self.completion_tokens += event.completion_tokens or 0
        if event.reasoning_tokens:
            self.reasoning_tokens += event.reasoning_tokens
        if event.cost:
            self.cost += event.cost
        if event.attempts:
            self.retries += len(event.attempts)
        if view.shown_turns and outcome != "failed":
            states, transitions = self.shown_states, self.shown_transitions
            if controls.injection.rate:
                touched = self._touched(event, controls)
                states[0] += controls.injection.rate_for(self.header.sample_id(event.sample)) * touched
                states[3] += touched
            states[1] += view.shown_turns
            states[2] += view.wrong_states
            transitions[0] += view.transitions
            transitions[1] += view.wrong_transitions

    def _touched(self, event: TurnFinished, controls: Controls) -> int:
        """The shown turns that injection could touch: those from its first one on."""
        since = controls.injection.since or 1
        kept = self.samples[event.sample - 1].history.kept(controls, event.turn)
        return len(kept) - bisect_left(kept, since - 1)

    def _change(self, event: ControlsChanged) -> None:
        self.changes.append(event)
        self.elapsed = max(self.elapsed, event.at)
        try:
            self.timeline = self._timeline()
        except ControlError as error:
            self.changes.remove(event)
            raise FoldError(str(error)) from error

    def _timeline(self) -> list[tuple[int, Controls]]:
        controls = apply_change(self.header.controls, (), 1)
        timeline = [(1, controls)]
        for change in sorted(self.changes, key=lambda event: event.turn):
            controls = apply_change(controls, change.change, change.turn)
            if timeline[-1][0] >= change.turn:
                timeline[-1] = (timeline[-1][0], controls)
            else:
                timeline.append((change.turn, controls))
        return timeline

    def _pause(self, event: RunPaused) -> None:
        self.status, self.pause = "paused", event
        self.elapsed = max(self.elapsed, event.at)

    def _resume(self, event: RunResumed) -> None:
        self.status, self.pause = "running", None

    def _notice(self, event: NoticeRaised) -> None:
        self.notices.append(event)

    def _note(self, event: NoteAdded) -> None:
        self.notes.append(event)

    def _finish(self, event: RunFinished) -> None:
        self.status = event.reason
        self.elapsed = max(self.elapsed, event.at)
        for sample in self.samples:
            sample.live = None

    def _reject_header(self, event: RunStarted) -> None:
        raise FoldError("a second header")

    # ---- reading the state

    def controls_at(self, turn: int) -> Controls:
        """The controls that govern the request of a turn."""
        timeline = self.timeline
        if len(timeline) == 1 or turn >= timeline[-1][0]:
            return timeline[-1][1]
        return timeline[max(0, bisect_right(timeline, turn, key=lambda entry: entry[0]) - 1)][1]

    def system_message(self, mode: AnswerMode) -> str:
        """The system message in an answer mode, made once."""
        if mode not in self._systems:
            self._systems[mode] = self.header.template.system_message(self.task, mode)
        return self._systems[mode]

    @property
    def controls(self) -> Controls:
        """The controls that will hold once every change asked for has taken force."""
        return self.timeline[-1][1]

    @property
    def built_turns(self) -> int:
        """The highest turn whose request has been built in any sample."""
        return max(
            (max(len(s.turns), s.live.turn if s.live else 0) for s in self.samples),
            default=0,
        )

    @property
    def complete_turns(self) -> int:
        """The turns that every sample still in the run has finished."""
        return min((len(s.turns) for s in self.samples if not s.failed), default=len(self.tallies))

    @property
    def finished_turns(self) -> int:
        """Turns finished in all samples together, given ones among them, failed ones left out."""
        return self.answered_turns + self.given_turns

    @property
    def missing_turns(self) -> int:
        """The turns that a run which says it completed does not hold: lines that its file has lost."""
        if self.status != "completed":
            return 0
        return sum(self.spec.turns - len(sample.turns) for sample in self.samples if not sample.failed)

    @property
    def answered_turns(self) -> int:
        """Turns that a model has answered, in all samples together."""
        return sum(self.outcomes.values()) - self.outcomes["failed"]

    def record(self, sample: int, turn: int) -> TurnRecord | None:
        """A finished turn, or None where there is none yet."""
        if not 1 <= sample <= len(self.samples):
            return None
        turns = self.samples[sample - 1].turns
        return turns[turn - 1] if 1 <= turn <= len(turns) else None


_HANDLERS: dict[type, Callable[[RunState, Any], None]] = {
    RunStarted: RunState._reject_header,
    TurnStarted: RunState._start_turn,
    ReplyStreamed: RunState._stream,
    TurnRetried: RunState._retry,
    TurnDropped: RunState._drop_turn,
    TurnFinished: RunState._finish_turn,
    ControlsChanged: RunState._change,
    RunPaused: RunState._pause,
    RunResumed: RunState._resume,
    NoticeRaised: RunState._notice,
    NoteAdded: RunState._note,
    RunFinished: RunState._finish,
}


def apply(state: RunState | None, event: Event) -> RunState:
    """The fold's step: the state after `event`. The first event must be the header. Raises FoldError."""
    if state is None:
        if not isinstance(event, RunStarted):
            raise FoldError("the first event is no header")
        return RunState(event)
    return state.apply(event)
