"""The shown history, held against a slow and plain reading of its rules."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.task.answers import read_answer
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.corruption import corruption
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message
from lhe_tui.task.pruning.drop_wrong import DropWrong
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.pruning.policy import PruningPolicy
from lhe_tui.task.pruning.refresh import Refresh
from lhe_tui.task.pruning.state_card import StateCard
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.pruning.window_and_card import WindowAndCard
from lhe_tui.task.spec import Task, TaskSpec, generate

TEMPLATE = built_in_template()
WORDS = [f"w{n:04d}" for n in range(20)]
SEED = 11

injections = st.builds(
    Injection,
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    st.sampled_from(["own", "truth"]),
    st.sampled_from([1, 10]),
    st.sampled_from([1, 3]),
)
prunings = st.one_of(
    st.sampled_from([OFF, StateCard(), DropWrong()]),
    st.builds(
        lambda policy, turns: policy(turns),
        st.sampled_from([Window, WindowAndCard, Refresh]),
        st.integers(1, 6),
    ),
)
controls_records = st.builds(
    lambda injection, pruning: Controls(injection=injection, pruning=pruning), injections, prunings
)
errors = st.lists(st.sampled_from([0, 0, 0, 1, -10, None]), min_size=0, max_size=12)


def make_history(
    slips: list[int | None], k: int = 1, variant: str = "dict-sum"
) -> tuple[Task, SampleHistory]:
    """A history whose answers are right but for the given offsets (None: no tag at all)."""
    spec = TaskSpec(variant, turns=len(slips) + 1, turn_complexity=k, samples=1, dict_size=20, seed=5)  # type: ignore[arg-type]  # a variant's name
    task = generate(spec, WORDS)
    history = SampleHistory(task, 1, SEED)
    for slip in slips:
        turn = len(history) + 1
        basis = history.view(Controls()).basis
        turn_sum = history.gain(turn)
        stateless = task.stateless
        expected = turn_sum if stateless else history.truth(turn) if basis is None else basis + turn_sum
        number = None if slip is None else expected + slip
        content = "I do not know" if number is None else f"So it is <answer>{number}</answer>"
        history.add(content, number, expected)
    return task, history


def request(history: SampleHistory, task: Task, controls: Controls) -> list[Message]:
    return history.messages(controls, TEMPLATE, TEMPLATE.system_message(task, controls.mode))


def shown_numbers(messages: list[Message]) -> list[int | None]:
    return [read_answer(m.content).number for m in messages if m.role == "assistant"]


@given(errors, controls_records, st.integers(1, 3))
def test_the_view_agrees_with_the_messages_that_are_sent(
    slips: list[int | None], controls: Controls, k: int
) -> None:
    task, history = make_history(slips, k)
    view = history.view(controls)
    messages = request(history, task, controls)
    answers = [m for m in messages if m.role == "assistant"]
    assert len(answers) == view.shown_turns
    numbers = shown_numbers(messages)
    wrong = [n != history.truth(m.turn) for n, m in zip(numbers, answers, strict=True)]
    assert sum(wrong) == view.wrong_states
    last = messages[-1]
    line = TEMPLATE.state_line(view.card) if view.card is not None else None
    assert last.content == TEMPLATE.user_message(", ".join(task.keys(1, len(slips) + 1)), line)
    seen = [n for n in numbers if n is not None]
    if view.card is not None:
        assert view.basis == view.card
    elif seen:
        assert view.basis == seen[-1]
    elif messages[1].provenance == "state_card":
        assert view.basis is not None
        assert messages[1].content.startswith(TEMPLATE.state_line(view.basis) + "\n")
    else:
        assert view.basis == (0 if not slips else None)


@given(errors, controls_records, st.integers(1, 3))
def test_shown_and_pruned_turns_are_all_past_turns(
    slips: list[int | None], controls: Controls, k: int
) -> None:
    task, history = make_history(slips, k)
    shown = [m.turn for m in request(history, task, controls) if m.role == "assistant"]
    assert sorted(shown + history.pruned_turns(controls)) == list(range(1, len(slips) + 1))


@given(errors, injections)
def test_injection_does_to_each_answer_what_the_design_says(
    slips: list[int | None], injection: Injection
) -> None:
    task, history = make_history(slips)
    own = shown_numbers(request(history, task, Controls()))
    shown = shown_numbers(request(history, task, Controls(injection=injection)))
    for turn, (mine, theirs) in enumerate(zip(own, shown, strict=True), 1):
        fate = corruption(SEED, 1, turn)
        truth = history.truth(turn)
        touched = injection.active and turn >= (injection.since or 1)
        if touched and fate.threshold < injection.rate:
            if injection.base == "truth":
                assert theirs == truth + fate.offset(injection.size)
            elif mine is not None:
                assert theirs == mine + fate.offset(injection.size)
            else:
                assert theirs is not None
        elif touched and injection.base == "truth":
            assert theirs == truth
        else:
            assert theirs == mine


@given(errors, injections)
def test_a_higher_rate_corrupts_a_superset(slips: list[int | None], injection: Injection) -> None:
    task, history = make_history(slips)

    def corrupted(rate: float) -> set[tuple[int, str]]:
        messages = request(history, task, Controls(injection=replace(injection, rate=rate)))
        return {(m.turn, m.content) for m in messages if m.provenance == "injected"}

    assert corrupted(0.25) <= corrupted(0.5) <= corrupted(0.75) <= corrupted(1.0)


@given(errors, prunings, st.lists(st.tuples(injections, prunings), max_size=4))
def test_switching_controls_to_and_fro_leaves_no_trace(
    slips: list[int | None], pruning: PruningPolicy, detours: list[tuple[Injection, PruningPolicy]]
) -> None:
    task, history = make_history(slips)
    controls = Controls(pruning=pruning)
    straight = request(history, task, controls), history.view(controls)
    for injection, other in detours:
        request(history, task, Controls(injection=injection, pruning=other))
    assert (request(history, task, controls), history.view(controls)) == straight


@given(errors, injections)
def test_drop_wrong_shows_no_step_that_looks_wrong(slips: list[int | None], injection: Injection) -> None:
    task, history = make_history(slips)
    messages = request(history, task, Controls(injection=injection, pruning=DropWrong()))
    state: int | None = 0
    before, after = TEMPLATE.state_card_parts
    for message in messages[1:]:
        if message.role == "user":
            keys = message.content.rpartition("\n")[2]
            if message.provenance == "state_card":
                line = message.content.partition("\n")[0]
                state = int(line.removeprefix(before).removesuffix(after) or 0)
            values = sum(task.dictionary[key] for key in keys.split(", "))
        else:
            number = read_answer(message.content).number
            assert state is not None
            assert number == state + values
            state = number


def plain_wrong_transitions(history: SampleHistory, numbers: list[int | None], first: int) -> int:
    """Transitions in view that do not add up, counted one by one."""
    wrong, before = 0, 0 if first == 1 else None
    known = first == 1
    for index, number in enumerate(numbers):
        turn = first + index
        turn_sum = history.gain(turn)
        if known:
            start = before if before is not None else history.truth(turn) - turn_sum
            wrong += number is None or start + turn_sum != number
        before, known = (number if number is not None else before), True
    return wrong


@given(
    st.lists(st.sampled_from([0, 0, 1, -10]), max_size=12),
    injections,
    st.one_of(st.just(OFF), st.builds(Window, st.integers(1, 6))),
)
def test_wrong_transitions_are_counted_as_a_reader_of_the_messages_would(
    slips: list[int | None], injection: Injection, pruning: PruningPolicy
) -> None:
    task, history = make_history(slips)
    controls = Controls(injection=injection, pruning=pruning)
    numbers = shown_numbers(request(history, task, controls))
    view = history.view(controls)
    assert view.wrong_transitions == plain_wrong_transitions(
        history, numbers, history.kept(controls, len(slips) + 1).start + 1
    )


@settings(max_examples=30)
@given(errors, controls_records)
def test_the_request_is_the_same_to_the_byte_for_the_same_history(
    slips: list[int | None], controls: Controls
) -> None:
    task, history = make_history(slips)
    again_task, again = make_history(slips)
    assert request(history, task, controls) == request(again, again_task, controls)


def test_the_rates_of_a_controlled_history_are_the_ones_asked_for() -> None:
    spec = TaskSpec(turns=100, samples=300, seed=3)
    task = generate(spec, [f"w{n:04d}" for n in range(100)])
    controls = Controls(injection=Injection(0.25, "truth", 10, 1))
    states = transitions = 0
    for sample in range(1, 301):
        history = SampleHistory(task, sample, 9)
        for turn in range(1, 100):
            history.add(f"<answer>{history.truth(turn)}</answer>", history.truth(turn), history.truth(turn))
        view = history.view(controls)
        states += view.wrong_states
        transitions += view.wrong_transitions
    assert abs(states / (99 * 300) - 0.25) < 0.01
    # Both neighbours must be clean, or off by the same amount: 1 − (.75² + .25²/20).
    assert abs(transitions / (99 * 300) - 0.434) < 0.01
