"""A session in short, for lists: its header, how far it came and its task accuracy, without folding it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lhe_tui.engine.events import Parent, RunFinished, RunResumed, RunStarted, TurnFinished
from lhe_tui.record.codec import decode
from lhe_tui.record.errors import CodecError
from lhe_tui.record.read import MAX_LINE, lines_of, open_session, read_header_line, read_session
from lhe_tui.task.answers import read_answer, set_reasoning_aside
from lhe_tui.task.spec import TaskSpec
from lhe_tui.task.stats.proportions import horizon

CURVE_POINTS = 40
_TURN = re.compile(rb'\{"event":"turn","sample":([0-9]{1,9}),"turn":([0-9]{1,9}),')
_NOT_COUNTED = re.compile(rb'"(?:failed|edited)"')
"""In a line of a turn that is perhaps none of the model's; in a text these quotes would stand behind backslashes."""


@dataclass(frozen=True)
class SessionSummary:
    """One line of a list of sessions. `status` is `unfinished` where the run neither ended nor was stopped."""

    path: Path
    session: str
    created: str
    model: str
    spec: TaskSpec
    mode: str
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
    """Task accuracy, at most 40 numbers."""
    size: int
    """Bytes."""
    modified: float
    """Seconds since the epoch."""

    @property
    def simulated(self) -> bool:
        """Whether the model is a simulated one."""
        return self.model.startswith("sim/")


def scan_session(path: Path | str) -> SessionSummary:
    """Read a session in short, damage passed over in silence. Raises SessionError."""
    path = Path(path)
    with open_session(path) as file:
        found = path.stat()
        header = read_header_line(file.readline(MAX_LINE), path)
        if header.rules != "strict":
            count = _counted_by_fold(path, header)
        else:
            count = _Count(header)
            for _, line in lines_of(file):
                count.take(line)
    task_correct = list(zip(count.right, count.done, strict=True))
    while task_correct and not task_correct[-1][1]:
        task_correct.pop()
    accuracies = [right / n for right, n in task_correct if n]
    told = not task_correct or task_correct[0][1] > 0
    return SessionSummary(
        path=path,
        session=header.session,
        created=header.created,
        model=header.controls.model,
        spec=header.task.spec,
        mode=header.controls.mode,
        origin=header.origin,
        parent=header.parent,
        status=count.status,
        turns_done=sum(count.done) + count.given,
        missing=count.missing,
        last_turn=len(task_correct),
        horizon=horizon(task_correct, 0.5).turn if told else None,
        horizon_told=told,
        curve=_thinned(accuracies),
        size=found.st_size,
        modified=found.st_mtime,
    )


class _Count:
    """Counts turns by their line's beginning, and reads the answers of those samples that are right so far."""

    def __init__(self, header: RunStarted) -> None:
        spec = header.task.spec
        self.done = [0] * spec.turns
        self.right = [0] * spec.turns
        self.given = 0
        self.status: Literal["completed", "stopped", "unfinished"] = "unfinished"
        self._task = header.task
        self.failed: set[int] = set()
        self.due = [1] * (spec.samples + 1)
        self._truths: dict[int, list[int]] = {number: [] for number in range(1, spec.samples + 1)}

    @property
    def missing(self) -> int:
        """Turns that a completed session does not hold, of samples that could have them."""
        if self.status != "completed":
            return 0
        turns = len(self.done)
        return sum(
            turns + 1 - due for sample, due in enumerate(self.due) if sample and sample not in self.failed
        )

    def take(self, line: bytes) -> None:
        """Take in one line."""
        match = _TURN.match(line)
        if match is None:
            self._take_event(line)
            return
        sample, turn = int(match[1]), int(match[2])
        if sample in self._truths or _NOT_COUNTED.search(line) or not line.endswith(b"}\n"):
            # What is still right is read, and so is what may be given or failed, or may be cut off.
            self._take_event(line)
        else:
            self.status = "unfinished"
            self._count(sample, turn, given=False)

    def _take_event(self, line: bytes) -> None:
        try:
            event = decode(line)
        except CodecError:
            return
        if isinstance(event, RunFinished):
            self.status = event.reason
        elif isinstance(event, RunResumed):
            self.status = "unfinished"
        elif isinstance(event, TurnFinished):
            self.status = "unfinished"
            if event.finish == "failed":
                self.failed.add(event.sample)
            elif self._count(event.sample, event.turn, given=event.edited):
                self._judge(event)

    def _count(self, sample: int, turn: int, *, given: bool) -> bool:
        """Count a turn where it is the one that is due; whether it was."""
        if not 1 <= sample < len(self.due) or turn != self.due[sample] or turn > len(self.done):
            return False
        self.failed.discard(sample)
        self.due[sample] += 1
        self.done[turn - 1] += not given
        self.given += given
        return True

    def _judge(self, event: TurnFinished) -> None:
        truths = self._truths.get(event.sample)
        if truths is None:
            return
        truths += [] if truths else self._task.truths(event.sample)
        if read_answer(set_reasoning_aside(event.reply)[0]).number != truths[event.turn - 1]:
            del self._truths[event.sample]
        elif not event.edited:
            self.right[event.turn - 1] += 1


def _counted_by_fold(path: Path, header: RunStarted) -> _Count:
    """The same counts by the full fold, where other rules than ours decide what is right."""
    state = read_session(path).state
    count = _Count(header)
    for index, tally in enumerate(state.tallies):
        count.done[index], count.right[index] = tally.n, tally.task
    count.due = [1, *(sample.next_turn for sample in state.samples)]
    count.failed = {number for number, sample in enumerate(state.samples, 1) if sample.failed}
    if state.status in ("completed", "stopped"):
        count.status = "completed" if state.status == "completed" else "stopped"
    return count


def _thinned(values: list[float]) -> tuple[float, ...]:
    """At most 40 of the values, evenly spread, the first and the last among them."""
    if len(values) <= CURVE_POINTS:
        return tuple(values)
    step = (len(values) - 1) / (CURVE_POINTS - 1)
    return tuple(values[round(index * step)] for index in range(CURVE_POINTS))
