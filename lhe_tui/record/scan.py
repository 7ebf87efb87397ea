"""A session in short, for lists: what it ran, how far it came, its accuracy, and what people wrote about it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lhe_tui.engine.events import Parent
from lhe_tui.engine.state import RunState
from lhe_tui.record.annotations import annotations_of
from lhe_tui.record.errors import CodecError
from lhe_tui.record.json_text import loads
from lhe_tui.record.read import open_session, read_session
from lhe_tui.task.scoring import TurnTally, horizon_length
from lhe_tui.task.spec import TaskSpec

CURVE_POINTS: Final = 40
_TAIL: Final = 1 << 14
_LONGEST_NOTES: Final = 2000


@dataclass(frozen=True)
class SessionSummary:
    """One line of a list of sessions. `status` is `unfinished` where the run neither ended nor was stopped."""

    session: str
    created: str
    model: str
    spec: TaskSpec
    mode: str
    controls: str
    """What it showed its model of the past, in words; empty: all of it, as it was."""
    origin: str
    parent: Parent | None
    status: Literal["completed", "stopped", "unfinished"]
    turns_done: int
    """Turns finished in all samples together."""
    missing: int
    """Turns that a completed session does not hold: its file has lost lines."""
    last_turn: int
    """The highest turn finished in any sample."""
    horizon: int | None
    """H_0.5 in turns; None: never below, or not told."""
    horizon_told: bool
    """Whether the first turn was asked: over a past that was given there is no horizon."""
    curve: tuple[float, ...]
    """Turn accuracy, at most 40 numbers: each over as many turns as the next."""
    title: str
    tags: tuple[str, ...]
    notes: str
    """What the notes say, one a line, as far as a search needs it."""

    @property
    def simulated(self) -> bool:
        """Whether the model is a simulated one."""
        return self.model.startswith("sim/")


def scan_session(path: Path | str) -> SessionSummary:
    """Read a session in short, damage passed over in silence. Raises SessionError."""
    state = read_session(path).state
    header, written = state.header, annotations_of(state.notes)
    tallies = list(state.tallies)
    while tallies and not tallies[-1].n:
        tallies.pop()
    told = not tallies or tallies[0].n > 0
    return SessionSummary(
        session=header.session,
        created=header.created,
        model=header.controls.model,
        spec=header.task.spec,
        mode=header.controls.mode,
        controls=_controls_words(state),
        origin=header.origin,
        parent=header.parent,
        status=state.status if state.status in ("completed", "stopped") else "unfinished",
        turns_done=state.finished_turns,
        missing=state.missing_turns,
        last_turn=len(tallies),
        horizon=horizon_length(tallies, 0.5).turn if told else None,
        horizon_told=told,
        curve=tuple(_binned(tallies)),
        title=written.title,
        tags=written.tags,
        notes="\n".join(note.text for note in written.notes)[:_LONGEST_NOTES],
    )


def is_completed(path: Path) -> bool:
    """Whether a session says at its end that it completed; reads no more than the end. Raises SessionError."""
    with open_session(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        lines = file.read().splitlines()
    for line in filter(bytes.strip, reversed(lines)):
        try:
            last = loads(line)
        except CodecError:
            return False
        if not isinstance(last, dict) or last.get("event") != "note":
            return isinstance(last, dict) and (last.get("event"), last.get("reason")) == (
                "finished",
                "completed",
            )
    return False


def _controls_words(state: RunState) -> str:
    first = state.timeline[0][1]
    words = [words for words in (first.injection.words(), first.pruning.words()) if words != "off"]
    changed = len({change.turn for change in state.changes})
    if changed:
        words.append(f"changed at {changed} turn{'s' if changed > 1 else ''}")
    return " · ".join(words)


def _binned(tallies: Sequence[TurnTally]) -> list[float]:
    """Turn accuracy over runs of turns, at most 40 of them."""
    width = -(-len(tallies) // CURVE_POINTS) or 1
    bins = [tallies[start : start + width] for start in range(0, len(tallies), width)]
    counts = [(sum(tally.correct for tally in bin), sum(tally.n for tally in bin)) for bin in bins]
    return [correct / n for correct, n in counts if n]
