"""The theory screen: p and s by key, the paper's table, and a session's measured p beside what it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls
from lhe_tui.task.stats.proportions import Horizon
from lhe_tui.task.stats.survival import AtRisk, SampleOutcome, weibull_fit
from lhe_tui.task.stats.theory import horizon_length, horizon_length_exact
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.run.run_screen import RunScreen
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.theory.theory_figures import doubling_chart, horizon_chart
from lhe_tui.tui.theory.theory_point import LEAST_P, MOST_P, Point, axis_start, p_words
from lhe_tui.tui.theory.theory_screen import TheoryScreen
from lhe_tui.tui.theory.theory_words import TABLE, Measured, gap_sentence, measure
from tests.hostile_texts import HOSTILE, forbidden
from tests.sessions import header, turns, whole_run, write
from tests.tui.support import lone_app, screen_text, wait_until

SIZE = (120, 40)


async def open_theory(app: LheApp, pilot: Pilot[int]) -> TheoryScreen:
    await pilot.press("f7")
    await wait_until(pilot, lambda: isinstance(app.screen, TheoryScreen))
    await wait_until(pilot, lambda: "H_" in screen_text(app))
    screen = app.screen
    assert isinstance(screen, TheoryScreen)
    return screen


# ---- the point


@pytest.mark.parametrize(
    ("start", "after"), [(0.9, 0.901), (0.989, 0.99), (0.99, 0.9901), (0.999, 0.99901), (MOST_P, MOST_P)]
)
def test_p_moves_by_its_last_digit_and_stops_at_the_end(start: float, after: float) -> None:
    assert Point(start).step_p(up=True).p == pytest.approx(after)


@pytest.mark.parametrize("far", [False, True])
def test_a_step_up_and_a_step_down_lead_back(far: bool) -> None:
    point = Point(0.95)
    for _ in range(60):
        there = point.step_p(up=True, far=far)
        assert there.step_p(up=False, far=far).p == pytest.approx(point.p)
        if there.p >= MOST_P - 1e-4:
            break
        point = there


def test_a_far_step_does_not_jump_over_the_place_where_digits_change() -> None:
    assert Point(0.985).step_p(up=True, far=True).p == pytest.approx(0.99)
    assert Point(0.9995).step_p(up=False, far=True).p == pytest.approx(0.9994)
    assert Point(0.99901).step_p(up=False, far=True).p == pytest.approx(0.999)


def test_p_and_s_stay_within_their_bounds() -> None:
    assert Point(0.011).step_p(up=False, far=True).p == LEAST_P
    assert Point().step_s(1000).s == 0.99
    assert Point().step_s(-1000).s == 0.01


def test_doubling_doubles_the_horizon_before_rounding() -> None:
    point = Point(0.9)
    assert horizon_length_exact(point.scaled(2).p) == pytest.approx(2 * horizon_length_exact(point.p))
    assert point.scaled(2).scaled(0.5).p == pytest.approx(point.p)


def test_p_is_written_with_the_digits_it_needs() -> None:
    assert [p_words(p) for p in (0.5, 0.99, 0.9995, 0.99999)] == ["0.500", "0.990", "0.9995", "0.99999"]


def test_the_axis_begins_where_all_that_is_shown_has_room() -> None:
    assert [axis_start(p) for p in (0.3, 0.5, 0.7, 0.95, 0.995, 0.9995)] == [0.0, 0.0, 0.5, 0.9, 0.99, 0.999]
    assert axis_start(0.9995, 0.95) == 0.9


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[0]))
def test_the_papers_table_is_what_the_proposition_gives(row: tuple[float, str, str]) -> None:
    p, *said = row
    for s, text in zip((0.5, 0.8), said, strict=True):
        decimals = len(text.partition(".")[2])
        assert f"{horizon_length_exact(p, s):.{decimals}f}" == text


@pytest.mark.parametrize("p", [LEAST_P, 0.3, 0.5, 0.9, 0.999, MOST_P])
@pytest.mark.parametrize("s", [1, 50, 99])
def test_every_point_has_its_charts(p: float, s: int) -> None:
    point = Point(p, s)
    chart = horizon_chart(point)
    assert chart.series[0].points[0] == (p, horizon_length_exact(p, s / 100))
    assert doubling_chart(point).series[1].points


# ---- what a session measured


def measured(
    observed: Horizon,
    *,
    accuracy: tuple[float, float, float] = (0.95, 0.9, 0.98),
    turns: int = 100,
    samples: Sequence[SampleOutcome] = (),
) -> Measured:
    fit = weibull_fit(samples or outcomes(11, 13, 18, 20, 22, 30, 41, 60))
    return Measured(
        "m", AtRisk(*accuracy, 160), fit, {0.5: observed, 0.8: observed}, turns, 100, 1, 10, False, False
    )


def outcomes(*first_errors: int | None, turns: int = 100) -> list[SampleOutcome]:
    return [SampleOutcome(turn, turns) for turn in first_errors]


def test_a_rising_risk_is_said_and_never_called_lasting_longer() -> None:
    falling = outcomes(*range(14, 34))
    sentence = gap_sentence(measured(Horizon(24, 20, 27), accuracy=(0.99, 0.97, 1.0), samples=falling))
    assert "rises with the turn" in sentence
    assert "sooner than constant accuracy predicts" not in sentence
    assert "longer" not in sentence


def test_a_run_that_fails_before_the_predicted_range_is_said_to_do_so() -> None:
    sentence = gap_sentence(measured(Horizon(24, 20, 27), accuracy=(0.99, 0.98, 0.995)))
    assert "sooner than constant accuracy predicts" in sentence


def test_a_run_that_outlasts_the_predicted_range_is_said_to_do_so() -> None:
    assert "longer than constant accuracy predicts" in gap_sentence(measured(Horizon(60, 50, None)))
    assert "longer than constant accuracy predicts" in gap_sentence(measured(Horizon(None, None, None)))


def test_few_errors_claim_nothing() -> None:
    sentence = gap_sentence(
        measured(Horizon(None, 12, None), turns=20, samples=outcomes(3, None, None, None))
    )
    assert "cannot be told: only 1 sample erred" in sentence


def test_a_horizon_within_the_measured_turns_leaves_nothing_to_predict() -> None:
    sentence = gap_sentence(measured(Horizon(5, 4, 5)))
    assert "nothing left to predict" in sentence


def test_corruption_and_changes_in_mid_run_are_not_passed_over() -> None:
    plain = measured(Horizon(4, 3, 5))
    assert "corrupted on purpose" in gap_sentence(replace(plain, corrupted=True))
    assert "changed in mid-run" in gap_sentence(replace(plain, changed=True))


def test_p_is_measured_over_the_first_ten_turns() -> None:
    head = header(samples=4, turns=30)
    state = RunState(head)
    for event in turns(head, error_rate=0.1):
        state.apply(event)
    found = measure(state)
    assert found is not None
    assert found.first_turns == 10
    assert found.accuracy.n <= 40
    assert found.predicted(0.5).turn == horizon_length(found.accuracy.p)
    assert measure(RunState(head)) is None


# ---- the screen


async def test_arrows_move_p_and_s_and_the_digits_follow() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_theory(app, pilot)
        assert "p = 0.990  s = 0.50  H_0.5 = 69 steps" in screen_text(app)
        await pilot.press("right")
        await wait_until(pilot, lambda: "p = 0.9901" in screen_text(app))
        await pilot.press("left", "left", "up", "pageup")
        await wait_until(pilot, lambda: "p = 0.989  s = 0.61  H_0.61 = 45 steps" in screen_text(app))
        await pilot.press("home", "d")
        await wait_until(pilot, lambda: "H_0.5 = 138 steps" in screen_text(app))
        assert screen.point.p == pytest.approx(0.99**0.5)
        await pilot.press("shift+left", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_the_table_is_labelled_exact_and_marks_the_point() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_theory(app, pilot)
        shown = screen_text(app)
        assert "exact (paper)" in shown
        assert "▸ 0.99        68.97      22.2" in shown


async def test_a_click_on_the_curve_moves_the_point() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_theory(app, pilot)
        await pilot.click("#curve", offset=(20, 8))
        await wait_until(pilot, lambda: screen.point.p != 0.99)
        assert 0.9 < screen.point.p < 0.96


async def test_an_open_session_is_placed_on_the_curve() -> None:
    write(Path("one.jsonl"), whole_run(header(samples=8, turns=30), error_rate=0.1))
    app = LheApp(replay=Path("one.jsonl"), speed=0, config=lone_app()._config, sources=lone_app()._sources)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        await wait_until(
            pilot, lambda: app.runs.controller is not None and app.runs.controller.position == 30
        )
        screen = await open_theory(app, pilot)
        await wait_until(pilot, lambda: "predicted" in screen_text(app))
        shown = screen_text(app)
        assert "measured p" in shown
        assert "observed" in shown
        assert "over turns 1–10" in shown
        await pilot.press("home", "m")
        assert screen.point.p == pytest.approx(screen._measured.accuracy.p)  # type: ignore[union-attr]  # it is shown
        assert app.runs.controller is not None
        await app.runs.controller.close()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_every_pane_can_be_reached_at_every_size(size: tuple[int, int]) -> None:
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await open_theory(app, pilot)
        seen = ""
        for _ in range(3):
            await pilot.pause()
            seen += screen_text(app)
            await pilot.press("tab")
            await pilot.pause()
        for words in ("H_0.5", "before rounding up", "p(x)"):
            await wait_until(pilot, lambda words=words: words in seen + screen_text(app), words)  # type: ignore[misc]  # bound here


async def test_no_model_name_can_forge_the_screen() -> None:
    name = "x/" + "".join(text[:6] for text in HOSTILE.values() if text)[:180]
    write(Path("one.jsonl"), whole_run(header(controls=Controls(model=name))))
    app = LheApp(replay=Path("one.jsonl"), speed=0, config=lone_app()._config, sources=lone_app()._sources)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: app.runs.controller is not None and app.runs.controller.position == 5)
        await open_theory(app, pilot)
        await wait_until(pilot, lambda: "predicted" in screen_text(app))
        assert forbidden(screen_text(app), newlines=True) == []
        assert app.runs.controller is not None
        await app.runs.controller.close()
