"""Replaying a recording: the same stream of events and the same fold as a live run, at any speed, with seeking."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from lhe_tui.engine.events import (
    Event,
    NoteAdded,
    ReplyStreamed,
    RunPaused,
    RunResumed,
    TurnDropped,
    TurnFinished,
    TurnStarted,
)
from lhe_tui.engine.state import RunState
from lhe_tui.record.read import Recording
from lhe_tui.task.scoring import Rules

TICK: Final = 0.08
"""Seconds between pieces of a reply that streams."""
SHORTEST_SLEEP: Final = 0.01
"""What happens within so many seconds is given at once: a loop cannot sleep for less."""
LONGEST_IDLE: Final = 2.0
"""Seconds that a stretch in which no turn was under way lasts at most."""
SLOWEST: Final = 1 / 64
_BATCH: Final = 256
END: Final = "the recording ends here: the run was cut off"


class Replay:
    """Plays a recording. Iterate `events()`; steer with the methods; `state` is the fold up to where it stands.

    Turns that were under way are told by `TurnStarted` and `ReplyStreamed`, made up from their recorded times. Seeking
    back gives a new `state`. At the end the stream stays open for seeking until `stop`, unless `linger` is off.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        linger: bool = True,
    ) -> None:
        self.recording = recording
        # What was noted later is known from the start: it marks the turns that it is about.
        self._notes = [event for event in recording.events if isinstance(event, NoteAdded)]
        self._events: list[Event] = [
            event for event in recording.events[1:] if not isinstance(event, NoteAdded)
        ]
        self.state = self._fresh_state(recording.state.rules)
        self._times, self._starts = _schedule(self._events)
        self._sleep = sleep
        self._linger = linger
        self._place = 0
        """Events given so far."""
        self._started = 0
        """Starts given so far."""
        self._now = self._times[0] if self._times else 0.0
        self._owed = 0.0
        """Seconds of playing not yet slept."""
        self._active: dict[int, _Streaming] = {}
        self._pieces: deque[ReplyStreamed] = deque()
        self._paused = False
        self._stopped = False
        self._moved = asyncio.Event()
        self._speed = 1.0
        self.set_speed(speed)

    def _fresh_state(self, rules: Rules) -> RunState:
        state = RunState(self.recording.header, rules)
        for note in self._notes:
            state.apply(note)
        return state

    # ---- steering: safe to call at any time from the loop's thread

    @property
    def speed(self) -> float:
        """How many times faster than recorded; infinite: at once."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Play so many times faster than recorded; 0 or infinity: at once."""
        self._speed = max(speed, SLOWEST) if 0 < speed < math.inf else math.inf
        self._moved.set()

    @property
    def ended(self) -> bool:
        """Whether everything recorded has been given."""
        return self._place >= len(self._events)

    def pause(self, reason: str = "", *, fault: bool = False) -> None:
        """Stand still."""
        self._paused = True
        self._show_pause(reason)

    def resume(self) -> None:
        """Play on."""
        self._paused = False
        if self.state.status == "paused" and not self.ended:
            self.state.apply(RunResumed(self.state.elapsed))
        self._moved.set()

    def step_turn(self, n: int = 1) -> None:
        """Play to where every sample has finished n turns more, and stand still there."""
        self._paused = True
        turn = self.state.complete_turns + n
        # A sample that was cut off earlier than the others is complete long before the end.
        while turn < self.state.spec.turns and self._place_after(turn) <= self._place:
            turn += 1
        self.seek(turn)

    def seek(self, turn: int) -> None:
        """Stand where every sample has finished `turn` turns (0: before the first); playing continues from there."""
        target = self._place_after(turn)
        if self.ended and target < self._place:
            self._paused = True
        if target < self._place:
            version = self.state.version
            self.state = self._fresh_state(self.state.rules)
            # Screens look at the version: it must not seem to stand still.
            self.state.version = version + 1
            self._place = 0
        for sample, streaming in self._active.items():
            self.state.apply(TurnDropped(sample, streaming.event.turn))
        self._active.clear()
        self._pieces.clear()
        while self._place < target:
            self.state.apply(self._events[self._place])
            self._place += 1
        self._owed = 0.0
        self._now = self._times[target - 1] if target else (self._times[0] if self._times else 0.0)
        self._restart_active()
        if self._paused or self.ended:
            self._show_pause(END if self.ended else "")
        elif self.state.status == "paused":
            self.state.apply(RunResumed(self.state.elapsed))
        self._moved.set()

    def stop(self) -> None:
        """End the stream; the state stays as it is."""
        self._stopped = True
        self._moved.set()

    # ---- the stream

    async def events(self) -> AsyncGenerator[Event, None]:
        """Every recorded event once for each time that it is played, in order, and the live ones made up between."""
        given = 0
        while not self._stopped:
            over = self.ended
            if self._paused or (over and self._linger):
                self._moved.clear()
                await self._moved.wait()
                continue
            if over:
                return
            event = await self._next()
            if event is None:
                continue
            self.state.apply(event)
            if self.ended:
                self._show_pause(END)
            yield event
            given += 1
            # A consumer that never waits would keep the loop to itself.
            if given % _BATCH == 0:
                await self._sleep(0)

    async def _next(self) -> Event | None:
        """The next event, once it is due; None where something was steered in between or nothing is due yet."""
        if self._pieces:
            return self._pieces.popleft()
        if self._speed == math.inf:
            return self._take()
        place = self._place
        start = self._starts[self._started] if self._started < len(self._starts) else None
        if start is not None and start <= (self._times[place], place):
            return self._start(*start) if await self._reach(start[0]) else self._stream()
        if not await self._reach(self._times[place]):
            return self._stream()
        return self._rest(self._events[place]) or self._take()

    async def _reach(self, time: float) -> bool:
        """Sleep towards a recorded time, a tick at most; whether it is reached and nothing was steered meanwhile."""
        wait = max(0.0, time - self._now) / self._speed
        if not self._active and wait > LONGEST_IDLE:
            wait = LONGEST_IDLE
            self._now = time - wait * self._speed
        self._owed += min(wait, TICK)
        step, before = min(wait, TICK), (self._place, self._speed)
        if self._owed >= SHORTEST_SLEEP:
            owed, self._owed = self._owed, 0.0
            self._moved.clear()
            await self._sleep(owed)
        if self._moved.is_set() and (self._stopped or self._paused or before != (self._place, self._speed)):
            return False
        self._now = time if step == wait else self._now + step * self._speed
        return step == wait

    def _take(self) -> Event:
        event = self._events[self._place]
        self._place += 1
        self._now = max(self._now, self._times[self._place - 1])
        if isinstance(event, TurnFinished):
            self._active.pop(event.sample, None)
        # Playing at once gives no starts: they must not come later.
        while self._started < len(self._starts) and self._starts[self._started][1] < self._place:
            self._started += 1
        return event

    def _start(self, time: float, place: int) -> TurnStarted | None:
        self._started += 1
        event = self._events[place]
        if not isinstance(event, TurnFinished) or place < self._place:
            return None
        self._active[event.sample] = _Streaming(event, time, self._times[place])
        return TurnStarted(event.sample, event.turn, time)

    def _stream(self) -> ReplyStreamed | None:
        """Make ready what every reply under way has streamed by now, and give the first of it."""
        for turn in self._active.values():
            piece = turn.take(self._now)
            if piece is not None:
                self._pieces.append(piece)
        return self._pieces.popleft() if self._pieces else None

    def _rest(self, event: Event) -> ReplyStreamed | None:
        """What of a reply has not streamed when its turn ends."""
        streaming = self._active.get(event.sample) if isinstance(event, TurnFinished) else None
        return streaming.take(math.inf) if streaming is not None else None

    # ---- places

    def _place_after(self, turn: int) -> int:
        """How many events until every sample that comes so far has finished `turn` turns."""
        if turn <= 0:
            return 0
        reached = Counter(
            event.turn
            for event in self._events
            if isinstance(event, TurnFinished) and event.finish != "failed"
        )
        wanted = reached[turn]
        if not wanted:
            return len(self._events)
        last = place = 0
        for index, event in enumerate(self._events):
            if isinstance(event, TurnFinished):
                last = index
                if event.turn == turn and event.finish != "failed":
                    wanted -= 1
                    if not wanted:
                        place = index + 1
        return place if last >= place else len(self._events)

    def _restart_active(self) -> None:
        """Begin anew the turns that were under way at the place sought."""
        self._started = bisect_right(self._starts, (self._now, len(self._events)))
        for time, place in self._starts[: self._started]:
            event = self._events[place]
            if place >= self._place and isinstance(event, TurnFinished):
                self._active[event.sample] = _Streaming(event, time, self._times[place])
                self.state.apply(TurnStarted(event.sample, event.turn, time))

    def _show_pause(self, reason: str) -> None:
        if self.state.status in ("ready", "running"):
            self.state.apply(RunPaused(reason, self.state.elapsed))


