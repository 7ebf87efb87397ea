"""Reading an answer."""

import pytest

from lhe_tui.task.answers import (
    find_answer,
    read_answer,
    read_number,
    set_reasoning_aside,
    unscored_outcome,
    with_number,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        (" +42\n", 42),
        ("-7", -7),
        ("\u22127", -7),
        ("**1,234**", 1234),
        ("$-1,234,567$", -1234567),
        ("`12`", 12),
        ("_12_", 12),
        ("1\u202f234", 1234),
        ("0012", 12),
        ("9" * 4000, int("9" * 4000)),
    ],
)
def test_an_integer_is_read_with_its_ornaments(text: str, number: int) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "4.5",
        "1,23",
        "12,3456",
        "1 2",
        "--3",
        "- 3",
        "five",
        "٣",
        "1e3",
        "0x10",
        "1,234'567",
        "9" * 4001,
    ],
)
def test_what_is_no_integer_is_no_number(text: str) -> None:
    assert read_number(text) is None


def test_the_last_complete_tag_counts() -> None:
    assert read_answer("<answer>1</answer> no: <answer>2</answer> <answer>3").number == 2


def test_a_stray_closing_tag_does_not_hide_the_answer() -> None:
    assert read_answer("<answer>5</answer> and then </answer>").number == 5


def test_a_nested_opening_tag_starts_the_answer_anew() -> None:
    assert read_answer("<answer>1<answer>2</answer>").number == 2


def test_a_closing_tag_alone_is_no_tag() -> None:
    assert find_answer("5</answer>") is None


@pytest.mark.parametrize(
    ("content", "visible"),
    [
        ("<think>x <answer>1</answer></think><answer>2</answer>", "<answer>2</answer>"),
        ("<think>never closed <answer>1</answer>", ""),
        ("thoughts <answer>1</answer></think><answer>2</answer>", "<answer>2</answer>"),
        ("<answer>1</answer>", "<answer>1</answer>"),
        ("a<THINK>b</Think>c", "ac"),
        ("<think>a<think>b</think>c", "c"),
        ("<thinking>3 + 4</thinking>\n<answer>7</answer>", "<answer>7</answer>"),
        ("<thought>3 + 4", ""),
        ("<seed:think>3 + 4</seed:think><answer>7</answer>", "<answer>7</answer>"),
        ("[THINK]3 + 4[/THINK]<answer>7</answer>", "<answer>7</answer>"),
        ("3 + 4[/THINK]<answer>7</answer>", "<answer>7</answer>"),
        ("◁think▷3 + 4◁/think▷<answer>7</answer>", "<answer>7</answer>"),
        ("◁think▷<answer>1</answer>", ""),
        (
            "<|channel|>analysis<|message|>3 + 4<|end|><|start|>assistant<|channel|>final<|message|>"
            "<answer>7</answer><|return|>",
            "<answer>7</answer>",
        ),
        ("<|channel|>analysis<|message|><answer>1</answer>", ""),
        ("<|channel|>final<|message|><answer>7</answer>", "<answer>7</answer>"),
        ("<answer>7</answer><|end|>", "<answer>7</answer>"),
        ("I think so <|x|> <answer>7</answer>", "I think so <|x|> <answer>7</answer>"),
    ],
)
def test_reasoning_is_set_aside_before_the_answer_is_sought(content: str, visible: str) -> None:
    assert set_reasoning_aside(content)[0] == visible


def test_a_megabyte_of_opening_tags_is_read_in_linear_time() -> None:
    hostile = "<answer>" * 130_000 + "<think>" * 130_000
    assert read_answer(set_reasoning_aside(hostile)[0]).span is None


@pytest.mark.parametrize(
    ("content", "finish", "outcome"),
    [
        ("<answer>4</answer>", "stop", None),
        ("<answer>4</answer>", "length", None),
        ("four", "stop", "no_answer"),
        ("", "stop", "no_answer"),
        ("four", "length", "truncated"),
        ("<answer>four</answer>", "stop", "not_a_number"),
        ("<answer>four</answer>", "length", "not_a_number"),
        ("I cannot", "content_filter", "refused"),
        ("", "failed", "failed"),
        ("<answer>4</answer>", "failed", "failed"),
    ],
)
def test_a_reply_without_a_number_has_one_outcome(content: str, finish: str, outcome: str | None) -> None:
    assert unscored_outcome(read_answer(content), finish) == outcome


@pytest.mark.parametrize(
    ("visible", "shown"),
    [
        ("so <answer> **12** </answer>.", "so <answer> **-5** </answer>."),
        ("<answer>1</answer><answer>2</answer>", "<answer>1</answer><answer>-5</answer>"),
        ("no tag at all", "<answer>-5</answer>"),
        ("<answer></answer>", "<answer>-5</answer>"),
        ("<answer>twelve</answer>", "<answer>-5</answer>"),
    ],
)
def test_corrupting_changes_only_the_number_in_the_tag(visible: str, shown: str) -> None:
    assert with_number(visible, -5) == shown
    assert read_answer(shown).number == -5
