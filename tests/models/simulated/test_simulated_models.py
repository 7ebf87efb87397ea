"""The simulated models as chat models: stateless, reproducible, and honest about the slips they make."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.models.base import Finished, Sampling
from lhe_tui.models.catalogue import ModelNotAvailable, resolve_model
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.models.simulated.presets import PRESETS, slip_chance
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.diagnosis.slip_case import Case
from lhe_tui.task.diagnosis.slips import FORMAT_SLIPS, ways
from lhe_tui.task.diagnosis.working_check import first_false_statement
from lhe_tui.task.messages import Message
from lhe_tui.task.pruning.registry import parse_pruning
from tests.simulated_asking import ask, asked_at, first_draw, request_of, task_of, true_past

SICK = Controls(injection=Injection(1.0, "truth", since=1))


class Poisoned(Message):
    """A message that may be read for its role and content, and for nothing else."""

    @property
    def provenance(self) -> str:  # type: ignore[override]  # that it differs from a field is the point
        raise AssertionError("a simulated model looked at where a message came from")

    @property
    def turn(self) -> int:  # type: ignore[override]  # as above
        raise AssertionError("a simulated model looked at a message's turn")


def poisoned(messages: Sequence[Message]) -> list[Message]:
    # Slots 2 and 3 hold what no unpacking, comparing or hashing would get past.
    return [Poisoned(m.role, m.content, float("nan"), [m.turn]) for m in messages]  # type: ignore[arg-type]  # poison


@pytest.mark.parametrize("name", PRESETS)
def test_a_simulated_model_sees_nothing_but_role_and_content(name: str) -> None:
    task = task_of()
    history = true_past(task, 1, 20)
    for controls in (Controls(), SICK, Controls(pruning=parse_pruning("drop-wrong"), mode="cot")):
        messages = request_of(history, task, controls)
        for draw in range(30):
            assert ask(simulated_model(name), poisoned(messages), draw) == ask(
                simulated_model(name), messages, draw
            )


@pytest.mark.parametrize("mode", ["direct", "cot", "thinking"])
def test_the_same_messages_and_draw_give_the_same_reply(mode: str) -> None:
    task = task_of(samples=3)
    used = simulated_model("sim/small")
    requests = [
        request_of(true_past(task, sample, turns), task, Controls(mode=mode))  # type: ignore[arg-type]  # a mode
        for sample in (1, 2, 3)
        for turns in (0, 3, 9)
    ]
    for draw in range(12):
        for messages in requests:
            fresh = ask(simulated_model("sim/small"), messages, draw)
            assert ask(used, messages, draw) == fresh == ask(used, list(messages), draw)


def test_other_draws_give_other_answers() -> None:
    task = task_of()
    messages, model = request_of(true_past(task, 1, 60), task, SICK), simulated_model("sim/small")
    answers = Counter(ask(model, messages, draw).text for draw in range(200))
    assert len(answers) > 20


def test_temperature_and_top_p_change_nothing() -> None:
    task = task_of()
    messages, model = request_of(true_past(task, 1, 60), task), simulated_model("sim/small")
    for draw in range(40):
        assert ask(model, messages, draw, Sampling(temperature=0.0, top_p=0.1, seed=4)) == ask(
            model, messages, draw
        )


@pytest.mark.parametrize("controls", [Controls(), SICK], ids=["own", "injected"])
@pytest.mark.parametrize("k", [1, 3])
def test_the_recorded_slip_is_the_slip_made(controls: Controls, k: int) -> None:
    made: Counter[str | None] = Counter()
    task = task_of(250, 30, k)
    for at, asked in enumerate(asked_at("sim/small", 30, controls, samples=250, k=k), 1):
        slip, said = asked.said.finished.slip, asked.said
        made[slip] += 1
        if slip in FORMAT_SLIPS:
            assert said.number is None
            continue
        assert (slip is None) == asked.right
        if slip is None or slip == "unexplained":
            continue
        shown = asked.history.shown(controls.injection)
        case = Case(
            asked.view.basis,
            asked.history.truth(29),
            task.keys(at, 30),
            task.values(at, 30),
            task.dictionary,
            tuple(shown.numbers),
            tuple(where == "injected" for where in shown.provenance),
            tuple(task.keys(at, turn) for turn in range(1, 30)),
        )
        assert said.number in {way.answer for way in ways(slip, case)}, slip
    assert len(made) > 8
    assert made["recovered"] + made["repeated_injected"] == 0 or controls is SICK


def test_slips_of_format_are_made_and_named() -> None:
    task = task_of()
    messages = request_of(true_past(task, 1, 60), task)
    for slip, tagged in (("no_answer", False), ("not_a_number", True)):
        said = ask(simulated_model("sim/small"), messages, first_draw("sim/small", messages, slip))
        assert ("</answer>" in said.text) == tagged
        assert said.number is None
        assert said.finished.reason == "stop"


@pytest.mark.parametrize(
    ("slip", "kind"),
    [
        ("wrong_value", "lookup"),
        ("sign_slipped", "lookup"),
        ("digit_slip", "addition"),
        ("unchanged", "addition"),
    ],
)
def test_a_slip_stands_in_the_working_where_it_was_made(slip: str, kind: str) -> None:
    task = task_of(k=2)
    history = true_past(task, 1, 20)
    messages = request_of(history, task, Controls(mode="cot"))
    said = ask(simulated_model("sim/small"), messages, first_draw("sim/small", messages, slip))
    false = first_false_statement(
        said.text, task.dictionary, task.keys(1, 21), history.truth(20), task.values(1, 21)
    )
    assert false is not None
    assert false.kind == kind


def test_the_working_without_a_slip_says_nothing_false_and_ends_in_the_answer() -> None:
    task = task_of(k=3)
    history = true_past(task, 1, 20)
    messages = request_of(history, task, Controls(mode="cot"))
    said = ask(simulated_model("sim/large"), messages, first_draw("sim/large", messages, None))
    keys, values = task.keys(1, 21), task.values(1, 21)
    lines = said.text.split("\n")
    assert lines[:3] == [f"{key}: {value}" for key, value in zip(keys, values, strict=True)]
    assert lines[-2].endswith(f"= {history.truth(21)}")
    assert lines[-1] == f"<answer>{history.truth(21)}</answer>"
    assert first_false_statement(said.text, task.dictionary, keys, history.truth(20), values) is None


def test_thinking_goes_into_the_reasoning_channel_and_not_into_the_reply() -> None:
    task = task_of(k=2)
    messages = request_of(true_past(task, 1, 3), task, Controls(mode="thinking"))
    for name in PRESETS:
        said = ask(simulated_model(name), messages, 1, Sampling(thinking=True))
        assert " = " in said.reasoning
        assert "\n" not in said.text
        assert said.finished.usage.reasoning


def test_only_the_thinking_preset_thinks_unasked() -> None:
    task = task_of()
    messages = request_of(true_past(task, 1, 3), task)
    thinking = {name for name in PRESETS if ask(simulated_model(name), messages, 1).reasoning}
    assert thinking == {"sim/thinking"}


def test_a_token_limit_cuts_the_reply_before_its_answer() -> None:
    task = task_of(k=8)
    messages = request_of(true_past(task, 1, 3), task, Controls(mode="cot"))
    said = ask(simulated_model("sim/large"), messages, 1, Sampling(max_tokens=10))
    assert (said.finished.reason, said.finished.slip, said.number) == ("length", "truncated", None)
    assert said.finished.usage.completion == 10


def test_a_paced_reply_is_the_same_reply_in_pieces() -> None:
    task = task_of(k=4)
    messages = request_of(true_past(task, 1, 3), task, Controls(mode="cot"))
    at_once = ask(simulated_model("sim/large"), messages, 1)
    paced = ask(simulated_model("sim/large", pace=1e9), messages, 1)
    assert (paced.text, paced.finished) == (at_once.text, at_once.finished)
    assert paced.pieces > 10 > at_once.pieces == 1


def check_of(task_seed: int, off: int) -> tuple[list[Message], int]:
    task = task_of(seed=task_seed)
    history = true_past(task, 1, 10)
    right = history.truth(11)
    draft = Message("assistant", f"<answer>{right + off}</answer>", "own", 11)
    return [*request_of(history, task), draft, Message("user", built_in_template().verify, "user", 11)], right


def test_a_second_look_mostly_keeps_a_right_answer_and_sometimes_mends_a_wrong_one() -> None:
    model = simulated_model("sim/large")
    kept, right = check_of(5, off=0)
    wrong, _ = check_of(5, off=7)
    assert sum(ask(model, kept, draw).number == right for draw in range(200)) > 190
    answers = Counter(ask(model, wrong, draw).number for draw in range(200))
    assert set(answers) == {right, right + 7}
    assert 40 < answers[right] < 110


def test_the_chance_of_a_slip_depends_on_the_messages_as_the_design_says() -> None:
    preset = PRESETS["sim/large"]

    def chance(turns: int = 10, share: float = 0.0, keys: int = 1, worked: bool = False) -> float:
        return slip_chance(preset, shown_turns=turns, wrong_share=share, keys=keys, worked=worked)

    assert chance(0) < chance(10) < chance(100)
    assert chance(share=0.0) < chance(share=0.3) < chance(share=1.0)
    assert chance(keys=1) < chance(keys=2) < chance(keys=3)
    assert chance(keys=2, worked=True) < chance(keys=1)
    assert 0 < chance(10**9, 1.0, 10**6) <= 1


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(ModelNotAvailable, match="did you mean sim/large"):
        simulated_model("sim/larg")
    with pytest.raises(ModelNotAvailable, match="there are sim/small, sim/medium"):
        resolve_model("sim/xyzzy-9000")
    assert resolve_model("sim/large").info.simulated


def test_a_pace_that_is_none_is_refused() -> None:
    for pace in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="tokens per second"):
            simulated_model("sim/large", pace=pace)


@pytest.mark.parametrize("contents", [[], [""], ["", ""], ["\x00", "|" * 9, "<think>"]])
def test_a_request_that_holds_no_task_is_still_answered(contents: list[str]) -> None:
    messages = [Message("user", content, "user", 0) for content in contents]
    for name in PRESETS:
        assert isinstance(ask(simulated_model(name), messages).finished, Finished)


def test_closing_forgets_the_conversations_read() -> None:
    task, model = task_of(), simulated_model("sim/large")
    messages = request_of(true_past(task, 1, 5), task)
    before = ask(model, messages, 3)
    asyncio.run(model.aclose())
    asyncio.run(model.aclose())
    assert ask(model, messages, 3) == before


def test_ballots_of_one_turn_mostly_fall_together_and_each_by_itself_as_often_as_any() -> None:
    task = task_of()
    model, right = simulated_model("sim/small"), true_past(task, 1, 29).truth(30)
    messages = request_of(true_past(task, 1, 29), task)
    numbers = [
        [ask(model, messages, 3 * fate + b, fate=~fate).number for b in range(3)] for fate in range(600)
    ]
    wrong = [[number != right for number in ballots] for ballots in numbers]
    alone = sum(ask(model, messages, -1 - draw).number != right for draw in range(600)) / 600
    by_ballot = [sum(column) / 600 for column in zip(*wrong, strict=True)]
    assert by_ballot == pytest.approx([alone] * 3, abs=0.07)
    outvoted = sum(sum(ballots) >= 2 for ballots in wrong) / 600
    independent = alone**2 * (3 - 2 * alone)
    assert outvoted > (alone + independent) / 2
    both = [(a, b) for a, b, _ in numbers if a is not None and b is not None and a != right and b != right]
    assert 0.4 < sum(a == b for a, b in both) / len(both) < 0.95
