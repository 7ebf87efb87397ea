"""Speed of a run for the eye: turns and tokens per second of running time, and the time left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

WINDOW = 20.0
"""Seconds of running time that a speed is measured over."""
SPACING = 0.5
"""Seconds between two readings that are kept."""


class Reading(NamedTuple):
    """A moment of running time, and the counts then."""

    at: float
    turns: int
    tokens: int


class RateMeter:
    """Measures a run over its last seconds; time spent paused does not count."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen = clock()
        self._running = 0.0
        self._readings: deque[Reading] = deque()
        self._last = Reading(0.0, 0, 0)

    def observe(self, running: bool, turns: int, tokens: int) -> None:
        """Take a reading; called as often as the screen looks."""
        now = self._clock()
        if running:
            self._running += max(0.0, now - self._seen)
        self._seen = now
        reading = Reading(self._running, turns, tokens)
        if self._readings and turns < self._readings[-1].turns:
            self._readings.clear()
        if not self._readings or reading.at - self._readings[-1].at >= SPACING:
            self._readings.append(reading)
        while len(self._readings) > 2 and reading.at - self._readings[1].at > WINDOW:
            self._readings.popleft()
        self._last = reading

    def turns_per_second(self) -> float | None:
        """Over the window; None while too little has been seen."""
        span = self._span()
        return None if span is None else (self._last.turns - self._readings[0].turns) / span

    def tokens_per_second(self) -> float | None:
        """Completion tokens over the window; None while too little has been seen."""
        span = self._span()
        return None if span is None else (self._last.tokens - self._readings[0].tokens) / span

    def seconds_left(self, turns_left: int) -> float | None:
        """How long the turns that are left will take at this speed; None where it cannot be told."""
        speed = self.turns_per_second()
        return turns_left / speed if speed else None

    def _span(self) -> float | None:
        if not self._readings:
            return None
        span = self._last.at - self._readings[0].at
        return span if span >= SPACING else None
