import math

import pytest

from lhe_tui.charts.scale import (
    Scale,
    decimate,
    make_scale,
    runs,
    smooth,
    sparkline,
    thin_band,
    tick_labels,
    ticks,
)


def test_smoothing_averages_five_turns_around_each_and_skips_gaps() -> None:
    assert smooth([0, 0, 1, 0, 0]) == [1 / 3, 1 / 4, 1 / 5, 1 / 4, 1 / 3]
    assert smooth([1, None, 0], 3) == [1, None, 0]
    assert smooth([1, math.nan, 3, 5], 3) == [1, None, 4, 4]
    assert smooth([]) == []


def test_a_sparkline_writes_each_share_as_a_block_and_a_gap_as_a_space() -> None:
    assert sparkline([0, 0.5, 1, None], 10) == "▁▅█ "
    assert sparkline([0, 0, 1, 1], 2) == "▁█"
    assert len(sparkline([0.3] * 1000, 20)) == 20
    assert sparkline([], 5) == sparkline([1], 0) == ""


def test_a_long_run_keeps_the_lowest_and_highest_point_of_every_column() -> None:
    run = [(float(x), float(x * 7919 % 1000)) for x in range(10_000)]
    kept = decimate(run, Scale(0, 9_999), 50)
    assert len(kept) <= 100
    assert kept == sorted(kept)
    for start in range(0, 10_000, 1000):
        assert {
            min(y for _, y in run[start : start + 1000]),
            max(y for _, y in run[start : start + 1000]),
        } <= {y for x, y in kept if start <= x < start + 1000}


def test_a_run_that_fits_is_left_alone() -> None:
    run = [(float(x), 0.0) for x in range(100)]
    assert decimate(run, Scale(0, 99), 50) is run


def test_a_gap_ends_a_run() -> None:
    points = [(1, 1.0), (2, None), (3, 3.0), (4, 4.0), (5, math.nan), (6, math.inf)]
    assert runs(points) == [[(1, 1.0)], [(3, 3.0), (4, 4.0)]]


@pytest.mark.parametrize(
    ("low", "high", "at_most", "expected"),
    [
        (0, 1, 3, [0, 0.5, 1]),
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (1, 100, 6, [20, 40, 60, 80, 100]),
        (-200, 600, 5, [-200, 0, 200, 400, 600]),
    ],
)
def test_ticks_are_round(low: float, high: float, at_most: int, expected: list[float]) -> None:
    assert ticks(Scale(low, high), at_most) == expected


def test_ticks_meet_the_dashed_line_where_they_can() -> None:
    assert ticks(Scale(0, 1), 6, through=(0.5,)) == [0, 0.25, 0.5, 0.75, 1]


def test_turns_have_no_fractions() -> None:
    assert all(tick == round(tick) for tick in ticks(Scale(1, 3), 8, whole=True))


def test_a_log_scale_ticks_at_powers_of_ten_and_has_no_place_for_zero() -> None:
    scale = make_scale([0, -5, 2, 900], log=True)
    assert scale.fraction(0) is None
    assert ticks(Scale(1, 1000, log=True), 4) == [1, 10, 100, 1000]
    assert ticks(Scale(1, 1e12, log=True), 4) == [1, 1e4, 1e8, 1e12]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 0.5, 1], ["0.0", "0.5", "1.0"]),
        ([-200, 0, 200], ["−200", "0", "200"]),
        ([0, 5000, 10000], ["0", "5k", "10k"]),
        ([4.5, 5.5], ["4.5", "5.5"]),
        ([1e300], ["1e+300"]),
    ],
)
def test_tick_labels_say_the_value_in_full(values: list[float], labels: list[str]) -> None:
    assert tick_labels(values) == labels


def test_percent_labels_carry_their_sign() -> None:
    assert tick_labels([0, 0.5, 1], percent=True) == ["0%", "50%", "100%"]


def test_a_scale_of_one_value_or_none_still_has_room() -> None:
    assert make_scale([5, 5]) == Scale(4, 6)
    assert make_scale([None, math.nan]) == Scale(0, 1)
    assert make_scale([], (3, 3)) == Scale(2, 4)


def test_a_long_band_keeps_its_widest_reach_in_every_column() -> None:
    band = [(float(x), -float(x % 10), float(x % 7)) for x in range(1000)]
    thin = thin_band(band, Scale(0, 999), 10)
    assert len(thin) == 10
    assert {(low, high) for _, low, high in thin} == {(-9, 6)}
    assert thin_band([(math.nan, 0.0, 1.0)] * 100, Scale(0, 1), 10) == []
