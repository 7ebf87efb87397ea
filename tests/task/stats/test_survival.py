from __future__ import annotations

import math
import random

import pytest

from lhe_tui.task.stats.proportions import wilson
from lhe_tui.task.stats.survival import (
    SampleOutcome,
    accuracy_at_risk,
    kaplan_meier,
    weibull_fit,
)


def weibull_sample(rng: random.Random, shape: float, scale: float, turns: int) -> SampleOutcome:
    turn = math.ceil(scale * (-math.log(1 - rng.random())) ** (1 / shape))
    return SampleOutcome(turn, turns) if turn <= turns else SampleOutcome(None, turns)


def ragged(rng: random.Random, n: int) -> list[SampleOutcome]:
    """Samples of which some stop early without an error."""
    found = []
    for _ in range(n):
        stop = rng.choice([30, 30, rng.randint(1, 30)])
        outcome = weibull_sample(rng, 1.3, 12, stop)
        found.append(outcome)
    return found


def test_kaplan_meier_agrees_with_statsmodels_where_samples_are_censored() -> None:
    duration = pytest.importorskip("statsmodels.duration.survfunc")
    outcomes = ragged(random.Random(5), 60)
    known = duration.SurvfuncRight(
        [o.first_wrong or o.turns_scored for o in outcomes],
        [int(o.first_wrong is not None) for o in outcomes],
    )
    found = {turn.turn: turn for turn in kaplan_meier(outcomes)}
    for turn, share, at_risk, errors in zip(
        known.surv_times, known.surv_prob, known.n_risk, known.n_events, strict=True
    ):
        assert found[int(turn)].share == pytest.approx(share)
        assert (found[int(turn)].at_risk, found[int(turn)].errors) == (at_risk, errors)


def test_without_censoring_the_band_is_that_of_the_plain_proportion() -> None:
    outcomes = [SampleOutcome(t, 20) for t in (1, 3, 3, 7, 12)] + [SampleOutcome(None, 20)] * 5
    for turn in kaplan_meier(outcomes):
        standing = sum(o.first_wrong is None or o.first_wrong > turn.turn for o in outcomes)
        assert turn.share == pytest.approx(standing / 10)
        assert turn.share_range == pytest.approx(wilson(standing, 10))


def test_a_sample_that_the_infrastructure_took_is_no_error() -> None:
    found = kaplan_meier([SampleOutcome(2, 5), SampleOutcome(None, 2), SampleOutcome(None, 5)])
    assert [(turn.at_risk, turn.errors) for turn in found] == [(3, 0), (3, 1), (1, 0), (1, 0), (1, 0)]
    assert found[-1].share == pytest.approx(2 / 3)


def test_a_sample_that_never_scored_a_turn_is_never_at_risk() -> None:
    assert kaplan_meier([SampleOutcome(None, 0)]) == []
    assert accuracy_at_risk([SampleOutcome(None, 0)]) is None


@pytest.mark.parametrize("quantity", ["share", "hazard"])
def test_the_survival_bands_cover_under_a_rising_risk_with_censoring(quantity: str) -> None:
    """400 runs of 30 samples; at turn 8, share .53 and hazard .11."""
    rng, covered = random.Random(7), 0
    share, before = (math.exp(-((t / 12) ** 1.3)) for t in (8, 7))
    truth = share if quantity == "share" else 1 - share / before
    for _ in range(400):
        turn = kaplan_meier(ragged(rng, 30))[7]
        low, high = turn.share_range if quantity == "share" else turn.hazard_range
        covered += low <= truth <= high
    assert 0.93 <= covered / 400 <= 0.985


def test_p_counts_only_the_turns_up_to_each_first_error() -> None:
    outcomes = [SampleOutcome(2, 50), SampleOutcome(None, 50), SampleOutcome(20, 50)]
    found = accuracy_at_risk(outcomes)
    assert found is not None
    assert (found.p, found.n) == (pytest.approx(21 / 22), 22)


