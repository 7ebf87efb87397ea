"""The ladder: its search, its sequential stopping and how often that errs, its resuming."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.experiments.grid import GridError
from lhe_tui.experiments.ladder import LadderRun, LadderSettings, ladder_finding, new_ladder, resumed_ladder
from lhe_tui.experiments.ladder_estimate import estimate_ladder
from lhe_tui.experiments.ladder_search import LadderSearch
from lhe_tui.models.base import ChatRequest, ModelFailure, ModelInfo
from lhe_tui.task.controls import Controls
from lhe_tui.task.stats.confidence_sequence import anytime_interval, cleared
from tests.scripted_model import Answer, ScriptedModel, right_answer


@pytest.mark.parametrize("start", [1, 3, 40])
@pytest.mark.parametrize("largest", [0, 1, 2, 5, 31, 32, 33, 99, 100])
def test_the_search_finds_the_largest_k_in_few_tries(largest: int, start: int) -> None:
    search, tries = LadderSearch(start, 100), []
    while (k := search.next_k) is not None:
        tries.append(k)
        search.tell(k, passed=k <= largest)
    assert search.largest == largest
    assert search.stopped_by_bound == (largest == 100)
    assert len(set(tries)) == len(tries) <= 14
    assert all(1 <= k <= 100 for k in tries)


@pytest.mark.parametrize("p", [0.5, 0.7, 0.79, 0.8, 0.81, 0.9])
def test_a_look_after_every_sample_errs_in_at_most_five_of_a_hundred(p: float) -> None:
    """2,000 runs of up to 200 looks each; their own chance error is half a point."""
    rng = random.Random(20)
    wrong = 0
    for _ in range(2000):
        right = 0
        for n in range(1, 201):
            right += rng.random() < p
            verdict = cleared(right, n, 0.8)
            if verdict is not None:
                wrong += verdict != (p >= 0.8)
                break
    assert wrong / 2000 <= 0.05


def test_an_ordinary_interval_looked_at_so_often_would_err_far_more() -> None:
    from lhe_tui.task.stats.proportions import wilson

    rng = random.Random(20)
    wrong = 0
    for _ in range(500):
        right = 0
        for n in range(1, 201):
            right += rng.random() < 0.8
            interval = wilson(right, n)
            if interval is not None and not interval.low <= 0.8 <= interval.high:
                wrong += 1
                break
    assert wrong / 500 > 0.15


def test_the_interval_ever_leaves_the_truth_out_in_at_most_five_of_a_hundred() -> None:
    rng = random.Random(4)
    for p in (0.05, 0.5, 0.97):
        missed = 0
        for _ in range(300):
            right = 0
            for n in range(1, 81):
                right += rng.random() < p
                low, high = anytime_interval(right, n)
                if not low <= p <= high:
                    missed += 1
                    break
        assert missed / 300 <= 0.05


def test_clear_cases_need_few_samples() -> None:
    assert cleared(24, 24, 0.8) is True
    assert cleared(0, 3, 0.8) is False
    assert cleared(23, 23, 0.8) is None
    assert anytime_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="successes"):
        anytime_interval(3, 2)


def passes_up_to(largest: int) -> Answer:
    """Right up to that many keys, wrong beyond."""

    def answer(request: ChatRequest) -> str:
        keys = request.messages[-1].content.count(",") + 1
        return str(right_answer()(request)) if keys <= largest else "<answer>no</answer>"

    return answer


def climb(ladder: LadderRun, model: ScriptedModel, concurrency: int = 4) -> LadderRun:
    async def run() -> None:
        async for _ in ladder.progress(lambda name: model, concurrency=concurrency):
            pass

    asyncio.run(run())
    return ladder


def ladder(folder: Path, **settings: int) -> LadderRun:
    return new_ladder(LadderSettings(Controls(), **settings), built_in_template(), folder, built_in_words())


def test_the_ladder_stops_asking_a_k_once_its_interval_clears_the_line(tmp_path: Path) -> None:
    model = ScriptedModel(passes_up_to(5))
    found = climb(ladder(tmp_path, most_keys=64), model, concurrency=1)
    assert found.search.largest == 5
    assert [(rung.k, rung.counts) for rung in found.rungs] == [
        (1, (24, 24)),
        (2, (24, 24)),
        (4, (24, 24)),
        (8, (0, 3)),
        (6, (0, 3)),
        (5, (24, 24)),
    ]
    assert len(model.requests) == 24 * 4 + 3 * 2
    assert ladder_finding(found).startswith(
        "sim/large, direct: the largest K with at least 80 % right in a single turn is 5 (K = 5: passes, 24 of 24"
    )


def test_a_ladder_that_reaches_its_bound_says_at_least(tmp_path: Path) -> None:
    found = climb(ladder(tmp_path, most_keys=6), ScriptedModel(passes_up_to(99)))
    assert found.search.stopped_by_bound
    assert "at least 6, the largest K that was allowed" in ladder_finding(found)


def test_a_k_near_the_line_is_told_as_not_settled(tmp_path: Path) -> None:
    def answer(request: ChatRequest) -> str:
        return str(right_answer()(request)) if request.draw % 100 < 80 else "<answer>no</answer>"

    found = climb(ladder(tmp_path, most_keys=1, samples=20), ScriptedModel(answer))
    assert not found.rungs[0].settled
    assert found.rungs[0].counts[1] == 20
    assert "not settled" in ladder_finding(found)


def test_a_resumed_ladder_asks_nothing_that_was_answered(tmp_path: Path) -> None:
    first = climb(ladder(tmp_path, most_keys=16), ScriptedModel(passes_up_to(3)))
    model = ScriptedModel(passes_up_to(3))
    again = climb(resumed_ladder(tmp_path, built_in_words()), model)
    assert model.requests == []
    assert ladder_finding(again) == ladder_finding(first)
    with pytest.raises(GridError, match="--resume"):
        ladder(tmp_path)


def test_a_ladder_stopped_in_the_middle_of_a_k_goes_on_there(tmp_path: Path) -> None:
    def dying(request: ChatRequest) -> str | Exception:
        if len(model.requests) > 30:
            return ModelFailure("auth", "the key was refused", retryable=False)
        return passes_up_to(3)(request)

    model = ScriptedModel(dying)
    broken = climb(ladder(tmp_path, most_keys=16), model, concurrency=1)
    assert broken.fault == "the key was refused"
    assert not broken.finished
    assert "not finished; K = 1 passes so far" in ladder_finding(broken)
    fresh = ScriptedModel(passes_up_to(3))
    whole = climb(resumed_ladder(tmp_path, built_in_words()), fresh, concurrency=1)
    assert whole.search.largest == 3
    assert len(fresh.requests) == 24 - 6 + 24 + 3


def test_slow_answers_weigh_as_much_as_quick_ones(tmp_path: Path) -> None:
    found = ladder(tmp_path, samples=4)
    found.rungs.append(found._rung(1))
    state = found.rungs[0].run.state
    from lhe_tui.engine.events import TurnFinished

    for sample in (2, 3):
        state.apply(TurnFinished(sample, 1, 0.0, f"<answer>{state.task.truths(sample)[0]}</answer>"))
    assert found.rungs[0].counts == (0, 0)
    state.apply(TurnFinished(1, 1, 0.0, "<answer>no</answer>"))
    assert found.rungs[0].counts == (2, 3)


def test_an_estimate_grows_with_how_far_it_is_climbed() -> None:
    settings = LadderSettings(Controls(), most_keys=64)
    info = ModelInfo("a/b", price_prompt=1.0, price_completion=1.0)
    costs = [
        estimate_ladder(settings, built_in_template(), built_in_words(), info, largest)
        for largest in (0, 8, 64)
    ]
    assert [cost.requests for cost in costs] == [3, 4 * 24 + 4 * 3, 7 * 24]
    assert costs[0].prompt_tokens < costs[1].prompt_tokens < costs[2].prompt_tokens
    assert all(cost.dollars for cost in costs)


@pytest.mark.parametrize(("start", "most"), [(0, 5), (6, 5)])
def test_a_first_k_out_of_bounds_is_refused(start: int, most: int, tmp_path: Path) -> None:
    with pytest.raises(GridError, match="the first K"):
        ladder(tmp_path, start=start, most_keys=most)
