"""The report of a run: the `lhe-report/1` document the same for live, recorded and imported runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from lhe_tui.engine.overall import (
    Segment,
    conditioning_kind,
    sample_outcomes,
    segments,
    step_accuracy,
    truth_corrupted,
)
from lhe_tui.engine.state import RunState
from lhe_tui.engine.untidy_replies import untidy_replies
from lhe_tui.record.annotations import annotations_of
from lhe_tui.record.json_text import to_json
from lhe_tui.task.answers import OUTCOMES
from lhe_tui.task.scoring import Curve, Rules, TurnTally, accuracies, horizon_length, intervals
from lhe_tui.task.stats.self_conditioning import Observation, self_conditioning
from lhe_tui.task.stats.survival import kaplan_meier, weibull_fit

__all__ = ["FORMAT", "observations", "report", "rescored", "to_json"]

FORMAT = "lhe-report/1"
_CURVES: dict[str, Curve] = {
    "turn_accuracy": "turn",
    "absolute_accuracy": "absolute",
    "task_accuracy": "task",
}
_HORIZONS = (0.5, 0.8)


def report(state: RunState, rules: Rules = "strict") -> dict[str, Any]:
    """The report under `rules`; arrays have one entry per turn of the task, None where nothing was counted."""
    state = rescored(state, rules)
    spec, header = state.spec, state.header
    tallies = [*state.tallies, *(TurnTally() for _ in range(spec.turns - len(state.tallies)))]
    doc: dict[str, Any] = {
        "format": FORMAT,
        "model": header.controls.model,
        "simulated": header.simulated,
        "task": {name: getattr(spec, name) for name in spec.__slots__},
        "turns": spec.turns,
        "turn_complexity": spec.turn_complexity,
        "samples": spec.samples,
        "rules": rules,
        **{name: accuracies(tallies, curve) for name, curve in _CURVES.items()},
        "intervals": {name: intervals(tallies, curve) for name, curve in _CURVES.items()},
        "horizon": {str(s): _horizon(tallies, s, spec.turn_complexity) for s in _HORIZONS},
        "turn_accuracy_by_segment": [_segment(segment) for segment in segments(state)],
        "survival": _survival(state),
        "outcomes": {outcome: state.outcomes[outcome] for outcome in OUTCOMES},
        "lenient": untidy_replies(state).as_json(),
        "format_failure": [tally.format_failures / tally.n if tally.n else None for tally in tallies],
        "injected": _injected(state),
        "tokens": {
            "prompt": state.prompt_tokens,
            "completion": state.completion_tokens,
            "reasoning": state.reasoning_tokens,
        },
        "self_conditioning": _self_conditioning(state),
    }
    return doc | _provenance(state)


def rescored(state: RunState, rules: Rules) -> RunState:
    """The same run under other rules: the state itself where they are its own, else its turns folded anew."""
    if state.rules == rules:
        return state
    other = RunState(state.header, rules)
    for change in state.changes:
        other.apply(change)
    for turn in range(len(state.tallies)):
        for sample in state.samples:
            if turn < len(sample.turns):
                other.apply(sample.turns[turn].event)
    other.status, other.elapsed = state.status, state.elapsed
    other.notices, other.notes = state.notices, state.notes
    return other


def observations(state: RunState) -> Iterator[Observation]:
    """Every scored turn with the share of wrong transitions that it was shown, for the self-conditioning estimate."""
    for number, sample in enumerate(state.samples, 1):
        for record in sample.turns:
            view = record.view
            if record.outcome != "failed" and view.transitions and not record.event.edited:
                share = view.wrong_transitions / view.transitions
                yield Observation(number, record.outcome == "correct", share, view.shown_turns)


def _horizon(tallies: Sequence[TurnTally], s: float, k: int) -> dict[str, int | None]:
    found = horizon_length(tallies, s)
    return {
        "turn": found.turn,
        "steps": None if found.turn is None else found.turn * k,
        "low": found.low,
        "high": found.high,
    }


def _injected(state: RunState) -> dict[str, float | None]:
    """Over all requests: the rate asked for over the turns that injection could touch, 0 where it was never on, and
    the shares of wrong states and of wrong transitions over all turns shown."""
    asked, shown, wrong_states, touched = state.shown_states
    transitions, wrong_transitions = state.shown_transitions
    return {
        # Sums of a rate such as 0.1 over many turns carry dust.
        "asked": round(asked / touched, 12) if touched else 0.0 if shown else None,
        "states": wrong_states / shown if shown else None,
        "transitions": wrong_transitions / transitions if transitions else None,
    }


def _segment(segment: Segment) -> dict[str, Any]:
    accuracy, interval = segment.correct / segment.n, segment.interval
    return {
        "first": segment.first,
        "last": segment.last,
        "accuracy": accuracy,
        "n": segment.n,
        "interval": interval,
    }


def _survival(state: RunState) -> dict[str, Any] | None:
    """Time to the first error; None where the first turns were given, or answers were corrupted over the truth."""
    if state.given_turns or truth_corrupted(state):
        return None
    outcomes = sample_outcomes(state)
    turns, fit, p = kaplan_meier(outcomes), weibull_fit(outcomes), step_accuracy(state)
    return {
        "at_risk": [turn.at_risk for turn in turns],
        "errors": [turn.errors for turn in turns],
        "hazard": [turn.hazard for turn in turns],
        "hazard_interval": [turn.hazard_range for turn in turns],
        "share": [turn.share for turn in turns],
        "share_interval": [turn.share_range for turn in turns],
        "weibull": None if fit.reason else fit._asdict(),
        "step_accuracy": p._asdict() if p else None,
        "sentence": fit.sentence() + ("; controls changed on the way" if len(state.timeline) > 1 else ""),
    }


def _self_conditioning(state: RunState) -> dict[str, object] | None:
    seen = list(observations(state))
    return self_conditioning(seen, conditioning_kind(state)).as_dict() if seen else None


def _provenance(state: RunState) -> dict[str, Any]:
    header, written = state.header, annotations_of(state.notes)
    return {
        "title": written.title,
        "tags": list(written.tags),
        "notes": [asdict(note) for note in written.notes],
        "mode": header.controls.mode,
        "origin": header.origin,
        "session_id": header.session,
        "created": header.created,
        "status": state.status,
        "changes": [
            {"turn": change.turn, "source": change.source, "change": dict(change.change)}
            for change in state.changes
        ],
        "finished_turns": state.finished_turns,
        "given_turns": state.given_turns,
        "missing_turns": state.missing_turns,
        "retries": state.retries,
        "cost": state.cost or None,
        "seconds": state.elapsed,
    }
