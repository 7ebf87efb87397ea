"""Branching: a new run that leaves a recorded one at a turn, under other controls or an edited past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lhe_tui.engine.events import ControlsChanged, Event, Parent, RunStarted, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.task.answers import Value, with_number
from lhe_tui.task.controls import Change, Controls, apply_change
from lhe_tui.task.reference_rules import ReferenceRun
from lhe_tui.task.spec import Task


class BranchError(LheError, ValueError):
    """A branch that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch point: the samples kept, the turn asked first, what changes there, and answers edited before it.

    `edits` maps (sample, turn) of the parent to the answer shown in its place.
    """

    turn: int
    samples: tuple[int, ...]
    change: Change = ()
    edits: tuple[tuple[int, int, Value], ...] = ()
    turns: int | None = None
    """Turns to run from `turn` on; None: to the end of the plan."""
    note: str = ""


def branch_events(parent: RunState, branch: Branch, *, session: str, created: str, path: str) -> list[Event]:
    """The first events of the new session: header, the past up to the branch, and the change. The parent is untouched.

    The samples of the branch are renumbered from 1, but keep their plans, their corruption and their draws; a sample
    named n times is run n times over, each with draws of its own. Raises BranchError or ControlError.
    """
    _check(parent, branch)
    last = (
        parent.spec.turns if branch.turns is None else min(parent.spec.turns, branch.turn + branch.turns - 1)
    )
    spec = replace(parent.spec, samples=len(branch.samples), turns=last)
    k = spec.turn_complexity
    task = Task(
        spec, parent.task.dictionary, tuple(parent.task.plans[s - 1][: last * k] for s in branch.samples)
    )
    edits = {(sample, turn): answer for sample, turn, answer in branch.edits}
    header = replace(
        parent.header,
        origin="lhe-tui",
        rules="strict",
        reference=_shown_before(parent.header.reference, branch, edits),
        session=session,
        created=created,
        task=task,
        parent=Parent(parent.header.session, path, branch.samples[0], branch.turn, branch.note),
        sample_ids=tuple(parent.header.sample_id(sample) for sample in branch.samples),
    )
    events: list[Event] = [header]
    events += [change for change in parent.changes if change.turn < branch.turn]
    for turn in range(1, branch.turn):
        for number, sample in enumerate(branch.samples, 1):
            events.append(_copied(parent, sample, turn, number, edits.get((sample, turn))))
    at = parent.elapsed
    in_force = parent.controls_at(branch.turn)
    if branch.change:
        apply_change(in_force, branch.change, branch.turn)
    pending = [change for change in parent.changes if change.turn == branch.turn]
    events += pending
    if branch.change:
        events.append(ControlsChanged(branch.turn, branch.change, "fork", at))
    return events


def _check(parent: RunState, branch: Branch) -> None:
    if not branch.samples:
        raise BranchError("a branch needs at least one sample")
    if not 1 <= branch.turn <= parent.spec.turns:
        raise BranchError(f"turn {branch.turn} lies outside the run's 1 to {parent.spec.turns}")
    for sample in branch.samples:
        if not 1 <= sample <= parent.spec.samples:
            raise BranchError(f"sample {sample} lies outside the run's 1 to {parent.spec.samples}")
        for turn in range(1, branch.turn):
            record = parent.record(sample, turn)
            if record is None or record.outcome == "failed":
                raise BranchError(f"sample {sample} has no finished turn {turn} to branch from")


def _shown_before(
    told: ReferenceRun | None, branch: Branch, edits: dict[tuple[int, int], Value]
) -> ReferenceRun | None:
    """What an imported parent showed in place of its answers, up to the branch; an edited answer shows as edited."""
    if told is None:
        return None
    past = range(1, branch.turn)
    rows = tuple(
        tuple(None if (sample, turn) in edits else told.measured_at(sample, turn) for turn in past)
        for sample in branch.samples
    )
    return ReferenceRun(told.evaluator, rows, tuple(told.filled_at(turn) for turn in past))


def _copied(parent: RunState, sample: int, turn: int, number: int, edited: Value | None) -> TurnFinished:
    record = parent.record(sample, turn)
    if record is None:
        raise BranchError(f"sample {sample} has no finished turn {turn} to branch from")
    event = replace(record.event, sample=number)
    if edited is None:
        return event
    return replace(event, reply=with_number(record.content, edited), edited=True, slip=None)


ARM_NAMES = ("as is", "healed", "25 %", "50 %", "100 %", "window 1", "state card")
"""The arms that one key runs."""


def arm_change(name: str) -> Change:
    """What an arm changes at its first turn. Raises BranchError for an unknown name."""
    plain: Change = (("heal", False), ("prune", "off"))
    truth: Change = (("prune", "off"), ("inject-base", "truth"), ("inject-since", 1))
    changes: dict[str, Change] = {
        "as is": (),
        "healed": (("prune", "off"), ("heal", True)),
        "25 %": (("inject", 0.25), *truth),
        "50 %": (("inject", 0.5), *truth),
        "100 %": (("inject", 1.0), *truth),
        "window 1": (*plain, ("prune", "window:1")),
        "state card": (*plain, ("prune", "state-card")),
    }
    if name not in changes:
        raise BranchError(f"no arm named {name!r}: there are {', '.join(ARM_NAMES)}")
    return changes[name]


def fold(events: Iterable[Event]) -> RunState:
    """The state after all events; the first must be the header."""
    state: RunState | None = None
    for event in events:
        if state is None:
            if not isinstance(event, RunStarted):
                raise BranchError("the first event is no header")
            state = RunState(event)
        else:
            state.apply(event)
    if state is None:
        raise BranchError("no events")
    return state


def settings_differ(one: Controls, other: Controls) -> list[str]:
    """The names of the controls in which two records differ."""
    return [name for name in Controls.__dataclass_fields__ if getattr(one, name) != getattr(other, name)]
