"""Comparing 2 to 6 sessions: curves, aligned turns, paired tests, and the settings that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from lhe_tui.engine.overall import sample_outcomes
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.errors import LheError
from lhe_tui.record.codec import controls_document
from lhe_tui.task.stats.families import holm
from lhe_tui.task.stats.horizon_bootstrap import (
    BootstrapHorizon,
    HorizonDifference,
    bootstrap_horizon,
    paired_horizon_difference,
)
from lhe_tui.task.stats.paired_tests import (
    McNemar,
    PairedDifference,
    PairedTurn,
    mcnemar_by_turn,
    paired_difference,
    pooled_mcnemar,
)
from lhe_tui.task.stats.sample_size import Needed, needed_from

FEWEST, MOST = 2, 6
HORIZONS = (0.5, 0.8)
_SEED = 20250911
"""Of the bootstrap's draws: the same files give the same intervals."""


class ComparisonError(LheError, ValueError):
    """Sessions that cannot be compared; the message says why."""


@dataclass(frozen=True)
class Compared:
    """One session of a comparison, with the name it goes by."""

    name: str
    state: RunState


@dataclass(frozen=True)
class Pair:
    """A session beside the first one, over the samples and turns that both have: its minus the first's.

    `turn_accuracy` and `pooled` compare turn-correct answers; `by_turn` are the exact tests at each turn by itself,
    their p-values adjusted for being many (Holm). `divergence` is (sample, turn) of the first turn with another answer.
    """

    name: str
    turn_accuracy: PairedDifference | None
    pooled: McNemar
    by_turn: dict[int, McNemar]
    horizons: dict[float, HorizonDifference | None]
    divergence: tuple[int, int] | None
    needed: Needed | None
    """How many samples find a difference of 10 points, where these leave its sign open."""


@dataclass(frozen=True)
class Comparison:
    """What is known of several sessions side by side. `pairs` is empty where their plans are not the same."""

    sessions: tuple[Compared, ...]
    horizons: tuple[dict[float, BootstrapHorizon], ...]
    same_plans: bool
    pairs: tuple[Pair, ...]
    differing: tuple[tuple[str, tuple[str, ...]], ...]
    """Settings that are not the same in all: (name, one value per session)."""


def compare(sessions: Sequence[Compared]) -> Comparison:
    """Compare 2 to 6 sessions, the others with the first. Raises ComparisonError."""
    if not FEWEST <= len(sessions) <= MOST:
        raise ComparisonError(f"{FEWEST} to {MOST} sessions are compared, not {len(sessions)}")
    first, *others = sessions
    aligned = [aligned_samples(first.state, other.state) for other in others]
    same = all(aligned)
    return Comparison(
        tuple(sessions),
        tuple(bootstrap_horizons(c.state) for c in sessions),
        same,
        tuple(_pair(first.state, other, both) for other, both in zip(others, aligned, strict=True))
        if same
        else (),
        tuple(differing_settings(sessions)),
    )


def bootstrap_horizons(state: RunState) -> dict[float, BootstrapHorizon]:
    """H_0.5 and H_0.8 with their bootstrap intervals; none over a past that was given."""
    if not asked_from_the_start(state):
        return {}
    return {s: bootstrap_horizon(sample_outcomes(state), s, Random(_SEED)) for s in HORIZONS}


def asked_from_the_start(state: RunState) -> bool:
    """Whether the first turn was the model's own: over a past that was given, a horizon would say nothing of it."""
    first = state.record(1, 1)
    return first is not None and not first.event.edited


def aligned_samples(first: RunState, second: RunState) -> list[tuple[int, int]]:
    """(sample of the first, sample of the second) that go through the same keys and values, as far as both go.

    A branch renumbers its parent's samples, and may run one several times over.
    """
    one, other = first.task, second.task
    spec = one.spec
    if (spec.turn_complexity, spec.variant) != (other.spec.turn_complexity, other.spec.variant):
        return []
    if one.dictionary != other.dictionary:
        return []
    steps = spec.turn_complexity * min(spec.turns, other.spec.turns)
    places = {first.header.sample_id(sample): sample for sample in range(len(first.samples), 0, -1)}
    found = []
    for sample in range(1, len(second.samples) + 1):
        place = places.get(second.header.sample_id(sample))
        if place is not None and one.plans[place - 1][:steps] == other.plans[sample - 1][:steps]:
            found.append((place, sample))
    return found


def first_own_turn(first: RunState, second: RunState) -> int:
    """The first turn that is not the same one copied: where one is a branch of the other, or both of one parent."""
    one, other = first.header.parent, second.header.parent
    if other is not None and other.session == first.header.session:
        return other.turn
    if one is not None and one.session == second.header.session:
        return one.turn
    if one is not None and other is not None and one.session == other.session:
        return min(one.turn, other.turn)
    return 1


