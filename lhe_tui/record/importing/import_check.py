"""Whether an imported run's numbers come out by its own rules, and what our rules make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lhe_tui.engine.events import Event, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_record import TurnRecord
from lhe_tui.record.errors import CodecError
from lhe_tui.record.importing.harness_files import NO_REPLY, HarnessTurn, saved_curve
from lhe_tui.record.report import rescored
from lhe_tui.task.controls import percent
from lhe_tui.task.reference_rules import ReferenceRun
from lhe_tui.task.scoring import Curve, accuracies, horizon_length

_CURVES: tuple[Curve, ...] = ("turn", "absolute", "task")
_SAME = 1e-12
"""The harness adds up as floats."""
_MOST_NAMED = 5


@dataclass(frozen=True)
class Verification:
    """How a file's own numbers compare with ours by the same rules."""

    turns: int
    differences: tuple[str, ...]
    """A sentence for each turn that differs."""

    @property
    def agrees(self) -> bool:
        """Whether all do."""
        return not self.differences

    @property
    def text(self) -> str:
        """In one sentence: `all 30 turns agree`, or how many do not and where."""
        if self.agrees:
            return f"all {self.turns} turns agree" if self.turns > 1 else "its one turn agrees"
        named = "; ".join(self.differences[:_MOST_NAMED])
        more = len(self.differences) - _MOST_NAMED
        rest = f"; and {more} more" if more > 0 else ""
        return f"{len(self.differences)} of {self.turns} turns differ: {named}{rest}"


def verify(state: RunState, turns: Sequence[HarnessTurn]) -> Verification:
    """The file's accuracies, turn by turn, against those of the state that its replies fold to."""
    ours = [accuracies(state.tallies, curve) for curve in _CURVES]
    told = [[turn.accuracies[place] for turn in turns] for place in range(len(_CURVES))]
    return Verification(
        len(turns), tuple(_differences(told, ours, lambda *at: _first_cause(state, turns, *at)))
    )


def verify_saved(
    header: RunStarted, events: Sequence[Event], document: Mapping[str, Any]
) -> Verification | None:
    """The same for the second file's curves, by its own evaluator; None where it holds none."""
    try:
        told = [saved_curve(document, name) for name in ("step", "index", "prefix")]
    except CodecError:
        return None
    state = RunState(replace(header, reference=ReferenceRun("saved")), "reference")
    for event in events[1:]:
        state.apply(event)
    ours = [accuracies(state.tallies, curve) for curve in _CURVES]
    return Verification(len(state.tallies), tuple(_differences(told, ours, lambda turn, place: "")))


def _differences(
    told: Sequence[Sequence[float]],
    ours: Sequence[Sequence[float | None]],
    cause: Callable[[int, int], str],
) -> Iterator[str]:
    """A sentence for each turn in which a curve of the file is not ours; the first such curve is named."""
    for index in range(len(ours[0])):
        for place, name in enumerate(_CURVES):
            theirs = told[place][index] if index < len(told[place]) else None
            found = ours[place][index]
            if theirs is None or found is None or abs(theirs - found) > _SAME:
                yield (
                    f"turn {index + 1}: {name} accuracy is {_figure(theirs)} in the file and {_figure(found)} "
                    f"by its rules{cause(index, place)}"
                )
                break


def _first_cause(state: RunState, turns: Sequence[HarnessTurn], index: int, place: int) -> str:
    """The first sample whose turn the file scores unlike us."""
    for number, (sample, theirs) in enumerate(zip(state.samples, turns[index].places, strict=True), 1):
        record = sample.turns[index]
        ours = (record.outcome == "correct", record.absolute, record.task)[place]
        if ours != theirs.claims[place]:
            verdict = "right" if theirs.claims[place] else "wrong"
            answer = "no number" if record.number is None else str(record.number)[:30]
            return f" (sample {number} is {verdict} in the file, and its reply reads {answer})"
    return ""


def _figure(value: float | None) -> str:
    return "missing" if value is None else f"{value:.6g}"


# ---- what the strict rules make of it


def explain(state: RunState, turns: Sequence[HarnessTurn]) -> Iterator[str]:
    """What the strict rules say of an imported run, and which habits of the harness make the difference."""
    strict = rescored(state, "strict")
    scored = sum(state.outcomes.values())
    yield (
        f"by the strict rules {strict.outcomes['correct']} of {scored} turns are right, by the harness's "
        f"{state.outcomes['correct']}; H_0.5 is {_horizon(strict)} and {_horizon(state)}"
    )
    causes: Counter[str] = Counter()
    for ours, theirs in _pairs(strict, state):
        causes.update(_causes(ours, theirs))
    for words, count in causes.most_common():
        yield f"{count} turn{'s' if count > 1 else ''}: {words}"
    yield from _warnings(state, turns)


def _pairs(strict: RunState, reference: RunState) -> Iterator[tuple[TurnRecord, TurnRecord]]:
    for ours, theirs in zip(strict.samples, reference.samples, strict=True):
        yield from zip(ours.turns, theirs.turns, strict=True)


def _causes(ours: TurnRecord, theirs: TurnRecord) -> Iterator[str]:
    if (ours.outcome == "correct") != (theirs.outcome == "correct"):
        if theirs.outcome == "correct" and theirs.number is None:
            yield "a reply without a number counts as right in the harness, as its turn's values sum to 0"
        elif ours.number != theirs.number:
            yield "the reply reads otherwise there (the first tag counts, and no thousands separators)"
        elif theirs.turn == 1:
            yield "the first answer is measured against the corrupted sum that was to be shown in its place"
        else:
            yield "the harness started from another sum than the one that the model was shown"
    if ours.absolute != theirs.absolute and ours.number == theirs.number:
        yield "the answer is measured against the shown, corrupted sum in the harness, and not against the true one"


def _warnings(state: RunState, turns: Sequence[HarnessTurn]) -> Iterator[str]:
    silent = sum(place.reply in (NO_REPLY, "NaN", "N/A") for turn in turns for place in turn.places)
    if silent:
        yield (
            f"{silent} replies are kept as {NO_REPLY!r}, which the harness also writes for a request that failed: "
            "they may be no errors of the model"
        )
    asked = state.header.extra.get("incorrect_probability", "0")
    shown, wrong_states = state.shown_states[1:3]
    transitions, wrong = state.shown_transitions
    if any(turn.filled for turn in turns) and shown and transitions:
        yield (
            f"its history was filled, {asked} of it meant to be corrupted: {percent(wrong_states / shown)} of "
            f"the states shown were wrong and {percent(wrong / transitions)} of the transitions (its noise can be 0)"
        )
    votes = state.header.controls.votes
    if votes > 5:
        yield f"it took {votes} votes per turn, and the harness counts no more than the first five"


def _horizon(state: RunState) -> str:
    turn = horizon_length(state.tallies, 0.5).turn
    return "never reached" if turn is None else f"turn {turn}"
