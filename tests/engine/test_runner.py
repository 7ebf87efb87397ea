"""The runner: order, controls at turn boundaries, pause, step, stop, faults."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from lhe_tui.engine.events import (
    ControlsChanged,
    Event,
    NoticeRaised,
    ReplyStreamed,
    RunFinished,
    RunPaused,
    TurnDropped,
    TurnFinished,
    TurnRetried,
)
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.models.base import ChatRequest, ModelFailure
from lhe_tui.task.answers import read_answer
from lhe_tui.task.controls import ControlError, Controls
from lhe_tui.task.spec import TaskSpec
from tests.scripted_model import Answer, ScriptedModel, new_state, right_answer

QUICK = RetryPolicy(attempts=3, first_wait=0.0)


def make_run(
    state: RunState | None = None, answer: Answer | None = None, **options: object
) -> tuple[Run, ScriptedModel, list[Event]]:
    model = ScriptedModel(answer or right_answer())
    recorded: list[Event] = []
    options.setdefault("pace", RunLimits(concurrency=2, retry=QUICK))
    options.setdefault("record", recorded.append)
    run = Run(state or new_state(), lambda name: model, **options)  # type: ignore[arg-type]  # options of Run
    return run, model, recorded


async def drain(run: Run) -> list[Event]:
    return [event async for event in run.events()]


async def test_a_right_model_is_right_everywhere() -> None:
    run, model, _ = make_run()
    await drain(run)
    assert run.state.status == "completed"
    assert run.state.outcomes == {"correct": 30}
    assert [tally.task for tally in run.state.tallies] == [3] * 10
    assert model.closed


async def test_the_recorded_events_fold_to_the_same_state() -> None:
    run, _, recorded = make_run(
        answer=right_answer(slip=lambda turn, total: total + (turn % 4 == 0)),
        script=[(4, (("inject", 0.5),)), (7, (("prune", "window:2"),))],
    )
    await drain(run)
    again = RunState(run.state.header)
    for event in recorded:
        again.apply(event)
    assert again.tallies == run.state.tallies
    assert again.outcomes == run.state.outcomes
    assert again.timeline == run.state.timeline
    assert again.status == "completed"
    views = [[record.view for record in sample.turns] for sample in again.samples]
    assert views == [[record.view for record in sample.turns] for sample in run.state.samples]


async def test_a_turn_is_recorded_before_the_next_is_asked() -> None:
    recorded: list[Event] = []
    finished_before: list[tuple[int, int]] = []

    def answer(request: ChatRequest) -> str:
        turn = request.messages[-1].turn
        done = sum(isinstance(e, TurnFinished) and e.turn == turn - 1 for e in recorded)
        finished_before.append((turn, done))
        return right_answer()(request)  # type: ignore[return-value]  # it answers with a text

    run, _, _ = make_run(answer=answer, record=recorded.append, pace=RunLimits(concurrency=3))
    await drain(run)
    assert all(done >= 1 for turn, done in finished_before if turn > 1)


async def test_samples_advance_breadth_first_within_the_lead() -> None:
    run, model, _ = make_run(new_state(TaskSpec(turns=20, samples=6)), pace=RunLimits(concurrency=2, lead=1))
    await drain(run)
    turns = [request.messages[-1].turn for request in model.requests]
    assert all(abs(later - earlier) <= 2 for earlier, later in itertools.pairwise(turns))


async def test_a_scripted_change_governs_the_request_of_its_turn() -> None:
    run, model, recorded = make_run(
        new_state(TaskSpec(turns=8, samples=1)), script=[(5, (("prune", "window:2"),))]
    )
    await drain(run)
    shown = {r.messages[-1].turn: sum(m.role == "assistant" for m in r.messages) for r in model.requests}
    assert shown == {1: 0, 2: 1, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 2}
    changes = [event for event in recorded if isinstance(event, ControlsChanged)]
    assert [(change.turn, change.source) for change in changes] == [(5, "script")]


async def test_a_change_in_mid_run_says_at_once_from_which_turn_it_holds() -> None:
    run, model, _ = make_run(new_state(TaskSpec(turns=10, samples=3)), pace=RunLimits(concurrency=3, lead=2))
    held_from = 0
    async for event in run.events():
        if isinstance(event, TurnFinished) and event.turn == 4 and not held_from:
            held_from = run.change((("inject", 1.0), ("inject-since", 1)))
            assert run.state.controls.injection.rate == 1.0
    assert held_from == 1 + max(
        r.messages[-1].turn for r in model.requests if not any(m.provenance == "injected" for m in r.messages)
    )
    for request in model.requests:
        turn = request.messages[-1].turn
        injected = sum(m.provenance == "injected" for m in request.messages)
        assert injected == (turn - 1 if turn >= held_from else 0)


async def test_a_change_with_no_turn_left_is_refused() -> None:
    run, _, _ = make_run(new_state(TaskSpec(turns=2, samples=1)))
    await drain(run)
    with pytest.raises(ControlError, match="no turn is left"):
        run.change((("inject", 0.5),))


async def test_a_bad_script_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ControlError, match="turn 99 lies outside"):
        make_run(script=[(99, (("inject", 0.5),))])
    with pytest.raises(ControlError, match="inject takes a number"):
        make_run(script=[(3, (("inject", 7),))])


async def test_what_was_pruned_comes_back_when_the_switch_goes_off() -> None:
    script = [(3, (("prune", "state-card"),)), (6, (("prune", "off"),))]
    run, model, _ = make_run(new_state(TaskSpec(turns=7, samples=1)), script=script)  # type: ignore[arg-type]  # a script
    await drain(run)
    shown = [sum(m.role == "assistant" for m in r.messages) for r in model.requests]
    assert shown == [0, 1, 0, 0, 0, 5, 6]
    assert run.state.outcomes == {"correct": 7}


async def test_a_paused_run_asks_nothing_until_it_resumes() -> None:
    run, model, _ = make_run(new_state(TaskSpec(turns=6, samples=2)))
    asked_while_paused = 0
    async for event in run.events():
        if isinstance(event, TurnFinished) and event.turn == 2 and run.state.status == "running":
            run.pause()
        if isinstance(event, RunPaused):
            before = len(model.requests)
            for _ in range(50):
                await asyncio.sleep(0)
            asked_while_paused = len(model.requests) - before
            run.resume()
    assert asked_while_paused <= 2  # the replies that were in flight
    assert run.state.status == "completed"
    assert run.state.finished_turns == 12


async def test_one_turn_runs_one_turn_of_every_sample() -> None:
    run, _, _ = make_run(new_state(TaskSpec(turns=5, samples=3)))
    run.pause()
    stepped: list[int] = []

    async def steps() -> None:
        for _ in range(3):
            run.step_turn()
            for _ in range(100):
                await asyncio.sleep(0)
            stepped.append(run.state.complete_turns)
            assert run.state.status == "paused"
        run.resume()

    assert run.state.status == "paused"
    task = asyncio.create_task(steps())
    await drain(run)
    await task
    assert stepped == [1, 2, 3]
    assert run.state.finished_turns == 15


async def test_stop_ends_at_once_while_a_reply_hangs() -> None:
    gate = asyncio.Event()
    model = ScriptedModel(right_answer(), gate)
    recorded: list[Event] = []
    run = Run(new_state(), lambda name: model, record=recorded.append)
    task = asyncio.create_task(drain(run))
    await model.asked.wait()
    run.stop()
    await asyncio.wait_for(task, 5)
    assert isinstance(recorded[-1], RunFinished)
    assert recorded[-1].reason == "stopped"
    assert model.closed


async def test_cancelling_the_consumer_leaves_a_whole_session() -> None:
    gate = asyncio.Event()
    model = ScriptedModel(right_answer(), gate)
    recorded: list[Event] = []
    run = Run(new_state(), lambda name: model, record=recorded.append)
    task = asyncio.create_task(drain(run))
    await model.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [type(event) for event in recorded] == [RunFinished]


def failing(times: int, failure: ModelFailure, when: int = 3) -> Answer:
    left = [times]

    def answer(request: ChatRequest) -> str | Exception:
        if request.messages[-1].turn == when and left[0]:
            left[0] -= 1
            return failure
        return right_answer()(request)

    return answer


OVERLOADED = ModelFailure("overloaded", "the server is overloaded (503)", retryable=True)


async def test_a_passing_fault_is_retried_and_never_scored() -> None:
    run, _, recorded = make_run(answer=failing(2, OVERLOADED))
    events = await drain(run)
    assert run.state.outcomes == {"correct": 30}
    assert sum(isinstance(event, TurnRetried) for event in events) == 2
    assert run.state.retries == 2
    assert not any(isinstance(event, TurnRetried) for event in recorded)


async def test_a_dead_server_pauses_the_run_and_holds_nothing_against_the_samples() -> None:
    dead = ModelFailure("unreachable", "no answer from 127.0.0.1", retryable=True)
    run, _, _ = make_run(answer=failing(6, dead))
    async for event in run.events():
        if isinstance(event, RunPaused):
            assert event.fault
            assert event.reason == "no answer from 127.0.0.1"
            assert run.state.outcomes["failed"] == 0
            run.resume()
    assert run.state.outcomes == {"correct": 30}


async def test_the_state_is_the_fold_of_the_published_events_alone() -> None:
    dead = ModelFailure("unreachable", "no answer from 127.0.0.1", retryable=True)
    run, _, recorded = make_run(answer=failing(6, dead), pace=RunLimits(concurrency=1, retry=QUICK))
    follower, pauses = RunState(run.state.header), 0
    async for event in run.events():
        follower.apply(event)
        if isinstance(event, RunPaused):
            pauses += 1
            assert [sample.live for sample in follower.samples] == [None] * len(follower.samples)
            run.resume()
    assert pauses
    assert follower.outcomes == run.state.outcomes
    assert not any(isinstance(event, TurnDropped) for event in recorded)


async def test_a_wrong_key_pauses_at_once_without_retrying() -> None:
    refused = ModelFailure("auth", "the key was refused (401)", retryable=False)
    run, model, _ = make_run(answer=failing(1, refused, when=1), pace=RunLimits(concurrency=1))
    async for event in run.events():
        if isinstance(event, RunPaused):
            assert len(model.requests) == 1
            run.stop()
    assert run.state.finished_turns == 0
    assert run.state.status == "stopped"


async def test_a_turn_that_cannot_be_had_fails_and_its_sample_leaves_the_denominators() -> None:
    def answer(request: ChatRequest) -> str | Exception:
        if request.messages[-1].turn == 3 and "doomed" in doomed and request.draw in draws:
            return ModelFailure("rejected", "the server refuses this request (400)", retryable=False)
        return right_answer()(request)

    from lhe_tui.engine.turn_requester import draw

    doomed, draws = {"doomed"}, {draw(2, 2, 3)}
    run, _, recorded = make_run(answer=answer)
    await drain(run)
    assert [tally.n for tally in run.state.tallies] == [3, 3, 2, 2, 2, 2, 2, 2, 2, 2]
    assert run.state.tallies[2].failed == 1
    assert run.state.outcomes == {"correct": 22, "failed": 1}
    assert any(isinstance(event, NoticeRaised) and event.sample == 2 for event in recorded)

    doomed.clear()
    again, _, _ = make_run(run.state, answer=answer)
    await drain(again)
    assert again.state.outcomes["failed"] == 0
    assert [tally.n for tally in again.state.tallies] == [3] * 10
    assert again.state.tallies[2].failed == 0


async def test_a_full_disk_pauses_the_run_and_nothing_is_lost() -> None:
    recorded: list[Event] = []
    full = [True]

    def record(event: Event) -> None:
        if len(recorded) == 7 and full[0]:
            raise OSError(28, "No space left on device")
        recorded.append(event)

    run, _, _ = make_run(record=record)
    async for event in run.events():
        if isinstance(event, RunPaused):
            assert event.reason == "the session cannot be written: No space left on device"
            full[0] = False
            run.resume()
    assert run.state.status == "completed"
    assert sum(isinstance(event, TurnFinished) for event in recorded) == 30
    assert recorded[-1] == RunFinished("completed", recorded[-1].at)  # type: ignore[union-attr]  # it has a time


async def test_a_stopped_run_goes_on_where_it_stood_and_asks_no_turn_twice() -> None:
    run, _, recorded = make_run(new_state(TaskSpec(turns=10, samples=3)))
    async for event in run.events():
        if isinstance(event, TurnFinished) and event.turn == 4:
            run.stop()
    state = RunState(run.state.header)
    for old in recorded:
        state.apply(old)
    done = state.finished_turns
    again, second, _ = make_run(state)
    await drain(again)
    assert again.state.finished_turns == 30
    assert len(second.requests) == 30 - done
    assert again.state.status == "completed"


async def test_the_majority_of_votes_wins() -> None:
    votes = iter([5, 7, 7] * 4)
    run, _, recorded = make_run(
        new_state(TaskSpec(turns=2, samples=2), Controls(votes=3)),
        answer=lambda request: f"<answer>{next(votes)}</answer>",
        pace=RunLimits(concurrency=1),
    )
    await drain(run)
    turns = [event for event in recorded if isinstance(event, TurnFinished)]
    assert [read_answer(event.reply).number for event in turns] == [7, 7, 7, 7]
    assert all(len(event.ballots) == 3 for event in turns)
    assert run.state.prompt_tokens == 4 * 30


async def test_voting_ends_early_once_an_answer_leads_far_enough() -> None:
    run, model, _ = make_run(
        new_state(TaskSpec(turns=1, samples=1), Controls(votes=9, vote_lead=2)),
        answer=lambda request: "<answer>3</answer>",
    )
    await drain(run)
    assert len(model.requests) == 2


async def test_self_verification_asks_again_and_keeps_the_draft() -> None:
    def answer(request: ChatRequest) -> str:
        checking = request.messages[-1].content == run.state.header.template.verify
        return "<answer>2</answer>" if checking else "<answer>1</answer>"

    run, model, recorded = make_run(
        new_state(TaskSpec(turns=1, samples=1), Controls(verify=True)), answer=answer
    )
    await drain(run)
    turn = next(event for event in recorded if isinstance(event, TurnFinished))
    assert (turn.draft, turn.reply) == ("<answer>1</answer>", "<answer>2</answer>")
    assert len(model.requests) == 2


async def test_streams_are_published_only_where_somebody_watches() -> None:
    watched, _, _ = make_run()
    assert any(isinstance(event, ReplyStreamed) for event in await drain(watched))
    headless, _, _ = make_run(live=False)
    assert not any(isinstance(event, ReplyStreamed) for event in await drain(headless))


async def test_a_watcher_may_pause_the_run_after_a_turn() -> None:
    run, _, _ = make_run(
        answer=right_answer(slip=lambda turn, total: total + (turn == 3)),
        watch=lambda state, record, sample: "first wrong turn" if record.outcome == "wrong" else None,
    )
    reasons = []
    async for event in run.events():
        if isinstance(event, RunPaused):
            reasons.append(event.reason)
            run.resume()
    assert reasons[0] == "first wrong turn"


def test_the_first_event_must_be_the_header() -> None:
    from lhe_tui.engine.state import FoldError, apply

    with pytest.raises(FoldError, match="no header"):
        apply(None, RunFinished("completed", 0))
    state = apply(None, new_state().header)
    with pytest.raises(FoldError, match="second header"):
        apply(state, state.header)
    with pytest.raises(FoldError, match="turn 2 of sample 1 where turn 1 was due"):
        apply(state, TurnFinished(1, 2, 0.0, ""))
    with pytest.raises(FoldError, match="sample 9 of a run that has 3"):
        apply(state, TurnFinished(9, 1, 0.0, ""))
