"""The sessions of a comparison: read from their files, named by letters, and stood where they ended."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.comparison import Compared, Comparison, compare
from lhe_tui.experiments.measures import Measure, measured
from lhe_tui.record.read import read_session

LETTERS = "ABCDEF"


@dataclass(frozen=True)
class ReadSession:
    """One session: its letter, its file, and the fold of all that is in it."""

    letter: str
    path: Path
    state: RunState
    warnings: tuple[str, ...] = ()

    @property
    def compared(self) -> Compared:
        """As the statistics take it, going by its letter."""
        return Compared(self.letter, self.state)


@dataclass(frozen=True)
class CompareFindings:
    """What the statistics say of all sessions together; `accuracies` are over all turns of each."""

    comparison: Comparison
    accuracies: tuple[Measure | None, ...]


def read_sessions(paths: Sequence[Path]) -> Iterator[ReadSession]:
    """Each file in turn. Raises SessionError."""
    for letter, path in zip(LETTERS, paths, strict=False):
        recording = read_session(path)
        yield ReadSession(letter, path, recording.state, tuple(recording.warnings))


def find_out(sessions: Sequence[ReadSession]) -> CompareFindings:
    """Every test and interval; takes a while, so call it in a thread. Raises ComparisonError."""
    return CompareFindings(
        compare([session.compared for session in sessions]),
        tuple(measured(s.state, "turn", range(1, len(s.state.tallies) + 1)) for s in sessions),
    )


class StandingSource:
    """A recorded session that stands at its end, for screens that take a turn apart."""

    def __init__(self, state: RunState) -> None:
        self._state = state

    @property
    def state(self) -> RunState:
        """The fold of everything recorded."""
        return self._state

    async def events(self) -> AsyncGenerator[Event, None]:
        """Nothing more comes."""
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event

    @property
    def speed(self) -> float:
        """It does not play."""
        return math.inf

    @property
    def ended(self) -> bool:
        """It always has."""
        return True

    def pause(self) -> None:
        """It stands already."""

    def resume(self) -> None:
        """It does not play."""

    def step_turn(self) -> None:
        """It does not play."""

    def stop(self) -> None:
        """It stands already."""

    def seek(self, turn: int) -> None:
        """It stands at its end."""

    def set_speed(self, speed: float) -> None:
        """It does not play."""
