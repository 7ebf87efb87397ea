"""The run screen: a run is watched, steered, paused by faults, and ends in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Any

import pytest
from textual.widgets import Input

from lhe_tui.models.base import ChatRequest, Chunk, Finished, ModelFailure, ModelInfo, TextDelta
from lhe_tui.task.controls import Controls
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.run.run_screen import RunScreen
from tests.hostile_texts import ONE_OF_EACH, forbidden
from tests.scripted_model import right_answer
from tests.tui.run_screens import scripted_run, slip_at, watching


async def test_a_run_is_watched_to_its_end_and_the_screen_says_so() -> None:
    async with watching(await scripted_run(slip_at(4))) as watched:
        await watched.until_shown("✓ Completed: 10 turns × 2 samples")
        assert "sim/large (simulated)" in watched.text
        assert "turn 10/10" in watched.text


async def test_a_wrong_turn_says_what_was_due_and_why_it_is_wrong() -> None:
    async with watching(await scripted_run(slip_at(4))) as watched:
        await watched.until_shown("Completed")
        lines = watched.text.splitlines()
        number = next(index for index, line in enumerate(lines) if "  4 ✗" in line)
        assert "≠" in lines[number]
        assert "(−10)" in lines[number + 1]
        assert "started from" in lines[number + 1]


async def test_a_switch_says_at_once_from_which_turn_it_will_hold_and_then_holds_from_there() -> None:
    async with watching(await scripted_run(paused=True, turns=20)) as watched:
        await watched.press("n")
        await watched.until(lambda: watched.state.complete_turns == 1)
        await watched.press("i")
        await watched.until_shown("◐ injection 50 % own — holds from turn 2")
        await watched.press("space")
        await watched.until_shown("● injection 50 % own")
        assert watched.state.controls_at(1).injection.rate == 0
        assert watched.state.controls_at(2).injection.rate == 0.5
        await watched.until_shown("Completed")
        await watched.press("home")
        await watched.until_shown("┆ injection 50 % own")
        assert "corrupted answers in view" in watched.text


async def test_corrupted_answers_are_shown_beside_what_the_model_said() -> None:
    async with watching(await scripted_run(paused=True, turns=20, samples=1)) as watched:
        await watched.press("i", "right_square_bracket", "right_square_bracket", "right_square_bracket")
        await watched.press("space")
        await watched.until_shown("Completed")
        shown = watched.state.samples[0].history.shown(watched.state.controls_at(21).injection)
        turn = shown.provenance.index("injected") + 1
        await watched.press("home")
        line = next(
            line for line in watched.text.splitlines() if f"{turn:>3} ✓" in line or f"{turn:>3} ✗" in line
        )
        assert f"⇢ {str(shown.numbers[turn - 1]).replace('-', '−')}" in line


async def test_pruned_turns_say_so() -> None:
    async with watching(await scripted_run(turns=12, paused=True)) as watched:
        await watched.press("p", "space")
        await watched.until_shown("Completed")
        await watched.until_shown("● pruning window 5")
        assert watched.text.count("pruned") == 12 - 5


async def test_one_turn_is_run_in_every_sample_and_then_it_stands_still() -> None:
    async with watching(await scripted_run(paused=True, samples=3)) as watched:
        await watched.until_shown("‖ paused")
        for turn in (1, 2):
            await watched.press("n")
            await watched.until_turn(turn)
        await watched.until(lambda: all(sample.live is None for sample in watched.state.samples))
        assert {len(sample.turns) for sample in watched.state.samples} == {2}
        assert watched.status == "paused"


async def test_a_dead_server_is_said_over_the_panes_and_space_tries_again() -> None:
    server = {"dead": True}

    def answer(request: ChatRequest) -> str | Exception:
        if server["dead"]:
            return ModelFailure("auth", "the key was refused [/x]", retryable=False)
        return right_answer()(request)

    async with watching(await scripted_run(answer)) as watched:
        await watched.until_shown("Paused by a fault: the key was refused [/x] — space tries again")
        server["dead"] = False
        await watched.press("space")
        await watched.until_shown("Completed")
        assert "Paused by a fault" not in watched.text


async def test_what_breaks_the_run_is_shown_and_the_app_lives_on() -> None:
    class Broken:
        info = ModelInfo("sim/broken", simulated=True)

        async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
            yield TextDelta("half an ans")
            raise ValueError("[bold]no such thing[/nonsense]")

        async def aclose(self) -> None:
            pass

    async with watching(await scripted_run(model=Broken)) as watched:
        await watched.until_shown("The run broke off: ValueError: [bold]no such thing[/nonsense]")
        await watched.press("space", "e", "comma", "2", "escape")
        await watched.until(lambda: not isinstance(watched.pilot.app.screen, RunScreen))


async def test_a_line_tells_what_a_change_did() -> None:
    async with watching(await scripted_run(turns=12, paused=True)) as watched:
        await watched.until_shown("Press i to put errors in view")
        for turn in (1, 2, 3):
            watched.controller.step()
            await watched.until_turn(turn)
        await watched.press("i", "space")
        await watched.until_shown("Completed")
        await watched.until_shown("turn accuracy 100 % → 100 %, 0 points since turn 4: injection 50 % own")


async def test_no_reply_can_act_on_the_screen() -> None:
    texts = iter([*ONE_OF_EACH.values()] * 3)
    samples = len(ONE_OF_EACH)
    async with watching(await scripted_run(lambda request: next(texts), turns=3, samples=samples)) as watched:
        await watched.until_shown("Completed")
        for sample in range(1, samples + 1):
            watched.controller.follow(sample)
            watched.screen.poll()
            watched.screen.transcript.select(3)
            await watched.pilot.pause()
            assert forbidden(watched.text, newlines=True) == [], f"sample {sample}"


async def test_what_is_streaming_stands_on_the_line_of_its_turn() -> None:
    go_on = asyncio.Event()

    class Slow:
        info = ModelInfo("sim/slow", simulated=True)

        async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
            yield TextDelta("<answer>[red]2")
            await go_on.wait()
            yield TextDelta("</answer>")
            yield Finished("stop")

        async def aclose(self) -> None:
            pass

    async with watching(await scripted_run(model=Slow, turns=2)) as watched:
        await watched.until_shown("<answer>[red]2▌")
        go_on.set()
        await watched.until_shown("Completed")


async def test_only_the_lines_of_what_is_being_said_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    more, end = asyncio.Event(), asyncio.Event()

    class Slow:
        info = ModelInfo("sim/slow", simulated=True)

        async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
            yield TextDelta("<answer>2")
            await more.wait()
            yield TextDelta("3")
            await end.wait()
            yield TextDelta("</answer>")
            yield Finished("stop")

        async def aclose(self) -> None:
            pass

    async with watching(await scripted_run(model=Slow, turns=1, samples=1)) as watched:
        await watched.until_shown("<answer>2▌")
        transcript, drawn = watched.screen.transcript, list[tuple[Any, ...]]()
        refresh = transcript.refresh
        monkeypatch.setattr(
            transcript, "refresh", lambda *parts, **how: (drawn.append(parts), refresh(*parts, **how))[1]
        )
        more.set()
        await watched.until_shown("<answer>23▌")
        assert drawn
        assert all(parts and parts[0].height <= 3 for parts in drawn)
        end.set()
        await watched.until_shown("Completed")


async def test_a_reply_that_reasons_keeps_its_lines_between_turns() -> None:
    async with watching(await scripted_run(controls=Controls(mode="cot"), paused=True)) as watched:
        await watched.until_shown("paused here")
        await watched.press("space")
        await watched.until_shown("Completed")


async def test_stopping_asks_first() -> None:
    async with watching(await scripted_run(paused=True)) as watched:
        await watched.press("s")
        await watched.until(lambda: isinstance(watched.pilot.app.screen, AskScreen))
        await watched.press("n")
        await watched.until(lambda: isinstance(watched.pilot.app.screen, RunScreen))
        assert watched.status == "paused"
        await watched.press("s", "y")
        await watched.until_shown("■ Stopped")
        assert watched.status == "stopped"


async def test_leaving_a_live_run_asks_and_ends_it() -> None:
    async with watching(await scripted_run(paused=True)) as watched:
        await watched.press("escape")
        await watched.until(lambda: isinstance(watched.pilot.app.screen, AskScreen))
        await watched.press("y")
        await watched.until(lambda: not watched.controller.alive)
        assert watched.status == "stopped"


async def test_a_change_is_typed_in_the_words_of_the_command_line() -> None:
    async with watching(await scripted_run(paused=True)) as watched:
        await watched.press("colon")
        await watched.until(lambda: watched.pilot.app.screen.query(Input))
        await watched.press(*"votes=x", "enter")
        await watched.until_shown("votes takes a number from 1 to 1,000")
        await watched.press("backspace", "3", "enter")
        await watched.until(lambda: watched.state.controls.votes == 3)
        await watched.until_shown("votes 3")


async def test_a_change_that_no_turn_is_left_for_is_refused_in_words() -> None:
    async with watching(await scripted_run(turns=2)) as watched:
        await watched.until_shown("Completed")
        await watched.press("i")
        await watched.until_shown("the run is over")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_every_size_shows_turns_switches_and_status(size: tuple[int, int]) -> None:
    async with watching(await scripted_run(slip_at(3), k=2, turns=4), size) as watched:
        await watched.until_shown("completed")
        for words in ("○ injection off", "○ pruning off", "H₀.₅", "turn acc", "✗", "≠"):
            assert words in watched.text
        assert all(len(line) <= size[0] for line in watched.text.splitlines())


async def test_where_there_is_room_for_one_pane_the_tabs_reach_all_three() -> None:
    async with watching(await scripted_run(), (80, 24)) as watched:
        await watched.until_shown("completed")
        assert "answer" in watched.text
        await watched.press("tab")
        await watched.until_shown("if nothing got worse")
        await watched.press("tab")
        await watched.until_shown("1▸ ·····")
        await watched.press("1")
        await watched.until_shown("if nothing got worse")
        await watched.press("shift+tab")
        await watched.until_shown("answer")


async def test_a_large_terminal_shows_accuracy_and_running_sum_at_once() -> None:
    async with watching(await scripted_run(), (200, 60)) as watched:
        await watched.until_shown("━━ task")
        await watched.until_shown("━━ truth")
        await watched.press("2")
        await watched.until_shown("━━ task")


async def test_outcomes_are_told_apart_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    def answer(request: ChatRequest) -> str | Exception:
        turn = request.messages[-1].turn
        if turn == 3:
            return "no tag at all"
        return slip_at(2)(request)

    async with watching(await scripted_run(answer)) as watched:
        await watched.until_shown("Completed")
        signs = "".join(sign for sign, _ in groupby(watched.heat.render_line(0).text.split()[1]))
        assert signs == "·█!·"
        for sign in ("1 ✓", "2 ✗", "3 !"):
            assert sign in watched.text


async def test_the_terminals_own_colours_work() -> None:
    async with watching(await scripted_run(slip_at(2))) as watched:
        watched.pilot.app.theme = "lhe-ansi"
        await watched.until_shown("Completed")
        assert "2 ✗" in watched.text


async def test_the_palette_offers_every_action_of_the_screen() -> None:
    async with watching(await scripted_run()) as watched:
        await watched.until_shown("Completed")
        await watched.press("ctrl+p")
        await watched.until(lambda: watched.pilot.app.screen.query(Input))
        await watched.press(*"smooth")
        await watched.until_shown("Smooth the curves")


async def test_a_controller_that_is_closed_leaves_a_whole_session() -> None:
    recorded: list[str] = []
    controller: RunController = await scripted_run(
        paused=True, record=lambda event: recorded.append(type(event).__name__)
    )
    async with watching(controller) as watched:
        await watched.press("n")
        await watched.until(lambda: watched.state.complete_turns == 1)
        await controller.close()
    assert recorded[-1] == "RunFinished"
    assert recorded.count("TurnFinished") == 2


async def test_what_is_waited_for_is_said_on_the_line_of_the_turn() -> None:
    def answer(request: ChatRequest) -> str | Exception:
        return ModelFailure("overloaded", "HTTP 429 [/b]: slow down", retryable=True, retry_after=90)

    async with watching(await scripted_run(answer)) as watched:
        await watched.until_shown(" s: HTTP 429 [/b]")


async def test_a_name_or_a_key_that_looks_like_markup_is_shown_as_it_is() -> None:
    controls = Controls(model="sim/[/x]\x1b[31m[INST]")
    async with watching(await scripted_run(controls=controls)) as watched:
        await watched.until_shown("sim/[/x]␛[31m[INST] (simulated)")
        await watched.until_shown("completed")
