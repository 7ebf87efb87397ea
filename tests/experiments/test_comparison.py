"""Comparing sessions: paired where their plans are the same, aligned where one is a branch of the other."""

from __future__ import annotations

import random

import pytest

from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import Event, TurnFinished
from lhe_tui.engine.overall import sample_outcomes
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.comparison import (
    Compared,
    ComparisonError,
    aligned_samples,
    aligned_turns,
    compare,
    first_own_turn,
    turns_of_both,
)
from lhe_tui.experiments.comparison_words import (
    comparison_chart,
    comparison_document,
    pair_sentences,
)
from lhe_tui.record.json_text import to_json
from lhe_tui.task.controls import Controls
from lhe_tui.task.pruning.window import Window
from tests.sessions import header, turns


def a_run(error_rate: float, seed: int = 0, samples: int = 8, controls: Controls | None = None) -> RunState:
    head = header(samples=samples, turns=12, controls=controls)
    return fold([head, *turns(head, error_rate, seed)])


def named(*states: RunState) -> list[Compared]:
    return [Compared(f"run {number}", state) for number, state in enumerate(states, 1)]


def test_two_runs_over_the_same_plans_are_tested_in_pairs() -> None:
    comparison = compare(named(a_run(0.4), a_run(0.02, 1)))
    (pair,) = comparison.pairs
    assert comparison.same_plans
    assert pair.turn_accuracy is not None
    assert pair.turn_accuracy.difference > 0.2
    assert pair.turn_accuracy.low is not None
    assert pair.turn_accuracy.low > 0
    assert pair.pooled.second_only > pair.pooled.first_only
    assert pair.pooled.p_value < 0.05
    assert pair.needed is None
    assert list(pair.by_turn) == list(range(1, 13))
    assert pair.horizons[0.5] is not None
    words = pair_sentences(comparison, pair)
    assert words[0].startswith("turn accuracy +")
    assert any(line.startswith("first divergence: turn") for line in words)


def test_an_unclear_difference_says_what_is_possible_and_how_many_samples_ten_points_take() -> None:
    comparison = compare(named(a_run(0.10, samples=3), a_run(0.15, 5, samples=3)))
    (pair,) = comparison.pairs
    assert pair.needed is not None
    words = pair_sentences(comparison, pair)[0]
    assert f"points are possible; 10 points take about {pair.needed.samples:,} samples [" in words


def test_the_first_divergence_is_the_earliest_turn_of_any_sample() -> None:
    one = a_run(0.0)
    events: list[Event] = [one.header]
    for turn in range(1, 13):
        for number, sample in enumerate(one.samples, 1):
            truth = sample.turns[turn - 1].truth
            wrong = (number, turn) in ((5, 4), (2, 7))
            events.append(TurnFinished(number, turn, 0.0, f"<answer>{truth + wrong}</answer>"))
    comparison = compare(named(one, fold(events)))
    assert comparison.pairs[0].divergence == (5, 4)
    aligned = aligned_turns(comparison.sessions, 5)
    assert [turn for turn, _ in aligned] == list(range(1, 13))
    first, second = aligned[3][1]
    assert first is not None
    assert second is not None
    assert second.number == first.truth + 1


def test_runs_over_other_plans_are_shown_and_not_paired() -> None:
    other = header(samples=8, turns=12, k=2)
    comparison = compare(named(a_run(0.1), fold([other, *turns(other)])))
    assert not comparison.same_plans
    assert comparison.pairs == ()
    assert dict(comparison.differing)["turn complexity"] == ("1", "2")


def test_a_branch_is_compared_from_where_it_left_and_with_its_own_samples() -> None:
    parent = a_run(0.3)
    branch = Branch(6, (3, 3, 7), (("prune", "window:1"),))
    events = branch_events(parent, branch, session="b" * 12, created="", path="p.jsonl")
    child = fold(events)
    rng = random.Random(1)
    for turn in range(6, 13):
        for number, sample in enumerate(child.samples, 1):
            view = sample.history.view(child.controls_at(turn))
            answer = (view.basis or 0) + sample.history.gain(turn) + (rng.random() < 0.1)
            child.apply(TurnFinished(number, turn, 0.0, f"<answer>{answer}</answer>"))
    aligned = aligned_samples(parent, child)
    assert aligned == [(3, 1), (3, 2), (7, 3)]
    assert first_own_turn(parent, child) == first_own_turn(child, parent) == 6
    assert {pair.turn for pair in turns_of_both(parent, child, aligned)} == set(range(6, 13))
    comparison = compare(named(parent, child))
    assert comparison.pairs[0].turn_accuracy is not None
    assert comparison.pairs[0].turn_accuracy.samples == 2
    assert dict(comparison.differing)["mid-run changes"] == ("none", "6:prune=window:1")


def test_two_branches_of_one_parent_are_compared_from_the_branch_on() -> None:
    parent = a_run(0.3)
    one, two = (
        fold(branch_events(parent, Branch(5, (1, 2)), session=name * 12, created="", path="p"))
        for name in "cd"
    )
    assert first_own_turn(one, two) == 5


def test_settings_that_differ_are_listed_and_no_others() -> None:
    comparison = compare(named(a_run(0.1), a_run(0.1, controls=Controls(pruning=Window(2)))))
    assert comparison.differing == (("pruning", ("off", "window:2")),)
    assert compare(named(a_run(0.1), a_run(0.1))).differing == ()


def test_a_sample_that_stands_still_counts_as_far_as_it_came() -> None:
    head = header(samples=1, turns=5)
    events = [event for event in turns(head, 0.0) if isinstance(event, TurnFinished) and event.turn < 3]
    failed = TurnFinished(1, 3, 9.0, "", finish="failed", error="gone")
    assert sample_outcomes(fold([head, *events, failed])) == [(None, 2)]


@pytest.mark.parametrize("count", [1, 7])
def test_other_than_two_to_six_sessions_are_refused(count: int) -> None:
    with pytest.raises(ComparisonError, match="2 to 6 sessions"):
        compare(named(*[a_run(0.1)] * count))


def test_six_sessions_give_one_chart_and_one_document() -> None:
    states = [a_run(0.05 * number, number) for number in range(6)]
    comparison = compare(named(*states))
    assert len(comparison.pairs) == 5
    assert len(comparison_chart(comparison.sessions, "task").series) == 6
    document = comparison_document(comparison)
    assert document["format"] == "lhe-comparison/1"
    assert to_json(document)
    assert [pair["second"] for pair in document["pairs"]] == [f"run {n}" for n in range(2, 7)]
