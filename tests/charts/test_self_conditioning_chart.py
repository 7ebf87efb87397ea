"""Accuracy against errors in view: bins, the fitted curve, and the words beside them."""

from __future__ import annotations

import math

import pytest

from lhe_tui.charts.plot import draw
from lhe_tui.charts.self_conditioning_bins import Bin, self_conditioning_chart, share_bins
from lhe_tui.engine.events import ControlsChanged
from lhe_tui.engine.overall import conditioning_kind
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec
from lhe_tui.task.stats.proportions import Interval, clustered_interval, wilson
from lhe_tui.task.stats.self_conditioning import Observation, SelfConditioning
from lhe_tui.tui.run.run_figures import (
    self_conditioning_figure,
)
from tests.scripted_model import new_state
from tests.tui.test_run_screen_parts import after, played

FITTED = SelfConditioning(
    True, "", 900, 16, odds_ratio=1.3, low=1.1, high=1.5, coefficient=2.6, intercept=-1.0, mean_share=0.2
)
UNIDENTIFIED = SelfConditioning(False, "no turn was wrong", 900, 16)


def test_turns_fall_into_equal_parts_of_the_shares_that_were_seen() -> None:
    shares = (0.0, 0.05, 0.3, 0.59, 0.6)
    seen = [Observation(1, share < 0.5, share, 4) for share in shares]
    found = share_bins([*seen, Observation(1, False, 0.0, 0)], 6)
    assert [(item.correct, item.n) for item in found] == [(2, 2), (1, 1), (0, 2)]
    assert [item.share for item in found] == pytest.approx([0.025, 0.3, 0.595])


def test_where_no_error_was_in_view_all_turns_are_one_point() -> None:
    assert share_bins([Observation(1, True, 0.0, 3)] * 7) == [Bin(0.0, 7, 7, None)]
    assert share_bins([]) == []


def test_a_bins_interval_is_taken_by_sample_not_by_turn() -> None:
    seen = [Observation(sample, sample % 4 > 0, 0.1, 5) for sample in range(8) for _ in range(10)]
    [found] = share_bins(seen, 1)
    assert found.interval == clustered_interval([(10 * (sample % 4 > 0), 10) for sample in range(8)])
    pooled = wilson(60, 80)
    assert found.interval is not None
    assert pooled is not None
    assert found.interval.high - found.interval.low > 2 * (pooled.high - pooled.low)


def test_the_fitted_curve_goes_through_the_mean_and_falls_with_errors_in_view() -> None:
    assert FITTED.accuracy_at(0.2) == pytest.approx(1 / (1 + math.exp(-1.0)))
    low, high = FITTED.accuracy_at(0.0), FITTED.accuracy_at(1.0)
    assert low is not None
    assert high is not None
    assert low > high
    assert UNIDENTIFIED.accuracy_at(0.2) is None


def test_each_point_tells_its_count_and_a_curve_stands_only_where_there_is_an_estimate() -> None:
    bins = [Bin(0.0, 95, 100, Interval(0.89, 0.98)), Bin(0.42, 20, 40, Interval(0.35, 0.65))]
    drawn = draw(self_conditioning_chart(bins, FITTED), 70, 14, colour=False)
    assert all(words in drawn for words in ("n=100", "n=40", "fit", "50"))
    assert "fit" not in draw(self_conditioning_chart(bins, UNIDENTIFIED), 70, 14, colour=False)


def test_a_chart_of_nothing_says_when_it_begins() -> None:
    assert "begins with turn 2" in draw(self_conditioning_chart([], UNIDENTIFIED), 70, 14, colour=False)


def test_only_errors_put_in_over_true_sums_from_the_start_leave_nobody_their_own_view() -> None:
    truth = after(Controls(), (("inject", 0.25), ("inject-base", "truth"), ("inject-since", 1)))
    state = new_state(TaskSpec(turns=30, samples=8), truth)
    assert conditioning_kind(played(state, 30)) == "effect"
    assert self_conditioning_figure(state).note.startswith("effect: ")
    own = played(new_state(TaskSpec(turns=30, samples=8)), 30)
    assert self_conditioning_figure(own).note.startswith("association: ")
    state.apply(ControlsChanged(20, (("inject-base", "own"),)))
    assert conditioning_kind(state) == "association"


def test_an_estimate_that_cannot_be_made_says_why() -> None:
    note = self_conditioning_figure(played(new_state(TaskSpec(turns=9, samples=2)), 9)).note
    assert note == "self-conditioning is not estimable: 2 samples; at least 4 are needed"
