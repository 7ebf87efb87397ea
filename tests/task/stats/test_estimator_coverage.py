"""Simulations: an interval that claims 95 % holds the truth in 93 to 97 of 100, and true parameters come back.

Every simulation is seeded; the number of runs stands beside it. Their own chance error is 0.7 to 1 point.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial

import pytest

from lhe_tui.task.stats.horizon_bootstrap import bootstrap_horizon, paired_horizon_difference
from lhe_tui.task.stats.paired_tests import PairedTurn, mcnemar, paired_difference, pooled_mcnemar
from lhe_tui.task.stats.proportions import clustered_interval, wilson
from lhe_tui.task.stats.self_conditioning import Observation, self_conditioning
from lhe_tui.task.stats.survival import SampleOutcome

HONEST = (0.93, 0.97)
BASE, LENGTH, EFFECT = -1.5, 0.3, 2.0


def coverage(runs: int, covers: Callable[[], bool]) -> float:
    return sum(covers() for _ in range(runs)) / runs


def own_history(rng: random.Random, samples: int, turns: int, offset: float = 0.0) -> list[Observation]:
    """Samples whose own slips are the errors in view."""
    found = []
    for sample in range(samples):
        wrong = 0
        for shown in range(1, turns + 1):
            slip = slips(rng, wrong / shown, shown + offset)
            found.append(Observation(sample, not slip, wrong / shown, shown))
            wrong += slip
    return found


def induced_history(rng: random.Random, samples: int, turns: int) -> list[Observation]:
    """Samples under induced error rates of 0 to 100 %."""
    found = []
    for sample in range(samples):
        rate = (0, 0.25, 0.5, 0.75, 1)[sample % 5]
        for shown in range(1, turns + 1):
            share = sum(rng.random() < rate for _ in range(10)) / 10
            found.append(Observation(sample, not slips(rng, share, shown), share, shown))
    return found


def slips(rng: random.Random, share: float, length: float) -> bool:
    log_odds = BASE + LENGTH * math.log(length) + EFFECT * share
    return rng.random() < 1 / (1 + math.exp(-log_odds))


def fate(rng: random.Random, p: float) -> SampleOutcome:
    return SampleOutcome(1 + int(math.log(1 - rng.random()) / math.log(p)), 10**6)


def test_wilson_covers_over_accuracies() -> None:
    """Exact, no simulation: n = 60, accuracies .02 to .98."""
    n, covered = 60, []
    for step in range(1, 50):
        p = step / 50
        covered.append(
            sum(
                math.comb(n, k) * p**k * (1 - p) ** (n - k)
                for k in range(n + 1)
                if (interval := wilson(k, n)) and interval.low <= p <= interval.high
            )
        )
    assert HONEST[0] <= sum(covered) / len(covered) <= HONEST[1]
    assert min(covered) > 0.91


@pytest.mark.parametrize(("samples", "history"), [(20, own_history), (10, induced_history)])
def test_the_self_conditioning_interval_covers(
    samples: int, history: Callable[[random.Random, int, int], list[Observation]]
) -> None:
    """600 runs of 20 turns."""
    rng = random.Random(41)

    def covers() -> bool:
        found = self_conditioning(history(rng, samples, 20))
        assert found.low is not None
        assert found.high is not None
        return found.low <= math.exp(0.1 * EFFECT) <= found.high

    assert HONEST[0] <= coverage(600, covers) <= HONEST[1]


def test_self_conditioning_recovers_the_true_parameters() -> None:
    """One run of 300 samples × 60 turns whose length works as log(1 + turns / τ), τ = 10."""
    found = self_conditioning(own_history(random.Random(8), 300, 60, offset=10), length_offset=10)
    assert found.coefficient == pytest.approx(EFFECT, abs=0.25)
    assert found.length_coefficient == pytest.approx(LENGTH, abs=0.1)


def test_no_effect_is_found_where_there_is_none() -> None:
    """300 runs with an effect of 0: at most 1 in 14 intervals leaves out 1."""
    rng = random.Random(2)

    def covers() -> bool:
        turns = [
            Observation(sample, rng.random() < 0.8, rng.random(), shown)
            for sample in range(15)
            for shown in range(1, 15)
        ]
        found = self_conditioning(turns)
        assert found.low is not None
        assert found.high is not None
        return found.low <= 1 <= found.high

    assert coverage(300, covers) >= 0.93


@pytest.mark.parametrize(("samples", "p", "s"), [(20, 0.99, 0.5), (50, 0.99, 0.8)])
def test_the_horizon_interval_covers(samples: int, p: float, s: float) -> None:
    """450 runs, 300 resamples each; a long horizon, so that whole turns add no slack."""
    rng = random.Random(17)
    truth = math.floor(math.log(s) / math.log(p)) + 1

    def covers() -> bool:
        found = bootstrap_horizon([fate(rng, p) for _ in range(samples)], s, rng, resamples=300)
        assert found.low is not None
        assert found.high is not None
        return found.low <= truth <= found.high

    assert HONEST[0] <= coverage(450, covers) <= HONEST[1]


def test_the_interval_of_a_difference_of_horizons_covers() -> None:
    """400 runs of 30 pairs, 400 resamples each; both runs of a pair share a third of their slips."""
    rng = random.Random(23)
    truth = math.floor(math.log(0.5) / math.log(0.985)) - math.floor(math.log(0.5) / math.log(0.98))

    def pair() -> tuple[SampleOutcome, SampleOutcome]:
        shared = fate(rng, 0.995)
        first, second = fate(rng, 0.98 / 0.995), fate(rng, 0.985 / 0.995)
        return min(first, shared), min(second, shared)

    def covers() -> bool:
        found = paired_horizon_difference([pair() for _ in range(30)], 0.5, rng, resamples=400)
        assert found is not None
        return found.low <= truth <= found.high

    # A difference of two medians is lumpy; its bootstrap errs to the wide side.
    assert 0.93 <= coverage(400, covers) <= 0.98


def paired_turns(rng: random.Random, samples: int, turns: int, gap: float) -> list[PairedTurn]:
    """Samples of their own difficulty, so that the turns of one hang together; accuracies .75 and .75 - gap."""
    found = []
    for sample in range(samples):
        first = 0.65 + rng.random() * 0.2
        second = first - gap + rng.uniform(-0.1, 0.1)
        found += [
            PairedTurn(sample, turn, rng.random() < first, rng.random() < second) for turn in range(turns)
        ]
    return found


@pytest.mark.parametrize(("samples", "turns"), [(8, 25), (20, 10), (60, 4)])
def test_the_interval_of_a_paired_difference_covers(samples: int, turns: int) -> None:
    """1,000 runs."""
    rng = random.Random(31)

    def covers() -> bool:
        found = paired_difference(paired_turns(rng, samples, turns, gap=0.1))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        return found.low <= -0.1 <= found.high

    assert HONEST[0] <= coverage(1000, covers) <= HONEST[1]


def test_the_exact_tests_reject_a_true_null_no_more_often_than_they_say() -> None:
    """1,000 runs of each; turns of a sample hang together, which only the pooled test may be shown."""
    rng = random.Random(3)
    turns = partial(paired_turns, rng, 15, 12, gap=0.0)
    assert coverage(1000, lambda: pooled_mcnemar(turns()).p_value > 0.05) >= 0.94
    assert (
        coverage(1000, lambda: mcnemar(heads := rng.getrandbits(40).bit_count(), 40 - heads).p_value > 0.05)
        > 0.94
    )


def test_the_pooled_test_sees_a_real_difference() -> None:
    """200 runs with a gap of 15 points over 20 samples × 10 turns."""
    rng = random.Random(4)
    assert coverage(200, lambda: pooled_mcnemar(paired_turns(rng, 20, 10, gap=0.15)).p_value < 0.05) > 0.8


def test_an_interval_over_turns_that_hang_together_is_wider() -> None:
    apart = clustered_interval([(9, 10), (8, 10), (9, 10), (8, 10)] * 3)
    together = clustered_interval([(10, 10), (10, 10), (10, 10), (4, 10)] * 3)
    assert apart is not None
    assert together is not None
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
    assert clustered_interval([(5, 10)]) is None


@pytest.mark.parametrize(("p", "hang"), [(0.5, 0.0), (0.8, 0.1), (0.8, 0.3), (0.95, 0.1)])
def test_an_interval_over_samples_of_several_turns_covers(p: float, hang: float) -> None:
    """1,500 runs of 24 samples of 10 turns whose own accuracies vary: their chance error is half a point."""
    rng = random.Random(7)
    covered = 0
    for _ in range(1500):
        counts = []
        for _ in range(24):
            own = rng.betavariate(p * (1 - hang) / hang, (1 - p) * (1 - hang) / hang) if hang else p
            counts.append((sum(rng.random() < own for _ in range(10)), 10))
        interval = clustered_interval(counts)
        assert interval is not None
        covered += interval.low <= p <= interval.high
    assert 0.93 <= covered / 1500 <= 0.97
