"""Task specs, their bounds, and prompt templates."""

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.task.answers import written
from lhe_tui.task.controls import ANSWER_MODES
from lhe_tui.task.prompts import PromptError, read_template
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate
from lhe_tui.task.variants.registry import VARIANTS


def test_the_shipped_words_are_distinct_and_of_five_letters() -> None:
    words = built_in_words()
    assert len(set(words)) == len(words) >= 400
    assert all(len(word) == 5 and word.isascii() and word.islower() for word in words)


def test_one_seed_gives_one_task() -> None:
    spec = TaskSpec(turns=10, turn_complexity=3, samples=2, seed=4)
    one, other = generate(spec, built_in_words()), generate(spec, built_in_words())
    assert one == other
    assert list(one.dictionary.items()) == list(other.dictionary.items())
    assert generate(TaskSpec(turns=10, seed=5), built_in_words()).dictionary != one.dictionary


def test_more_samples_leave_the_first_ones_as_they_were() -> None:
    few = generate(TaskSpec(turns=10, samples=2), built_in_words())
    many = generate(TaskSpec(turns=10, samples=5), built_in_words())
    assert many.plans[:2] == few.plans


def test_a_running_sum_adds_up_turn_by_turn() -> None:
    task = Task(TaskSpec(turns=2, turn_complexity=2, samples=1), {"a": 5, "b": -2}, (("a", "b", "b", "b"),))
    assert task.keys(1, 2) == ("b", "b")
    assert task.values(1, 1) == (5, -2)
    assert task.gains(1) == [3, -4]
    assert task.truths(1) == [3, -1]


def test_retrieve_has_no_state() -> None:
    task = Task(TaskSpec("retrieve", turns=2, samples=1), {"a": 5, "b": -2}, (("a", "b"),))
    assert task.truths(1) == [5, -2]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"turns": 0}, "turns must be at least 1"),
        ({"turn_complexity": 0}, "turn complexity K must be at least 1"),
        ({"samples": -1}, "samples must be at least 1"),
        ({"min_value": 5, "max_value": 4}, r"the smallest value \(5\) is above the largest \(4\)"),
        ({"turns": 10**6, "turn_complexity": 100}, "over the bound of 5,000,000 steps"),
        ({"variant": "sing"}, "no task named 'sing'"),
        ({"max_value": 10**15}, "values must lie within"),
    ],
)
def test_an_impossible_task_says_which_bound(settings: dict[str, object], says: str) -> None:
    with pytest.raises(TaskError, match=says):
        TaskSpec(**settings)  # type: ignore[arg-type]  # bad on purpose


def test_a_dictionary_larger_than_the_word_list_is_refused() -> None:
    for words in (["one", "two"], ["one", "two", "one", "two"]):
        with pytest.raises(TaskError, match="the word list holds 2"):
            generate(TaskSpec(dict_size=3), words)
    assert len(generate(TaskSpec(dict_size=2), ["one", "one", "two", "two"]).dictionary) == 2


@pytest.mark.parametrize("mode", ANSWER_MODES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_and_mode_has_a_system_message(variant: str, mode: str) -> None:
    task = generate(TaskSpec(variant, dict_size=5), built_in_words())
    text = built_in_template().system_message(task, mode)  # type: ignore[arg-type]  # a mode's name
    assert "<answer>" in text
    word, value = next(iter(task.dictionary.items()))
    assert (f"{word}: {written(value)}" in text) == (variant != "prefix-sum")
    assert "$" not in text


def test_a_users_part_replaces_only_itself() -> None:
    template = read_template({"user": "Keys: $keys!"}, built_in_template(), "mine")
    assert template.user_message("apple, bread") == "Keys: apple, bread!"
    assert template.state_line(5) == built_in_template().state_line(5)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"user": "no place"}, r"user must hold \$keys exactly once"),
        ({"user": "$keys $keys $sum"}, r"user holds \$sum; places known there: \$keys"),
        ({"user": "cost 5$ $keys"}, "a lone"),
        ({"user": 7}, "must be a text"),
        ({"system": {"dict-sum": ""}}, "system.dict-sum must be a text that is not empty"),
        ({"system": {"sing": "x"}}, "system.sing is not known"),
        ({"greeting": "x"}, "'greeting' is not known"),
    ],
)
def test_a_bad_template_names_the_part(parts: dict[str, object], says: str) -> None:
    with pytest.raises(PromptError, match=says):
        read_template(parts, built_in_template())
