"""A run as a whole: p on turns at risk, accuracies by sample and by segment of controls, effect or association."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from lhe_tui import api
from lhe_tui.engine.overall import Segment, change_between, conditioning_kind, segments, step_accuracy
from lhe_tui.engine.state import RunState


def ran(folder: Path, **options: Any) -> RunState:
    return api.run(out=f"{folder}/s.jsonl", **options).state


def test_p_is_measured_on_turns_at_risk(tmp_path: Path) -> None:
    """Over all of the first ten turns it would be lower: a sample that has erred goes on erring."""
    state = ran(tmp_path, model="sim/small", samples=100, turns=20, seed=5)
    found = step_accuracy(state)
    assert found is not None
    all_turns = sum(tally.correct for tally in state.tallies[:10]) / sum(
        tally.n for tally in state.tallies[:10]
    )
    assert found.p > all_turns
    assert found.low < found.p < found.high
    assert found.n < 1000


def test_turns_under_different_controls_are_never_pooled(tmp_path: Path) -> None:
    state = ran(tmp_path, samples=6, turns=30, at=["10:inject=0.5", "20:inject=0"])
    assert [(one.first, one.last, one.n) for one in segments(state)] == [
        (1, 9, 54),
        (10, 19, 60),
        (20, 30, 66),
    ]
    assert all(one.interval is not None for one in segments(state))


def test_one_sample_has_no_interval_of_a_pooled_accuracy(tmp_path: Path) -> None:
    [only] = segments(ran(tmp_path, samples=1, turns=10))
    assert only.interval is None


def test_given_turns_are_neither_scored_nor_at_risk(tmp_path: Path) -> None:
    state = ran(tmp_path, samples=4, turns=10, given=6)
    [only] = segments(state)
    assert only.n == 16
    assert step_accuracy(state) is None


def test_only_errors_set_from_outside_are_called_an_effect(tmp_path: Path) -> None:
    truth = {"inject": "0.5", "inject_base": "truth", "samples": 4, "turns": 8}
    assert conditioning_kind(ran(tmp_path / "a", **truth)) == "effect"
    assert conditioning_kind(ran(tmp_path / "b", **truth, given=4)) == "effect"
    assert conditioning_kind(ran(tmp_path / "c", samples=4, turns=8)) == "association"
    assert conditioning_kind(ran(tmp_path / "d", samples=4, turns=8, at=["4:inject=0.5"])) == "association"
    assert conditioning_kind(ran(tmp_path / "e", samples=4, turns=8, inject="0.5")) == "association"


def segment(*counts: tuple[int, int]) -> Segment:
    return Segment(1, 9, sum(c for c, _ in counts), sum(n for _, n in counts), None, counts)


def test_a_change_of_accuracy_is_the_mean_of_the_samples_own_changes() -> None:
    stats = pytest.importorskip("scipy.stats")
    before, after = segment((9, 10), (8, 10), (10, 10)), segment((3, 6), (5, 10), (1, 4))
    changes = [-0.4, -0.3, -0.75]
    found = change_between(before, after)
    assert found is not None
    assert found.mean == pytest.approx(sum(changes) / 3)
    assert found.interval is not None
    oracle = stats.ttest_1samp(changes, 0).confidence_interval(0.95)
    assert found.interval == pytest.approx((max(-1.0, oracle.low), oracle.high))


def test_a_change_is_judged_only_where_samples_differ_and_were_scored_in_both() -> None:
    alike = change_between(segment((9, 10), (9, 10)), segment((5, 10), (5, 10)))
    assert alike is not None
    assert (alike.interval, alike.clear) == (None, False)
    assert change_between(segment((9, 10), (0, 0)), segment((0, 0), (5, 10))) is None
    one = change_between(segment((9, 10), (0, 0)), segment((5, 10), (5, 10)))
    assert one is not None
    assert (one.mean, one.interval) == (pytest.approx(-0.4), None)


def test_the_interval_of_a_change_covers() -> None:
    """1,000 pairs of stretches of 12 samples × 20 turns, .9 and .6, samples of their own skill."""
    rng, covered = random.Random(5), 0
    for _ in range(1000):
        skills = [rng.uniform(-0.08, 0.08) for _ in range(12)]
        stretches = (
            segment(*((sum(rng.random() < rate + skill for _ in range(20)), 20) for skill in skills))
            for rate in (0.9, 0.6)
        )
        found = change_between(*stretches)
        assert found is not None
        assert found.interval is not None
        covered += found.interval.low <= -0.3 <= found.interval.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_no_pooled_accuracy_is_told_with_an_interval_over_turns() -> None:
    """Control bar, arms, progress line and HTML report: eight samples of their own skill, ten turns each."""
    root = Path(__file__).parents[2] / "lhe_tui"
    pooling = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "wilson(" in path.read_text(encoding="utf-8") and "stats" not in path.parts
    }
    # One turn of each sample, and independent replies to one request: there, turns are samples.
    assert pooling == {"task/scoring.py", "engine/resampling.py"}
