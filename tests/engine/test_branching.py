"""Breakpoints, branches and resamples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lhe_tui.engine.branching import ARM_NAMES, Branch, BranchError, arm_change, branch_events, fold
from lhe_tui.engine.breakpoints import Breakpoints, BreakpointWatch
from lhe_tui.engine.events import Event, RunPaused
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.resampling import resample
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatRequest, ModelFailure
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.spec import TaskSpec
from tests.scripted_model import Answer, ScriptedModel, new_state, right_answer

SLIPS = right_answer(slip=lambda turn, total: total + (7 if turn % 4 == 0 else 0))


async def finished_run(
    answer: Answer = SLIPS, turns: int = 10, samples: int = 3, **options: object
) -> tuple[Run, ScriptedModel, list[Event]]:
    model = ScriptedModel(answer)
    controls = options.pop("controls", Controls())
    run = Run(new_state(TaskSpec(turns=turns, samples=samples), controls), lambda name: model, **options)  # type: ignore[arg-type]  # options of Run
    events = [event async for event in run.events()]
    return run, model, events


async def test_every_request_can_be_rebuilt_as_it_was_sent() -> None:
    script = [(3, (("inject", 0.5),)), (6, (("prune", "window:2"),)), (8, (("heal", True), ("prune", "off")))]
    run, model, _ = await finished_run(script=script)
    sent = {(r.messages[-1].turn, r.draw): list(r.messages) for r in model.requests}
    rebuilt = [build_request(run.state, sample, turn) for sample in (1, 2, 3) for turn in range(1, 11)]
    assert sorted(sent.values()) == sorted(rebuilt)


async def test_a_branch_starts_from_the_parents_past_and_leaves_the_parent_alone() -> None:
    run, _, _ = await finished_run(script=[(3, (("inject", 0.5),))])
    before = (run.state.version, run.state.header, list(run.state.changes))
    events = branch_events(
        run.state,
        Branch(turn=6, samples=(2,), change=(("prune", "window:1"),)),
        session="f" * 12,
        created="2026-01-02T00:00:00Z",
        path="parent.jsonl",
    )
    assert (run.state.version, run.state.header, list(run.state.changes)) == before
    child = fold(events)
    assert child.header.parent is not None
    assert (child.header.parent.session, child.header.parent.turn) == ("abc123abc123", 6)
    assert len(child.samples[0].turns) == 5
    assert child.controls_at(5).pruning == OFF
    assert child.controls_at(6).pruning.number == 1
    # The same corruption as in the parent, although sample 2 is now sample 1.
    for turn in range(2, 6):
        assert [m.content for m in build_request(child, 1, turn)] == [
            m.content for m in build_request(run.state, 2, turn)
        ]


async def test_a_branch_without_a_change_draws_as_its_parent_did() -> None:
    run, model, _ = await finished_run()
    parent_draws = {r.messages[-1].turn: r.draw for r in model.requests[1::3]}
    child = fold(branch_events(run.state, Branch(4, (2, 2)), session="e" * 12, created="", path=""))
    again = ScriptedModel(SLIPS)
    async for _ in Run(child, lambda name: again, pace=RunLimits(concurrency=1)).events():
        pass
    first = {r.messages[-1].turn: r.draw for r in again.requests[0::2]}
    assert all(first[turn] == parent_draws[turn] for turn in range(4, 11))
    assert len({r.draw for r in again.requests}) == len(again.requests)


async def test_an_edited_answer_is_shown_in_the_branch_and_marked() -> None:
    run, _, _ = await finished_run()
    branch = Branch(turn=4, samples=(1,), edits=((1, 3, 999),))
    child = fold(branch_events(run.state, branch, session="d" * 12, created="", path=""))
    assert child.samples[0].turns[2].event.edited
    assert build_request(child, 1, 4)[-2].content == "<answer>999</answer>"
    assert child.samples[0].history.view(Controls()).basis == 999


@pytest.mark.parametrize(
    ("branch", "says"),
    [
        (Branch(0, (1,)), "turn 0 lies outside"),
        (Branch(2, ()), "at least one sample"),
        (Branch(2, (9,)), "sample 9 lies outside"),
    ],
)
async def test_an_impossible_branch_is_refused(branch: Branch, says: str) -> None:
    run, _, _ = await finished_run()
    with pytest.raises(BranchError, match=says):
        branch_events(run.state, branch, session="c" * 12, created="", path="")


async def test_a_branch_from_a_turn_not_reached_is_refused() -> None:
    with pytest.raises(BranchError, match="no finished turn 1"):
        branch_events(new_state(), Branch(2, (1,)), session="c" * 12, created="", path="")


async def test_every_arm_shows_the_history_that_it_names() -> None:
    run, _, _ = await finished_run(controls=Controls(injection=Injection(0.25, "own", 10, 1)))

    def request(name: str) -> tuple[RunState, list[str]]:
        branch = Branch(9, (1,), arm_change(name))
        child = fold(branch_events(run.state, branch, session="b" * 12, created="", path=""))
        messages = build_request(child, 1, 9)
        return child, [m.provenance for m in messages if m.role == "assistant"]

    assert set(ARM_NAMES) == {"as is", "healed", "25 %", "50 %", "100 %", "window 1", "state card"}
    assert request("as is")[0].controls_at(9) == run.state.controls_at(9)
    assert "injected" not in request("healed")[1]
    assert request("healed")[0].controls_at(9).injection == Injection(0.0, "truth", 10, 1)
    assert request("100 %")[1] == ["injected"] * 8
    assert len(request("window 1")[1]) == 1
    assert request("state card")[1] == []
    counts = [request(name)[1].count("injected") for name in ("25 %", "50 %", "100 %")]
    assert counts == sorted(counts)


async def reasons(breakpoints: Breakpoints, answer: Answer = SLIPS) -> list[str]:
    model = ScriptedModel(answer)
    run = Run(
        new_state(TaskSpec(turns=10, samples=1)),
        lambda name: model,
        watch=BreakpointWatch(breakpoints),
        pace=RunLimits(concurrency=1),
    )
    said = []
    async for event in run.events():
        if isinstance(event, RunPaused):
            said.append(event.reason)
            run.resume()
    return said


async def test_a_breakpoint_pauses_with_its_reason_and_its_turn() -> None:
    assert await reasons(Breakpoints(first_wrong=True)) == ["breakpoint: first wrong turn (sample 1, turn 4)"]
    drifting = await reasons(Breakpoints(drift=10))
    assert drifting == ["breakpoint: off the true sum by +14, more than 10 (sample 1, turn 8)"]
    assert await reasons(Breakpoints()) == []


async def test_breakpoints_on_rows_formats_and_accuracy() -> None:
    wrong = right_answer(slip=lambda turn, total: total + 1)
    assert await reasons(Breakpoints(wrong_in_a_row=3), wrong) == [
        "breakpoint: 3 wrong in a row (sample 1, turn 3)"
    ]
    mute: Answer = lambda request: "no idea" if request.messages[-1].turn == 5 else "<answer>1</answer>"  # noqa: E731  # short
    assert await reasons(Breakpoints(format_failure=True), mute) == [
        "breakpoint: format failure (no answer) (sample 1, turn 5)"
    ]
    low = await reasons(Breakpoints(task_accuracy_below=0.5))
    assert low == ["breakpoint: task accuracy 0/1, below 50 % (sample 1, turn 4)"]
    full = await reasons(Breakpoints(context_above=0.5, context_length=15))
    assert full == ["breakpoint: the context is 67 % full (sample 1, turn 1)"]


async def test_resampling_asks_the_very_same_request_and_counts() -> None:
    run, _, _ = await finished_run()
    sent = build_request(run.state, 2, 4)
    numbers = iter([1, 2, 3, 4, 5, 6])
    truth = run.state.samples[1].turns[3].expected

    def answer(request: ChatRequest) -> str | Exception:
        number = next(numbers)
        if number == 6:
            return ModelFailure("rejected", "no (400)", retryable=False)
        return f"<answer>{truth if number <= 2 else 0}</answer>"

    again = ScriptedModel(answer)
    results = [result async for result in resample(run.state, 2, 4, 6, lambda name: again)]
    result = results[-1]
    assert all(list(request.messages) == sent for request in again.requests)
    assert len({request.draw for request in again.requests}) == 6
    assert (result.correct, result.scored) == (2, 5)
    assert result.histogram() == [(0, 3), (truth, 2)]
    assert result.interval is not None
    assert "2 of 5 resamples are correct" in result.verdict()


def test_breakpoints_say_what_is_set() -> None:
    assert Breakpoints().words() == "off"
    set_ = replace(Breakpoints(), first_wrong=True, drift=50)
    assert set_.words() == "first wrong turn, off the true sum by more than 50"


async def test_a_resample_that_breaks_the_model_ends_with_its_error() -> None:
    run, _, _ = await finished_run()

    def answer(request: ChatRequest) -> str:
        raise ZeroDivisionError("a model of someone else")

    with pytest.raises(ZeroDivisionError):
        async for _ in resample(run.state, 2, 4, 6, lambda name: ScriptedModel(answer), concurrency=2):
            pass


@pytest.mark.parametrize(("model", "counted"), [("openai/gpt", 1), ("sim/large", 6)])
async def test_equal_replies_at_temperature_0_count_once_where_nothing_is_drawn(
    model: str, counted: int
) -> None:
    run, _, _ = await finished_run(controls=Controls(model, temperature=0))
    same = ScriptedModel(lambda request: "<answer>5</answer>")
    [*_, result] = [result async for result in resample(run.state, 2, 4, 6, lambda name: same)]
    assert (len(result.replies), result.scored) == (6, counted)
    assert result.histogram() == [(5, counted)]
    assert ("one draw" in result.verdict()) == (counted == 1)


async def test_replies_that_differ_at_temperature_0_all_count() -> None:
    run, _, _ = await finished_run(controls=Controls("openai/gpt", temperature=0))
    replies = iter(["<answer>5</answer>", "<answer>6</answer>"] * 3)
    model = ScriptedModel(lambda request: next(replies))
    [*_, result] = [result async for result in resample(run.state, 2, 4, 6, lambda name: model)]
    assert result.scored == 6
