"""The sessions of a comparison: read from their files, and named by letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