def turns_of_both(first: RunState, second: RunState, aligned: Sequence[tuple[int, int]]) -> list[PairedTurn]:
    """Every turn that both have scored by themselves, as turn-correct or not."""
    start = first_own_turn(first, second)
    found = []
    for place, sample in aligned:
        records = zip(first.samples[place - 1].turns, second.samples[sample - 1].turns, strict=False)
        for a, b in records:
            if a.turn >= start and _scored(a) and _scored(b):
                found.append(PairedTurn(place, a.turn, a.outcome == "correct", b.outcome == "correct"))
    return found


def _scored(record: TurnRecord) -> bool:
    return record.outcome != "failed" and not record.event.edited


def _pair(first: RunState, other: Compared, aligned: Sequence[tuple[int, int]]) -> Pair:
    second = other.state
    turns = turns_of_both(first, second, aligned)
    found = paired_difference(turns)
    needed = None
    if found is not None and (found.low is None or found.high is None or found.low <= 0 <= found.high):
        needed = needed_from(found.standard_error, found.samples)
    one, two = sample_outcomes(first), sample_outcomes(second)
    whole = asked_from_the_start(first) and asked_from_the_start(second)
    pairs = [(one[place - 1], two[sample - 1]) for place, sample in aligned]
    return Pair(
        other.name,
        found,
        pooled_mcnemar(turns),
        adjusted_by_turn(turns),
        {s: paired_horizon_difference(pairs, s, Random(_SEED)) for s in HORIZONS if whole},
        first_divergence(first, second, aligned),
        needed,
    )


def adjusted_by_turn(turns: Sequence[PairedTurn]) -> dict[int, McNemar]:
    """The exact McNemar test at each turn, with p-values adjusted for how many turns there are."""
    tests = mcnemar_by_turn(turns)
    adjusted = holm([test.p_value for test in tests.values()])
    return {turn: test._replace(p_value=p) for (turn, test), p in zip(tests.items(), adjusted, strict=True)}


def first_divergence(
    first: RunState, second: RunState, aligned: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """(sample of the first, turn) of the earliest turn at which the two answered differently."""
    found: list[tuple[int, int]] = []
    for place, sample in aligned:
        for a, b in zip(first.samples[place - 1].turns, second.samples[sample - 1].turns, strict=False):
            if "failed" in (a.outcome, b.outcome):
                break
            if (a.number, a.outcome) != (b.number, b.outcome):
                found.append((a.turn, place))
                break
    return None if not found else (min(found)[1], min(found)[0])


def aligned_turns(
    sessions: Sequence[Compared], sample: int
) -> list[tuple[int, tuple[TurnRecord | None, ...]]]:
    """One sample's turns side by side, by its number in the first session, as far as any of them went."""
    first = sessions[0].state
    places: list[int | None] = [sample]
    for other in sessions[1:]:
        matches = [two for one, two in aligned_samples(first, other.state) if one == sample]
        places.append(matches[0] if matches else None)
    pairs = [(c.state, place) for c, place in zip(sessions, places, strict=True)]
    longest = max(
        (len(state.samples[place - 1].turns) for state, place in pairs if place is not None), default=0
    )
    return [
        (turn, tuple(None if place is None else state.record(place, turn) for state, place in pairs))
        for turn in range(1, longest + 1)
    ]


def differing_settings(sessions: Sequence[Compared]) -> list[tuple[str, tuple[str, ...]]]:
    """The settings of task, controls and prompt in which the sessions differ, and their mid-run changes."""
    told = [_settings(c.state) for c in sessions]
    names = list(dict.fromkeys(name for settings in told for name in settings))
    rows = [(name, tuple(settings.get(name, "—") for settings in told)) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def _settings(state: RunState) -> dict[str, str]:
    header, spec = state.header, state.spec
    found = {name.replace("_", " "): _said(getattr(spec, name)) for name in spec.__slots__}
    for name, value in controls_document(header.controls).items():
        if isinstance(value, Mapping):
            found.update({f"injection {inner}": _said(item) for inner, item in value.items()})
        else:
            found[name.replace("_", " ")] = _said(value)
    found["prompt"] = header.template.name
    changes = [
        f"{change.turn}:{','.join(f'{name}={_said(value)}' for name, value in change.change)}"
        for change in state.changes
    ]
    found["mid-run changes"] = "; ".join(changes) or "none"
    return found


def _said(value: object) -> str:
    if value is None:
        return "default"
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
