"""What the run screen is made of, without a screen: steering, words, columns, rows, levels, speed."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lhe_tui import api
from lhe_tui.engine.events import ControlsChanged, NoticeRaised, TurnFinished
from lhe_tui.engine.overall import change_between, segments
from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Change, Controls, apply_change
from lhe_tui.task.pruning.refresh import Refresh
from lhe_tui.task.pruning.registry import POLICIES
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.scoring import TurnTally
from lhe_tui.task.spec import TaskSpec
from lhe_tui.task.stats.proportions import Horizon
from lhe_tui.text.widths import cells
from lhe_tui.tui.controller.rate_meter import RateMeter
from lhe_tui.tui.run.caption import caption_words
from lhe_tui.tui.run.control_words import changes_in_words, switches
from lhe_tui.tui.run.heat_levels import CORRECT, EMPTY, FORMAT, WRONG, Cell, HeatLevels
from lhe_tui.tui.run.run_figures import accuracy_figure, running_sum_figure
from lhe_tui.tui.run.run_steering import RATES, RunSteering
from lhe_tui.tui.run.transcript_rows import TranscriptRows
from lhe_tui.tui.run.transcript_tail import clip_tail, wrapped_tail
from lhe_tui.tui.run.turn_columns import header_pieces, plan_columns, turn_pieces
from lhe_tui.tui.turn.run_words import (
    clock_time,
    horizon_told,
    horizon_words,
    short_count,
    signed,
    token_words,
    whole,
)
from tests.scripted_model import new_state


def after(controls: Controls, *changes: Change) -> Controls:
    for change in changes:
        controls = apply_change(controls, change, 5)
    return controls


def played(
    state: RunState, turns: int, *, rate: float = 0.2, seed: int = 0, changes: dict[int, Change] | None = None
) -> RunState:
    """Turns of every sample with a slip of 1 or no tag now and then; `changes` take force at their turns."""
    rng = random.Random(seed)
    for turn in range(1, turns + 1):
        if changes and turn in changes:
            state.apply(ControlsChanged(turn, changes[turn]))
        for number, sample in enumerate(state.samples, 1):
            basis = sample.history.view(state.controls_at(turn)).basis or 0
            answer = basis + sample.history.gain(turn) + (rng.random() < rate)
            reply = "no tag" if rng.random() < 0.05 else f"<answer>{answer}</answer>"
            state.apply(TurnFinished(number, turn, float(turn), reply))
    return state


# ---- steering


def test_injection_comes_back_at_the_rate_and_base_that_it_went_off_with() -> None:
    steering, controls = RunSteering(), Controls()
    controls = after(controls, steering.change("inject", controls))
    assert (controls.injection.rate, controls.injection.base) == (0.5, "own")
    controls = after(controls, steering.change("rate_up", controls), steering.change("inject_base", controls))
    assert (controls.injection.rate, controls.injection.base) == (0.75, "truth")
    controls = after(controls, steering.change("inject", controls))
    assert not controls.injection.active
    controls = after(controls, steering.change("inject", controls))
    assert (controls.injection.rate, controls.injection.base) == (0.75, "truth")


def test_the_rate_climbs_its_ladder_and_stops_at_the_ends() -> None:
    steering, controls, seen = RunSteering(), Controls(), [0.0]
    while change := steering.change("rate_up", controls):
        controls = after(controls, change)
        seen.append(controls.injection.rate)
    assert seen == list(RATES)
    while change := steering.change("rate_down", controls):
        controls = after(controls, change)
    assert controls.injection.rate == 0


def test_a_rate_between_two_rungs_goes_to_the_nearest_in_its_direction() -> None:
    controls = after(Controls(), (("inject", 0.3),))
    assert RunSteering().change("rate_up", controls) == (("inject", 0.5),)
    assert RunSteering().change("rate_down", controls) == (("inject", 0.25),)


def test_pruning_goes_through_every_policy_and_back_to_off() -> None:
    steering, controls, seen = RunSteering(), Controls(), []
    for _ in POLICIES:
        controls = after(controls, steering.change("prune", controls))
        seen.append(str(controls.pruning))
    assert seen == ["window:5", "state-card", "drop-wrong", "window:5+state-card", "refresh:10", "off"]


def test_the_window_keeps_its_card_and_its_size() -> None:
    steering = RunSteering()
    controls = after(Controls(), (("prune", "window:3+state-card"),))
    controls = after(controls, steering.change("window_up", controls))
    assert str(controls.pruning) == "window:4+state-card"
    while controls.pruning.active:
        controls = after(controls, steering.change("prune", controls))
    assert after(controls, steering.change("window_up", controls)).pruning == Window(4)


def test_the_number_of_any_policy_goes_up_and_down() -> None:
    steering = RunSteering()
    controls = after(Controls(), (("prune", "refresh:2"),))
    controls = after(controls, steering.change("window_down", controls))
    assert controls.pruning == Refresh(1)
    assert steering.change("window_down", controls) == ()
    assert steering.change("window_down", after(Controls(), (("prune", "window:1"),))) == ()


def test_healing_is_switched_on_and_off() -> None:
    steering, controls = RunSteering(), Controls()
    controls = after(controls, steering.change("heal", controls))
    assert controls.injection.words() == "healed history"
    assert not after(controls, steering.change("heal", controls)).injection.active


# ---- words


def test_a_switch_tells_what_is_coming_and_from_when() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=2)), 3)
    state.apply(ControlsChanged(4, (("inject", 0.5),)))
    state.apply(ControlsChanged(7, (("prune", "window:2"),), "script"))
    injection, pruning, mode = switches(state)
    assert (injection.on, injection.words, injection.coming, injection.turn) == (
        False,
        "injection off",
        "injection 50 % own",
        4,
    )
    assert (pruning.coming, pruning.turn) == ("pruning window 2", 7)
    assert mode.coming == ""


def test_keys_pressed_several_times_before_one_turn_are_said_once() -> None:
    state = new_state()
    for rate in (0.1, 0.25, 0.5):
        state.apply(ControlsChanged(2, (("inject", rate),)))
    assert [change.words for change in changes_in_words(state)] == ["injection 50 % own"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–:––"), (0.0, "0:00"), (61.9, "1:01"), (3600.0, "1:00:00")]
)
def test_times_are_written_as_clocks(seconds: float | None, words: str) -> None:
    assert clock_time(seconds) == words


def test_numbers_are_short_and_carry_a_real_minus() -> None:
    assert [short_count(n) for n in (0, 999, 1234, 56_789, 4_100_000)] == [
        "0",
        "999",
        "1.23k",
        "56.8k",
        "4.1M",
    ]
    assert (whole(-12), signed(12), signed(-3), signed(0)) == ("−12", "+12", "−3", "+0")
    assert len(whole(10**5000)) < 12


def test_token_counts_that_no_reply_told_are_not_said_to_be_none() -> None:
    state = new_state(TaskSpec(turns=3, samples=1))
    assert token_words(state, 0.0) == "0"
    assert token_words(played(state, 2), 0.0) == "not told"
    state.apply(TurnFinished(1, 3, 3.0, "", prompt_tokens=900))
    assert token_words(state, 0.0) == "900"
    state = new_state(TaskSpec(turns=3, samples=1))
    state.apply(TurnFinished(1, 1, 1.0, "", prompt_tokens=900, completion_tokens=12))
    assert token_words(state, 31.0) == "912 · 31/s out"


def test_over_a_past_that_was_given_no_horizon_is_said_to_lie_beyond_it() -> None:
    given = [TurnTally(), TurnTally(), TurnTally(8, 8, 8, 8)]
    assert horizon_told(given, 0.5) == "not told (past given)"
    assert horizon_told(given[2:], 0.5).startswith(">1")


def test_a_horizon_that_was_not_reached_says_beyond_what() -> None:
    assert horizon_words(Horizon(31, 24, 38), 50) == "31 [24, 38]"
    assert horizon_words(Horizon(None, 24, None), 50) == ">50 [24, …]"
    assert horizon_words(Horizon(None, None, None), 50) == ">50"
    assert horizon_words(Horizon(None, None, None), 0) == "–"


# ---- columns


@settings(max_examples=200, deadline=None)
@given(
    width=st.integers(41, 220),
    k=st.integers(1, 12),
    turns=st.sampled_from([1, 100, 20_000]),
    variant=st.sampled_from(["dict-sum", "retrieve", "add", "prefix-sum"]),
    value=st.sampled_from([9, 99, 99_999]),
)
@example(width=57, k=2, turns=20_000, variant="dict-sum", value=9)
def test_every_column_lies_inside_the_pane_at_every_width(
    width: int, k: int, turns: int, variant: str, value: int
) -> None:
    spec = TaskSpec(variant, turns, k, 1, 20, -value, value)  # type: ignore[arg-type]  # drawn from the variants
    state = played(new_state(spec), 1)
    columns = plan_columns(state.task, width)
    record = state.samples[0].turns[0]
    pieces = turn_pieces(record, state.task, 1, columns, (record.number, "injected"), True, False)
    widths = [sum(cells(text) for text, _ in line) for line in (pieces, header_pieces(columns))]
    assert max(widths) <= width


# ---- rows


def test_rows_that_grow_with_the_run_are_the_rows_of_the_whole_run() -> None:
    spec = TaskSpec(turns=40, samples=2)
    changes: dict[int, Change] = {5: (("inject", 0.5),), 20: (("prune", "window:3"),)}
    whole_state = played(new_state(spec), 40, changes=changes)
    grown_state = new_state(spec)
    rows = TranscriptRows(grown_state, 1)
    for change_turn, change in changes.items():
        grown_state.apply(ControlsChanged(change_turn, change))
    for turn in range(40):
        for sample in whole_state.samples:
            grown_state.apply(sample.turns[turn].event)
        rows.sync()
    expected = TranscriptRows(whole_state, 1)
    expected.sync()
    assert rows.rows == expected.rows
    assert (rows.errors, rows.row_of_turn) == (expected.errors, expected.row_of_turn)


def test_a_failed_turn_that_was_asked_again_loses_its_row() -> None:
    state = played(new_state(TaskSpec(turns=5, samples=1)), 2, rate=0)
    rows = TranscriptRows(state, 1)
    state.apply(TurnFinished(1, 3, 3.0, "", finish="failed", error="no"))
    rows.sync()
    assert rows.errors[-1] == 3
    state.apply(TurnFinished(1, 3, 4.0, f"<answer>{state.samples[0].turns[-1].expected}</answer>"))
    rows.sync()
    assert 3 not in rows.errors


def test_notices_stand_after_the_turn_that_they_belong_to() -> None:
    state = played(new_state(TaskSpec(turns=5, samples=2)), 3, rate=0)
    state.apply(NoticeRaised("temperature is refused", 2.0))
    state.apply(NoticeRaised("another sample's", 2.0, 2, 2))
    rows = TranscriptRows(state, 1)
    rows.sync()
    kinds = [(row.kind, row.turn) for row in rows.rows if row.kind == "notice"]
    assert kinds == [("notice", 2)]


# ---- reasons


# ---- the grid


def test_a_cell_shows_the_worst_of_its_turns_and_the_share_that_is_not_correct() -> None:
    state = new_state(TaskSpec(turns=6, samples=1))
    for turn, reply in enumerate(["right", "wrong", "no tag", "right"], 1):
        history = state.samples[0].history
        right = (history.view(state.controls_at(turn)).basis or 0) + history.gain(turn)
        text = {"right": f"<answer>{right}</answer>", "wrong": f"<answer>{right + 1}</answer>"}.get(
            reply, reply
        )
        state.apply(TurnFinished(1, turn, float(turn), text))
    levels = HeatLevels(state)
    levels.sync()
    one = range(1, 2)
    assert [cell.level for cell in levels.cells(one, 6, 6)[:4]] == [CORRECT, WRONG, FORMAT, CORRECT]
    assert levels.cells(one, 6, 6)[4:] == [EMPTY, EMPTY]
    assert levels.cells(one, 6, 3) == [Cell(WRONG, 0.5), Cell(FORMAT, 0.5), EMPTY]
    assert levels.cells(one, 6, 1) == [Cell(FORMAT, 0.5)]
    assert [cell.level for cell in levels.cells(one, 4, 8)] == [
        level for level in (CORRECT, WRONG, FORMAT, CORRECT) for _ in range(2)
    ]


# ---- charts


def test_the_front_that_not_every_sample_has_reached_is_not_drawn() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=2)), 4)
    history = state.samples[0].history
    state.apply(TurnFinished(1, 5, 5.0, f"<answer>{history.truth(5)}</answer>"))
    turn, task, theory = accuracy_figure(state, smoothed=False).chart.series
    assert len(turn.points) == len(task.points) == 4
    assert theory.label == "if nothing got worse"


def test_task_accuracy_is_dimmed_and_the_reason_said_while_answers_are_corrupted() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=2)), 6, changes={3: (("inject", 0.5),)})
    figure = accuracy_figure(state, smoothed=True)
    assert [series.dimmed for series in figure.chart.series[:2]] == [False, True]
    assert "corrupted" in figure.note
    assert [mark.label for mark in figure.chart.marks] == ["injection 50 % own"]


def test_a_monstrous_answer_does_not_flatten_the_running_sum() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=1)), 5, rate=0)
    state.apply(TurnFinished(1, 6, 6.0, f"<answer>{'9' * 3000}</answer>"))
    figure = running_sum_figure(state, 1)
    assert figure.chart.y_range is not None
    assert figure.chart.y_range[1] < 10_000
    assert "1 answers beyond the chart" in figure.note


# ---- the caption


def test_the_two_keys_with_their_defaults_do_what_they_are_for(tmp_path: Path) -> None:
    """On the model and the task that the app opens with."""
    steering, controls = RunSteering(), Controls()
    at = []
    for turn, key in ((30, "inject"), (60, "prune")):
        change = steering.change(key, controls)
        controls = after(controls, change)
        at.append(f"{turn}:" + ",".join(f"{name}={value}" for name, value in change))
    state = api.run(model="sim/large", samples=16, turns=90, at=at, out=tmp_path / "s.jsonl").state
    alone, corrupted, pruned = segments(state)
    fall, rise = change_between(alone, corrupted), change_between(corrupted, pruned)
    assert fall is not None
    assert rise is not None
    assert fall.clear
    assert fall.mean < -0.1
    assert rise.clear
    assert rise.mean > 0.05


def test_the_caption_tells_the_task_first() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=2)), 4)
    assert caption_words(state, steered=True) == (
        "Keys are looked up and their values added to a running sum. "
        "Press i to put errors in view, p to prune the history"
    )
    assert "Press" not in caption_words(state, steered=False)
    assert "over 4 turns" in caption_words(state, steered=False)


def test_the_caption_tells_what_the_last_change_did_with_an_interval_by_sample() -> None:
    state = played(new_state(TaskSpec(turns=60, samples=8)), 60, rate=0.3, changes={30: (("inject", 0.5),)})
    words = caption_words(state, steered=True)
    assert re.fullmatch(
        r"turn accuracy \d+ % → \d+ %, [+−]?\d+ points \[.+, .+\](, no clear change)? "
        r"since turn 30: injection 50 % own",
        words,
    )


def test_no_name_of_a_model_acts_in_the_caption() -> None:
    state = played(new_state(TaskSpec(turns=10, samples=2)), 6, changes={3: (("model", "x/[bold]\x1b[31m"),)})
    assert "[bold]" in caption_words(state, steered=True)


# ---- the moving end


def test_the_end_of_a_long_reply_is_what_is_shown() -> None:
    assert clip_tail("one two\nthree", 6) == "…three"
    assert clip_tail("short", 10) == "short"
    assert cells(clip_tail("宽" * 50, 11)) <= 11
    assert wrapped_tail("a" * 25, 10, 2) == ["a" * 10, "a" * 5]
    assert all(cells(line) <= 10 for line in wrapped_tail("宽" * 50, 10, 3))


def test_speed_counts_only_running_time() -> None:
    now = 0.0
    meter = RateMeter(lambda: now)
    for second in range(11):
        now = float(second)
        meter.observe(running=True, turns=second * 2, tokens=second * 10)
    now = 1000.0
    meter.observe(running=False, turns=20, tokens=100)
    assert meter.turns_per_second() == pytest.approx(2.0, rel=0.2)
    assert meter.seconds_left(20) == pytest.approx(10.0, rel=0.2)


def test_speed_is_unknown_at_first_and_after_a_replay_went_back() -> None:
    now = 0.0
    meter = RateMeter(lambda: now)
    assert meter.seconds_left(5) is None
    for second in range(5):
        now = float(second)
        meter.observe(running=True, turns=second, tokens=0)
    meter.observe(running=True, turns=0, tokens=0)
    assert meter.turns_per_second() is None