@pytest.mark.parametrize(("samples", "p"), [(8, 0.8), (24, 0.95), (100, 0.99)])
def test_the_interval_of_p_at_risk_covers(samples: int, p: float) -> None:
    """800 runs of 50 turns."""
    rng, covered = random.Random(11), 0
    for _ in range(800):
        found = accuracy_at_risk([weibull_sample(rng, 1, -1 / math.log(p), 50) for _ in range(samples)])
        assert found is not None
        covered += found.low <= p <= found.high
    assert 0.93 <= covered / 800 <= 0.985


def test_the_weibull_fit_is_the_largest_likelihood() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    outcomes = ragged(random.Random(3), 50)

    def survival(turn: int, scale: float, shape: float) -> float:
        return math.exp(-((turn / scale) ** shape))

    def loss(log_pair: list[float]) -> float:
        scale, shape = math.exp(log_pair[0]), math.exp(log_pair[1])
        total = 0.0
        for first, scored in outcomes:
            end = survival(first or scored, scale, shape)
            total -= math.log(survival(first - 1, scale, shape) - end if first else end)
        return total

    best = optimize.minimize(loss, [2.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    found = weibull_fit(outcomes)
    assert math.log(found.scale) == pytest.approx(best.x[0], abs=1e-5)
    assert math.log(found.shape) == pytest.approx(best.x[1], abs=1e-5)
    assert found.share(found.half_life) == pytest.approx(0.5)


@pytest.mark.parametrize(("samples", "shape"), [(8, 1.8), (12, 1.0), (24, 0.7)])
def test_the_intervals_of_shape_and_half_life_cover(samples: int, shape: float) -> None:
    """300 runs of 50 turns, scale 20."""
    rng, shapes, halves, runs = random.Random(2), 0, 0, 0
    half = 20 * math.log(2) ** (1 / shape)
    for _ in range(300):
        found = weibull_fit([weibull_sample(rng, shape, 20, 50) for _ in range(samples)])
        if not found.reason:
            runs += 1
            shapes += found.shape_range.low <= shape <= found.shape_range.high
            halves += found.half_life_range.low <= half <= found.half_life_range.high
    assert runs > 288
    assert 0.92 <= shapes / runs <= 0.98
    assert 0.92 <= halves / runs <= 0.98


def test_a_mixture_of_weak_and_strong_samples_is_said_to_have_a_falling_risk() -> None:
    """No sample's own risk moves; those that stand are the strong ones. The estimator knows nothing of a mixture."""
    rng = random.Random(4)
    outcomes = [weibull_sample(rng, 1, 3 if n % 2 else 100, 60) for n in range(60)]
    assert weibull_fit(outcomes).trend == "falls"


def test_few_samples_cannot_tell_and_say_so() -> None:
    outcomes = [SampleOutcome(turn, 40) for turn in (2, 5, 9, 14, 20)] + [SampleOutcome(None, 40)] * 3
    assert weibull_fit(outcomes).sentence().startswith("8 samples cannot tell whether the risk")


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([SampleOutcome(None, 40)] * 9, "no sample erred"),
        ([SampleOutcome(3, 40)] * 2 + [SampleOutcome(None, 40)] * 7, "only 2 samples erred"),
        ([SampleOutcome(3, 40)] * 9, "all first errors stand at one turn"),
        ([SampleOutcome(3, 40)] * 8 + [SampleOutcome(9, 40)], "one sample decides it"),
    ],
)
def test_what_has_no_shape_says_why(outcomes: list[SampleOutcome], reason: str) -> None:
    found = weibull_fit(outcomes)
    assert reason in found.reason
    assert "cannot be told" in found.sentence()


def test_a_half_life_beyond_the_run_is_called_so() -> None:
    outcomes = [SampleOutcome(turn, 40) for turn in (4, 11, 17, 26, 33)] + [SampleOutcome(None, 40)] * 30
    found = weibull_fit(outcomes)
    assert found.half_life > 40
    assert "beyond the turns run" in found.sentence()