class _Streaming:
    """A turn under way in a replay: how much of its reply has been shown."""

    __slots__ = ("_given", "event", "since", "until")

    def __init__(self, event: TurnFinished, since: float, until: float) -> None:
        self.event = event
        self.since = min(since + (event.first_token or 0.0), until)
        self.until = until
        self._given = 0

    def take(self, now: float) -> ReplyStreamed | None:
        """The piece that should have come by `now` and has not; one channel at a time."""
        thought, reply = self.event.reasoning, self.event.reply
        total = len(thought) + len(reply)
        share = 1.0 if now >= self.until else (now - self.since) / (self.until - self.since)
        begin, end = self._given, int(total * share) if share > 0 else 0
        if begin < len(thought):
            end = min(end, len(thought))
        if end <= begin:
            return None
        self._given = end
        reasoning = begin < len(thought)
        piece = thought[begin:end] if reasoning else reply[begin - len(thought) : end - len(thought)]
        return ReplyStreamed(self.event.sample, self.event.turn, piece, reasoning)


def _schedule(events: list[Event]) -> tuple[list[float], list[tuple[float, int]]]:
    """(the time of each event, never falling; (time, place) of each turn's start, sorted)."""
    times: list[float] = []
    starts: list[tuple[float, int]] = []
    free: dict[int, float] = {}
    now = 0.0
    for place, event in enumerate(events):
        now = max(now, getattr(event, "at", 0.0))
        times.append(now)
        if isinstance(event, TurnFinished):
            starts.append((max(event.at - event.latency, free.get(event.sample, 0.0)), place))
            free[event.sample] = now
    starts.sort()
    return times, starts
