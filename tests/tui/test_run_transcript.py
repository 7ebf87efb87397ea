"""The transcript, the grid and the charts of the run screen: following, picking, seeking."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhe_tui.charts.turn_axis import columns_of_turn, turns_of_column
from lhe_tui.models.base import ChatRequest, ModelFailure
from lhe_tui.tui.run.chart_view import ChartView
from lhe_tui.tui.run.run_screen import RunScreen
from tests.scripted_model import right_answer
from tests.sessions import header, whole_run, write
from tests.tui.run_screens import replay_of, scripted_run, slip_at, watching


async def test_the_view_follows_the_newest_turn_until_a_person_looks_up_and_again_after_end() -> None:
    async with watching(await scripted_run(turns=200, samples=1)) as watched:
        await watched.until_shown("Completed")
        await watched.until_shown("all 200 turns of this sample done")
        await watched.press("home")
        await watched.until_shown("▸  1 ✓")
        assert "200 ✓" not in watched.text
        await watched.until_shown("end: back to the newest")
        await watched.press("end")
        await watched.until_shown("200 ✓")


async def test_a_run_that_goes_on_does_not_move_what_is_being_read() -> None:
    async with watching(await scripted_run(turns=300, samples=1, paused=True)) as watched:
        for turn in range(1, 50):
            watched.controller.step()
            await watched.until_turn(turn)
        await watched.until_shown(" 49 ✓")
        await watched.press("pageup", "pageup")
        await watched.until_shown("▸")
        place = watched.screen.transcript.scroll_offset
        watched.controller.toggle_pause()
        await watched.until_shown("Completed")
        assert watched.screen.transcript.scroll_offset == place


async def test_e_goes_from_error_to_error_and_says_where_there_is_none() -> None:
    async with watching(await scripted_run(slip_at(3, 50), turns=100, samples=1)) as watched:
        await watched.until_shown("Completed")
        transcript = watched.screen.transcript
        await watched.press("E")
        assert transcript.selected == 50
        await watched.press("E")
        assert transcript.selected == 3
        await watched.press("E")
        await watched.until_shown("no wrong turn before this one")
        await watched.press("e")
        assert transcript.selected == 50


async def test_comma_and_full_stop_follow_other_samples_around_the_ends() -> None:
    async with watching(await scripted_run(samples=3)) as watched:
        await watched.until_shown("sample 1 of 3")
        await watched.press("comma")
        await watched.until_shown("sample 3 of 3")
        await watched.press("full_stop", "full_stop")
        await watched.until_shown("sample 2 of 3")


async def test_a_click_in_the_grid_picks_the_sample_and_the_turn() -> None:
    async with watching(await scripted_run(samples=4)) as watched:
        await watched.until_shown("Completed")
        heat = watched.heat
        left, room, last = heat.columns
        await watched.pilot.click(heat, offset=(left + columns_of_turn(7, last, room).start, 2))
        await watched.until_shown("sample 3 of 4")
        assert watched.screen.transcript.selected == 7


async def test_the_strip_stands_in_the_columns_of_the_chart_above_it() -> None:
    async with watching(await scripted_run(slip_at(4), samples=2, turns=20)) as watched:
        await watched.until_shown("Completed")
        chart, heat = watched.screen.panes.chart, watched.heat
        await watched.until(lambda: chart.turn_columns is not None and heat.columns == chart.turn_columns)
        left, room, last = heat.columns
        shown = heat.render_line(0).text
        wrong = [column for column, sign in enumerate(shown) if sign == "█"]
        assert wrong == [left + column for column in columns_of_turn(4, last, room)]
        # A figure without turns leaves the strip a ruler of its own.
        watched.screen.action_figure("self_conditioning")
        await watched.until(lambda: heat.columns != (left, room, last))
        assert heat.render_line(0).text.split()[0] == "1"


async def test_both_charts_of_a_large_terminal_and_the_strip_have_one_axis() -> None:
    async with watching(await scripted_run(samples=2, turns=60, paused=True), (200, 60)) as watched:
        charts = list(watched.screen.query(ChartView))
        for turn in range(1, 15):
            watched.controller.step()
            await watched.until_turn(turn)
        await watched.until(lambda: {c.turn_columns.last for c in charts if c.turn_columns} == {20})
        await watched.until(lambda: watched.heat.columns == charts[-1].turn_columns)


async def test_two_samples_share_a_line_where_they_do_not_fit_one_by_one() -> None:
    async with watching(await scripted_run(slip_at(2), samples=20, turns=6)) as watched:
        await watched.until_shown("Completed")
        assert watched.heat.per_line == 2
        await watched.until_shown(" 19  ")


async def test_a_click_on_a_chart_tab_shows_it() -> None:
    async with watching(await scripted_run()) as watched:
        await watched.until_shown("Completed")
        await watched.pilot.click("#chart-tabs", offset=(22, 0))
        await watched.until_shown("━━ truth")


async def test_a_cell_of_several_turns_is_shaded_by_the_share_that_is_not_correct() -> None:
    def answer(request: ChatRequest) -> str | Exception:
        return "nothing" if request.messages[-1].turn == 2 else slip_at(11)(request)

    async with watching(await scripted_run(answer, turns=300, samples=1)) as watched:
        await watched.until_shown("Completed")
        await watched.until_shown("░▒▓█ share not correct")
        heat = watched.heat
        left, room, last = heat.columns
        row = heat.render_line(0).text[left:]
        assert {column for column, sign in enumerate(row) if sign in "░▒▓█"} == {
            column for column in range(room) if {2, 11} & set(turns_of_column(column, last, room))
        }


async def test_more_samples_than_rows_scroll_with_the_followed_one() -> None:
    async with watching(await scripted_run(samples=60, turns=3)) as watched:
        await watched.until_shown("Completed")
        assert " of 60" in watched.text
        watched.controller.follow(60)
        await watched.until_shown("60▸")


async def test_a_failed_turn_stands_on_its_line_with_the_servers_words() -> None:
    def answer(request: ChatRequest) -> str | Exception:
        if request.messages[-1].turn == 2 and len(request.messages) == 4 and request.draw % 1 == 0:
            return ModelFailure("rejected", "HTTP 400: [b]no[/b]", retryable=False)
        return right_answer()(request)

    async with watching(await scripted_run(answer, turns=4, samples=1)) as watched:
        await watched.until_shown("2 ×")
        await watched.until_shown("HTTP 400: [b]no[/b]")
        assert "×" in next(line for line in watched.text.splitlines() if "1▸" in line)


async def test_going_to_a_turn_by_number_is_checked_as_it_is_typed() -> None:
    async with watching(await scripted_run(turns=30, samples=1)) as watched:
        await watched.until_shown("Completed")
        await watched.press("g", "9", "9", "enter")
        await watched.until_shown("a whole number from 1 to 30")
        await watched.press("backspace", "enter")
        await watched.until(lambda: isinstance(watched.pilot.app.screen, RunScreen))
        await watched.until(lambda: watched.screen.transcript.selected == 9)


# ---- replay


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write(tmp_path / "session.jsonl", whole_run(header(samples=3, turns=20), error_rate=0.3))


async def test_a_recorded_session_plays_to_its_end_on_the_same_screen(session: Path) -> None:
    async with watching(replay_of(session)) as watched:
        await watched.until_shown("End of the recording")
        assert "turn 20/20" in watched.text
        assert watched.text.count("≠") > 0


async def test_a_replay_is_sought_by_turns_and_by_its_ends(session: Path) -> None:
    async with watching(replay_of(session)) as watched:
        await watched.until_shown("End of the recording")
        await watched.press("left", "left")
        await watched.until(lambda: watched.state.complete_turns == 18)
        await watched.press("right")
        await watched.until(lambda: watched.state.complete_turns == 19)
        await watched.press("home")
        await watched.until(lambda: watched.state.complete_turns == 0)
        await watched.until_shown("1 …")
        await watched.press("end")
        await watched.until_shown("all 20 turns of this sample done")
        await watched.press("g", "5", "enter")
        await watched.until(lambda: watched.state.complete_turns == 5)


async def test_the_speed_of_a_replay_doubles_and_halves(session: Path) -> None:
    async with watching(replay_of(session, speed=1.0)) as watched:
        await watched.until_shown("replay ×1 ")
        await watched.press("greater_than_sign", "greater_than_sign")
        await watched.until_shown("replay ×4 ")
        await watched.press("less_than_sign")
        await watched.until_shown("replay ×2 ")


async def test_a_replay_offers_no_switch(session: Path) -> None:
    async with watching(replay_of(session)) as watched:
        await watched.until_shown("End of the recording")
        await watched.press("i", "p", "h", "m", "right_square_bracket")
        assert watched.state.changes == []
        assert "inject" not in watched.text.splitlines()[-1]


async def test_space_at_the_end_plays_it_again(session: Path) -> None:
    async with watching(replay_of(session)) as watched:
        await watched.until_shown("End of the recording")
        before = watched.state
        await watched.press("space")
        await watched.until(lambda: watched.state is not before)
        await watched.until_shown("End of the recording")
