"""The runner: an async generator of events that executes a run, breadth first, under controls that may change."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from lhe_tui.engine.context_watch import ContextWatch
from lhe_tui.engine.events import (
    LIVE_EVENTS,
    ControlsChanged,
    Event,
    NoticeRaised,
    RunFinished,
    RunPaused,
    RunResumed,
    TurnDropped,
    TurnFinished,
    TurnStarted,
)
from lhe_tui.engine.model_facts import ModelFacts
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.engine.turn_requester import FATE, RetryPolicy, TurnFailed, TurnRequester, draw
from lhe_tui.models.base import ChatModel
from lhe_tui.task.controls import Change, ControlError, apply_change

SERVER_WIDE = frozenset({"unreachable", "auth", "quota", "no_model", "overloaded", "server", "silent"})
"""Failures that say something of the server and nothing of the one request."""
AT_ONCE_WIDE = frozenset({"auth", "quota", "no_model"})
"""Failures that no other request can escape."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How a run is paced. `lead` bounds how many turns a sample may run ahead of the slowest one.

    Runs that are given the same `gate` share it: it bounds how many requests all of them have under way.
    """

    concurrency: int = 8
    lead: int = 4
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    gate: asyncio.Semaphore | None = None


def _never(state: RunState, record: TurnRecord, sample: int) -> str | None:
    return None


class Run:
    """One run under way. Iterate `events()`; steer with the methods; `state` is the fold of all events so far.

    `record` is called with every event that is not live, before the next turn is asked for: once it returns, the
    event must outlive this process. Where it raises OSError the run pauses and says so. `watch` may name a reason
    to pause after a finished turn (breakpoints).
    """

    def __init__(
        self,
        state: RunState,
        open_model: Callable[[str], ChatModel],
        *,
        record: Callable[[Event], None] = lambda event: None,
        pace: RunLimits | None = None,
        script: Iterable[tuple[int, Change]] = (),
        live: bool = True,
        clock: Callable[[], float] = time.monotonic,
        watch: Callable[[RunState, TurnRecord, int], str | None] = _never,
    ) -> None:
        self.state = state
        self.pace = pace = pace or RunLimits()
        self.watch = watch
        self._open_model = open_model
        self._models: dict[str, ChatModel] = {}
        self._record = record
        self._unrecorded: deque[Event] = deque()
        self._script = list(script)
        self._clock_now = clock
        self._clock_base = clock() - state.elapsed
        self._latest = state.elapsed
        self._pending: deque[Event] = deque()
        self._published = asyncio.Event()
        self._gate = asyncio.Event()
        self._ready: list[tuple[int, int]] = []
        self._active: dict[int, int] = {}
        self._limit: int | None = None
        self._stopping = False
        self._quick_turns = 0
        self._context = ContextWatch(state.spec.turns)
        self._facts = ModelFacts()
        self._known_models = 0
        self._check_script()
        self._asker = TurnRequester(
            self._publish,
            self._now,
            asyncio.sleep,
            self._hold,
            pace.retry,
            live,
            state.header.sampling_seed,
            self._draw,
            self._fate,
            pace.gate,
            state.task.variant.read_answer,
        )

    # ---- steering: safe to call at any time from the loop's thread

    def pause(self, reason: str = "", *, fault: bool = False) -> None:
        """Build no further request; replies in flight go on."""
        paused = self.state.pause
        if self.state.status in ("running", "ready") or (fault and paused is not None and not paused.fault):
            self._limit = 0
            self._publish(RunPaused(reason, self._now(), fault))

    def resume(self) -> None:
        """Go on; turns that failed are asked again."""
        if self.state.status == "paused":
            self._flush_unrecorded()
            if self._unrecorded:
                return
            self._limit = None
            self._publish(RunResumed(self._now()))
            self._queue_samples()
            self._open_gate()

    def step_turn(self) -> None:
        """Run the lowest turn that is due, in every sample that has it to do, and stand still again."""
        if self.state.status in ("running", "ready"):
            self.pause()
        if self._ready:
            self._limit = self._ready[0][0]
            self._open_gate()

    def stop(self) -> None:
        """End the run at once; replies in flight are dropped, and asked again when the session resumes."""
        self._stopping = True
        self._open_gate()
        self._published.set()

    def change(self, change: Change, turn: int | None = None) -> int:
        """Ask for a change; returns the turn from which it holds. Raises ControlError, and changes nothing then."""
        source: Literal["user", "script"] = "user" if turn is None else "script"
        holds_from = max(turn or 0, self.state.built_turns + 1)
        if holds_from > self.state.spec.turns:
            raise ControlError(
                f"the last turn ({self.state.spec.turns}) is already under way: no turn is left"
            )
        apply_change(self.state.controls, change, holds_from)
        for name, value in change:
            if name == "model":
                self.open_model(str(value))
        self._publish(ControlsChanged(holds_from, change, source, self._now()))
        return holds_from

    def notify(self, text: str) -> None:
        """Publish a notice about the run as a whole."""
        self._publish(NoticeRaised(text, self._now()))

    # ---- the stream

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run to the end, to a fault that nobody resumes, or to `stop`; yields every event once, in order."""
        if self.state.status != "ready" and self._limit != 0:
            self._publish(RunResumed(self._now(), process=True))
        for turn, change in self._script:
            if not self._already_scripted(turn, change):
                self._publish(ControlsChanged(turn, change, "script", self._now()))
        self._queue_samples()
        workers = [asyncio.create_task(self._work()) for _ in range(max(1, self._worker_count()))]
        finish = asyncio.gather(*workers)
        finish.add_done_callback(lambda _: self._published.set())
        try:
            while not (finish.done() or self._stopping):
                while self._pending:
                    yield self._pending.popleft()
                self._published.clear()
                if not self._pending and not finish.done() and not self._stopping:
                    await self._published.wait()
            if finish.done() and not self._stopping:
                await finish
                self._publish(RunFinished("completed", self._now()))
        finally:
            finish.cancel()
            await asyncio.gather(finish, *workers, return_exceptions=True)
            await self._facts.aclose()
            if self.state.status not in ("completed", "stopped"):
                self._publish(RunFinished("stopped", self._now()))
            for model in self._models.values():
                await model.aclose()
        while self._pending:
            yield self._pending.popleft()

    # ---- inside

    def _draw(self, sample: int, turn: int, ballot: int) -> int:
        header = self.state.header
        return draw(header.draw_seed, header.sample_id(sample), turn, ballot, header.replicate(sample))

    def _fate(self, sample: int, turn: int) -> int:
        header = self.state.header
        return draw(header.draw_seed, header.sample_id(sample), turn, FATE)

    def _now(self) -> float:
        # A clock that steps back must not: what is recorded later did not happen earlier.
        self._latest = max(self._latest, round(self._clock_now() - self._clock_base, 6))
        return self._latest

    def _check_script(self) -> None:
        """Open every model and try every change before anything is asked or written."""
        controls = self.state.controls
        self.open_model(controls.model)
        for turn, change in sorted(self._script, key=lambda entry: entry[0]):
            if not 1 <= turn <= self.state.spec.turns:
                raise ControlError(f"turn {turn} lies outside this run's 1 to {self.state.spec.turns}")
            controls = apply_change(controls, change, turn)
            self.open_model(controls.model)

    def _already_scripted(self, turn: int, change: Change) -> bool:
        return any(known.turn == turn and known.change == change for known in self.state.changes)

    def _worker_count(self) -> int:
        return min(self.pace.concurrency, len(self.state.samples))

    def _publish(self, event: Event) -> None:
        self.state.apply(event)
        if not isinstance(event, LIVE_EVENTS):
            self._keep(event)
        elif not self._asker.live:
            return
        self._pending.append(event)
        self._published.set()

    def _keep(self, event: Event) -> None:
        if self._unrecorded:
            self._unrecorded.append(event)
            return
        try:
            self._record(event)
        except OSError as error:
            self._unrecorded.append(event)
            self._limit = 0
            self.pause(f"the session cannot be written: {error.strerror or error}", fault=True)

    def _flush_unrecorded(self) -> None:
        while self._unrecorded:
            try:
                self._record(self._unrecorded[0])
            except OSError:
                return
            self._unrecorded.popleft()

    def _queue_samples(self) -> None:
        queued = {sample for _, sample in self._ready} | self._active.keys()
        for number, sample in enumerate(self.state.samples, 1):
            if number not in queued and sample.next_turn <= self.state.spec.turns:
                heapq.heappush(self._ready, (sample.next_turn, number))

    def _queue_again(self, number: int) -> None:
        sample = self.state.samples[number - 1]
        if not sample.failed and sample.next_turn <= self.state.spec.turns:
            heapq.heappush(self._ready, (sample.next_turn, number))

    def _open_gate(self) -> None:
        self._gate.set()

    async def _hold(self) -> None:
        while self._limit == 0:
            self._gate.clear()
            await self._gate.wait()

    def _next(self) -> tuple[int, int] | None:
        if not self._ready or (self._limit is not None and self._ready[0][0] > self._limit):
            return None
        slowest = min(self._active.values(), default=self._ready[0][0])
        if self._ready[0][0] > slowest + self.pace.lead:
            return None
        return heapq.heappop(self._ready)

    async def _work(self) -> None:
        while not self._stopping:
            if self._known_models < len(self._models):
                await self._learn_models()
            job = self._next()
            if job is None:
                if not (self._ready or self._active or self._unrecorded):
                    self._open_gate()
                    return
                self._gate.clear()
                await self._gate.wait()
                continue
            turn, sample = job
            self._active[sample] = turn
            try:
                await self._run_turn(sample, turn)
            finally:
                del self._active[sample]
                self._queue_again(sample)
                self._open_gate()
            # Models that answer at once never let go of the loop by themselves: a signal, a key or a screen would
            # wait for 64 turns of every worker. So the workers count together.
            self._quick_turns += 1
            if self._quick_turns == 64:
                asyncio.get_running_loop().call_soon(self._count_anew)
            if self._quick_turns >= 64:
                await asyncio.sleep(0)

    async def _learn_models(self) -> None:
        """Before a first request: a server that is asked for two things at once may cut the first."""
        models = list(self._models.items())
        await self._facts.learn(models)
        self._known_models = max(self._known_models, len(models))

    def _count_anew(self) -> None:
        self._quick_turns = 0

    async def _run_turn(self, sample: int, turn: int) -> None:
        state = self.state
        controls = state.controls_at(turn)
        messages = build_request(state, sample, turn, controls, state.samples[sample - 1].history)
        self._publish(TurnStarted(sample, turn, self._now()))
        try:
            model = self.open_model(controls.model)
            finished = await self._asker.ask(
                model,
                messages,
                controls,
                sample,
                turn,
                state.header.template.for_variant(state.spec.variant).verify,
            )
        except TurnFailed as failed:
            self._fail(failed, sample, turn)
            return
        self._publish(finished)
        said = self._context.look(controls.model, model.info.context_length, messages, finished)
        if said is not None:
            self._publish(NoticeRaised(said, self._now(), sample, turn))
        reason = self.watch(state, state.samples[sample - 1].turns[-1], sample)
        if reason is not None:
            self.pause(reason)

    def _fail(self, failed: TurnFailed, sample: int, turn: int) -> None:
        failure = failed.failure
        wide = failure.kind in AT_ONCE_WIDE or (failure.kind in SERVER_WIDE and not failed.others_answered)
        if wide:
            # The whole server is at fault: the turn stays due, and nothing is held against the sample.
            self._publish(TurnDropped(sample, turn))
            self.pause(failure.message, fault=True)
            return
        self._publish(
            TurnFinished(
                sample,
                turn,
                self._now(),
                "",
                finish="failed",
                error=failure.message,
                attempts=failed.attempts,
                failure=failure.kind,
            )
        )
        self._publish(NoticeRaised(failed.words(), self._now(), sample, turn))

    def open_model(self, name: str) -> ChatModel:
        """The model of that name, opened once. May take its time where it was not open: then call it in a thread."""
        if name not in self._models:
            self._models[name] = self._open_model(name)
        return self._models[name]
