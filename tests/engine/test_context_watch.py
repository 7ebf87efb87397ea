"""A context that fills is foreseen; a server that cuts it silently is noticed."""

from __future__ import annotations

from lhe_tui.engine.context_watch import ContextWatch
from lhe_tui.engine.events import NoticeRaised, TurnFinished
from lhe_tui.engine.runner import Run
from lhe_tui.task.messages import Message
from lhe_tui.task.spec import TaskSpec
from tests.scripted_model import ScriptedModel, new_state, right_answer


def turn(number: int, tokens: int | None) -> TurnFinished:
    return TurnFinished(1, number, 0.0, "", prompt_tokens=tokens)


def history(messages: int) -> list[Message]:
    return [Message("user", "apple", "user", 1)] * messages


def test_a_filling_context_is_said_once_with_the_turn_it_is_full() -> None:
    watch = ContextWatch(turns=100)
    assert watch.look("m", 1000, history(100), turn(39, 790)) is None
    said = watch.look("m", 1000, history(200), turn(40, 800))
    assert said == "the context is 80% full (800 of 1,000 tokens): full at about turn 50"
    assert watch.look("m", 1000, history(300), turn(41, 820)) is None


def test_a_context_that_lasts_is_said_to_last() -> None:
    assert "enough for this run" in (ContextWatch(10).look("m", 1000, history(9), turn(10, 850)) or "")


def test_prompt_tokens_that_stop_growing_mean_a_server_that_cuts() -> None:
    watch = ContextWatch(turns=100)
    assert watch.look("m", None, history(10), turn(1, 300)) is None
    assert watch.look("m", None, history(30), turn(2, 700)) is None
    assert "cut the prompt silently" in (watch.look("m", None, history(50), turn(3, 700)) or "")
    assert watch.look("m", None, history(90), turn(4, 700)) is None


def test_a_pruned_history_that_shrinks_is_no_sign_of_cutting() -> None:
    watch = ContextWatch(turns=100)
    watch.look("m", None, history(50), turn(1, 900))
    assert watch.look("m", None, history(10), turn(2, 200)) is None
    assert watch.look("m", None, history(51), turn(3, 900)) is None


def test_what_a_server_does_not_tell_is_not_guessed() -> None:
    watch = ContextWatch(turns=100)
    assert watch.look("m", 1000, history(10), turn(1, None)) is None


async def test_a_run_raises_the_notice() -> None:
    model = ScriptedModel(right_answer())
    run = Run(new_state(TaskSpec(turns=60, samples=1, turn_complexity=8)), lambda name: model)
    notices = [event async for event in run.events() if isinstance(event, NoticeRaised)]
    # The scripted model counts ten tokens, however long the prompt grows.
    assert [notice.text for notice in notices if "silently" in notice.text]
