"""Proportion intervals and horizon lengths."""

from __future__ import annotations

import pytest

from lhe_tui.task.statistics import wilson


def test_wilson_agrees_with_a_textbook_value() -> None:
    interval = wilson(81, 263)
    assert interval is not None
    assert interval == pytest.approx((0.2553, 0.3662), abs=5e-4)


def test_a_hundred_of_a_hundred_is_not_certain() -> None:
    interval = wilson(100, 100)
    assert interval is not None
    assert interval.high == 1.0
    assert interval.low == pytest.approx(0.9630, abs=1e-4)


def test_nothing_counted_has_no_interval() -> None:
    assert wilson(0, 0) is None


def test_wilson_refuses_more_successes_than_trials() -> None:
    with pytest.raises(ValueError, match="0..3"):
        wilson(4, 3)
