"""Which slips a run's wrong turns were: counted turn by turn, each turn diagnosed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lhe_tui.engine.cases import wrong_cases
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.task.diagnosis.diagnose import diagnose
from lhe_tui.tui.turn.turn_finding import Place

SURE = 0.6
"""The weight from which a slip counts as told apart from its rivals."""


@dataclass
class SlipCount:
    """One slip over a run: the turns whose likeliest explanation it is."""

    slip: str
    places: list[Place] = field(default_factory=list)
    sure: int = 0
    """Turns where its weight is 60 % or more."""
    confessed: int = 0
    """Turns where a simulated model recorded this slip."""


@dataclass
class SlipTally:
    """A run's slips, most frequent first; `wrong` counts the turns that were diagnosed."""

    counts: list[SlipCount]
    wrong: int
    confessions: bool
    whole: bool
    """Whether every finished turn was looked at."""


class SlipCounter:
    """Diagnoses a run's wrong turns, each once however often it is asked. May run in a thread beside the fold."""

    def __init__(self) -> None:
        self._known: dict[TurnRecord, tuple[str, float]] = {}

    def count(
        self,
        state: RunState,
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[SlipTally], None] | None = None,
    ) -> SlipTally:
        """All slips so far; `progress` is told what is known after each sample."""
        counts: dict[str, SlipCount] = {}
        wrong = 0
        for sample in range(1, len(state.samples) + 1):
            for record, case in wrong_cases(state, sample):
                if cancelled():
                    return _tally(counts, wrong, whole=False)
                known = self._known.get(record)
                if known is None:
                    suspects = diagnose(case)
                    known = (suspects[0].slip, suspects[0].weight) if suspects else ("unexplained", 1.0)
                    self._known[record] = known
                wrong += 1
                self._take(counts, record, Place(sample, record.turn), *known)
            if progress is not None and sample < len(state.samples):
                progress(_tally(counts, wrong, whole=False))
        return _tally(counts, wrong, whole=True)

    @staticmethod
    def _take(
        counts: dict[str, SlipCount], record: TurnRecord, place: Place, slip: str, weight: float
    ) -> None:
        count = counts.setdefault(slip, SlipCount(slip))
        count.places.append(place)
        count.sure += weight >= SURE
        if record.event.slip is not None:
            counts.setdefault(record.event.slip, SlipCount(record.event.slip)).confessed += 1


def _tally(counts: dict[str, SlipCount], wrong: int, *, whole: bool) -> SlipTally:
    ordered = sorted(counts.values(), key=lambda count: (-len(count.places), -count.confessed, count.slip))
    # Copies: the counter goes on while a screen shows what it has.
    shown = [SlipCount(c.slip, list(c.places), c.sure, c.confessed) for c in ordered]
    return SlipTally(shown, wrong, any(count.confessed for count in shown), whole)
