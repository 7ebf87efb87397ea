"""Estimates of a run before it is run: held to brute force and to what the simulated models count."""

from __future__ import annotations

import pytest

from lhe_tui.engine.estimate import estimate_run, estimate_tokens
from lhe_tui.task.controls import Controls
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.pruning.policy import PruningPolicy
from lhe_tui.task.pruning.state_card import StateCard
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.pruning.window_and_card import WindowAndCard
from lhe_tui.task.spec import TaskSpec


@pytest.mark.parametrize("turns", [1, 2, 5, 30])
@pytest.mark.parametrize(
    ("pruning", "shown"),
    [
        (OFF, lambda past: past),
        (Window(1), lambda past: min(past, 1)),
        (WindowAndCard(7), lambda past: min(past, 7)),
        (StateCard(), lambda past: 0),
    ],
)
def test_the_history_shown_is_counted_turn_by_turn(turns: int, pruning: PruningPolicy, shown) -> None:  # type: ignore[no-untyped-def]  # a lambda of the table above
    spec = TaskSpec(turns=turns, samples=3)
    found = estimate_run(spec, Controls(pruning=pruning), system_tokens=100, user_tokens=2)
    one = estimate_run(
        TaskSpec(turns=1, samples=1), Controls(), system_tokens=100, user_tokens=2
    ).prompt_tokens
    two = estimate_run(
        TaskSpec(turns=2, samples=1), Controls(), system_tokens=100, user_tokens=2
    ).prompt_tokens
    exchange = two - 2 * one
    assert found.prompt_tokens == 3 * sum(one + shown(past) * exchange for past in range(turns))
    assert found.requests == 3 * turns


def test_votes_and_checking_cost_what_they_ask() -> None:
    spec = TaskSpec(turns=10, samples=2)
    plain = estimate_run(spec, Controls(), 100, 2)
    votes = estimate_run(spec, Controls(votes=5), 100, 2)
    checked = estimate_run(spec, Controls(verify=True), 100, 2)
    assert votes.requests == 5 * plain.requests
    assert votes.completion_tokens == 5 * plain.completion_tokens
    assert checked.requests == 2 * plain.requests


def test_reasoning_costs_more_than_an_answer_alone() -> None:
    spec = TaskSpec(turns=10, samples=2)
    direct, cot, thinking = (
        estimate_run(spec, Controls(mode=mode), 100, 2) for mode in ("direct", "cot", "thinking")
    )
    assert direct.completion_tokens < cot.completion_tokens < thinking.completion_tokens
    assert direct.prompt_tokens == thinking.prompt_tokens < cot.prompt_tokens


def test_dollars_are_told_only_where_both_prices_are_known() -> None:
    run = estimate_run(TaskSpec(turns=1, samples=1), Controls(), 1_000_000, 0)
    assert run.dollars(None, 1.0) is None
    assert run.dollars(2.0, 0.0) == pytest.approx(2.0, rel=1e-4)


def test_tokens_of_plain_english_are_about_four_letters_each() -> None:
    text = "Look up each key in the dictionary below, add all their values to the running sum. " * 10
    assert estimate_tokens(text) == pytest.approx(len(text) / 4.4, rel=0.2)
