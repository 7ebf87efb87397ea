"""What a simulated model reads out of its messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.models.simulated.request_reading import Reader, Reading, read_instructions
from lhe_tui.task.controls import ANSWER_MODES, Controls, Injection
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message
from lhe_tui.task.prompts import read_template
from lhe_tui.task.pruning.registry import parse_pruning
from lhe_tui.task.variants.registry import VARIANTS
from tests.simulated_asking import request_of, task_of, true_past


def read(*messages: tuple[str, str]) -> Reading:
    return Reader().read([Message(role, text, "user", 0) for role, text in messages])


SYSTEM = ("system", "Keep a running sum.\n\nDictionary:\napple: 5\ngrape: -3\nlemon: 20")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("mode", ANSWER_MODES)
def test_the_built_in_prompt_is_read_whole(variant: str, mode: str) -> None:
    task = task_of(variant=variant, k=2)
    history = true_past(task, 1, 3)
    reading = Reader().read(request_of(history, task, Controls(mode=mode)))
    assert reading.variant == variant
    assert reading.instructions.aloud == (mode == "cot")
    assert reading.instructions.dictionary == ({} if variant == "prefix-sum" else task.dictionary)
    assert reading.asked.values == task.values(1, 4)
    assert reading.expected == history.truth(4)
    assert (reading.past.turns, reading.past.wrong, reading.second_look) == (3, 0, False)


def test_the_example_in_the_prompt_is_no_part_of_the_dictionary() -> None:
    task = task_of()
    text = built_in_template().system_message(task, "direct")
    assert "rose" in text
    assert read_instructions(text).dictionary == task.dictionary


def test_the_answer_goes_on_from_the_last_answer_in_view() -> None:
    reading = read(SYSTEM, ("user", "apple"), ("assistant", "<answer>70</answer>"), ("user", "lemon"))
    assert (reading.basis, reading.expected) == (70, 90)


def test_a_state_line_goes_before_the_history() -> None:
    past = (("user", "apple"), ("assistant", "<answer>70</answer>"))
    reading = read(SYSTEM, *past, ("user", "Running sum so far: -12\ngrape, grape"))
    assert (reading.basis, reading.expected, reading.asked.keys) == (-12, -18, ("grape", "grape"))


def test_an_answer_without_a_number_is_passed_over() -> None:
    past = (("user", "apple"), ("assistant", "<answer>5</answer>"), ("user", "lemon"), ("assistant", "hm"))
    reading = read(SYSTEM, *past, ("user", "grape"))
    assert (reading.basis, reading.past.wrong) == (5, 1)


def test_without_any_number_in_view_the_keys_in_view_are_summed() -> None:
    past = (("user", "apple"), ("assistant", "hm"), ("user", "lemon"), ("assistant", "hm"))
    assert read(SYSTEM, *past, ("user", "grape")).expected == 22


def test_a_message_without_keys_is_a_second_look_at_the_answer_before_it() -> None:
    past = (("user", "apple"), ("assistant", "<answer>5</answer>"), ("user", "lemon"))
    check = (("assistant", "<answer>26</answer>"), ("user", "Look at your lemon again, please."))
    reading = read(SYSTEM, *past, *check)
    assert reading.second_look
    assert (reading.draft, reading.expected, reading.asked.keys) == (26, 25, ("lemon",))


def test_the_built_in_check_is_a_second_look_though_its_words_be_keys() -> None:
    words = "look", "again", "right", "answer"
    system = ("system", "Keep a running sum.\n\nDictionary:\n" + "\n".join(f"{word}: 1" for word in words))
    verify = ("user", built_in_template().verify)
    reading = read(system, ("user", "again"), ("assistant", "<answer>1</answer>"), verify)
    assert (reading.second_look, reading.draft, reading.asked.keys) == (True, 1, ("again",))


@pytest.mark.parametrize(
    ("parts", "k"),
    [
        ({"user": "Keys: $keys. Now answer."}, 1),
        ({"user": "Please add the value of these:\n$keys\n"}, 3),
        ({"state_card": "(total up to here = $sum)"}, 2),
        ({"system": {"dict-sum": "Add the values up. {$dictionary} $answer_rule"}}, 2),
        ({"system": {"dict-sum": "Values first.\n$dictionary\nThe total is kept. $answer_rule"}}, 2),
    ],
)
def test_a_prompt_of_the_users_own_is_read(parts: dict[str, object], k: int) -> None:
    template = read_template(parts, built_in_template(), "mine")
    task = task_of(k=k)
    history = true_past(task, 1, 5)
    for pruning in ("off", "window:2+state-card"):
        reading = Reader().read(request_of(history, task, Controls(pruning=parse_pruning(pruning)), template))
        assert reading.asked.keys == task.keys(1, 6)
        assert reading.expected == history.truth(6)
        assert not reading.second_look


def test_pairs_in_any_notation_are_a_dictionary() -> None:
    assert read_instructions('Words: {"apple": 5, "grape": -3}').dictionary == {"apple": 5, "grape": -3}
    assert read_instructions("apple = 5; grape = −3").dictionary == {"apple": 5, "grape": -3}


def test_a_conversation_out_of_order_is_still_read() -> None:
    reading = read(
        ("user", "apple"), SYSTEM, ("user", "lemon"), ("assistant", "<answer>25</answer>"), ("user", "grape")
    )
    assert (reading.expected, reading.past.turns) == (22, 2)


def test_hostile_texts_are_read_without_harm() -> None:
    for text in (
        "",
        "\n",
        "|" * 50,
        "<answer>" * 50,
        "Running sum so far: \n",
        "9" * 5000,
        "\x1b[2J",
        "a:" * 5000,
    ):
        read(("system", text), ("user", text), ("assistant", text), ("user", text))
        read(("assistant", text))


@settings(max_examples=60, deadline=None)
@given(
    answers=st.lists(st.one_of(st.none(), st.integers(-30, 30)), min_size=1, max_size=25),
    rate=st.sampled_from([0.0, 0.3, 1.0]),
    base=st.sampled_from(["own", "truth"]),
    pruning=st.sampled_from(
        ["off", "window:1", "window:4", "window:3+state-card", "state-card", "drop-wrong", "refresh:3"]
    ),
)
def test_wrong_transitions_are_counted_as_the_engine_counts_them(
    answers: list[int | None], rate: float, base: str, pruning: str
) -> None:
    task = task_of(turns=30)
    history = SampleHistory(task, 1, 7)
    for turn, off in enumerate(answers, 1):
        number = None if off is None else history.truth(turn) + (off if abs(off) < 10 else 0)
        history.add("hm" if number is None else f"<answer>{number}</answer>", number, history.truth(turn))
    controls = Controls(injection=Injection(rate, base, since=1), pruning=parse_pruning(pruning))  # type: ignore[arg-type]  # sampled from its names
    view, reading = history.view(controls), Reader().read(request_of(history, task, controls))
    if view.basis is not None:
        assert reading.basis == view.basis
    assert reading.past.turns == view.shown_turns
    # The model cannot judge a turn whose start is not in view: the first, and the first number after none.
    unseen = 2 if None in answers else 1
    assert 0 <= view.wrong_transitions - reading.past.wrong <= unseen
    assert 0 <= view.transitions - reading.past.judged <= unseen
    if pruning.startswith("window") and None not in answers and len(answers) > view.shown_turns:
        assert reading.past.wrong == view.wrong_transitions
        assert reading.past.judged == view.transitions


def test_a_remembered_past_reads_like_a_fresh_one() -> None:
    task, reader = task_of(samples=2), Reader()
    one, two = (request_of(true_past(task, sample, 12), task) for sample in (1, 2))
    edited = [*one[:4], one[4]._replace(content="<answer>0</answer>"), *one[5:]]
    other_words = [one[0]._replace(content=one[0].content.replace(": ", ": 1")), *one[1:]]
    headless = [one[0]._replace(role="user"), *one[1:]]
    assert Reader().read(edited) != Reader().read(one) != Reader().read(other_words)
    for length in (2, 6, 4, 6, 10, 8, 10, 26):
        for request in (one, two, edited, one, other_words, headless):
            assert reader.read(request[:length]) == Reader().read(request[:length])
    reader.forget()
    assert reader.read(one) == Reader().read(one)
