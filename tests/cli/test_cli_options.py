"""Options become a task, controls and a script, or one sentence that says what is wrong."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.cli.commands import COMMANDS, command_parser
from lhe_tui.cli.options import config_from
from lhe_tui.errors import LheError
from lhe_tui.launch.run_config import RunConfig
from lhe_tui.launch.runs import header_of
from lhe_tui.launch.task_files import load_task, load_template
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.pruning.window_and_card import WindowAndCard
from lhe_tui.task.spec import TaskSpec, generate


def parsed(*arguments: str) -> argparse.Namespace:
    return command_parser("run").parse_all(arguments)


def described(*arguments: str) -> RunConfig:
    return config_from(parsed(*arguments))


def read_everything(*arguments: str) -> None:
    header_of(described(*arguments))


def test_without_options_the_task_is_the_one_of_the_design() -> None:
    assert described().task == TaskSpec("dict-sum", 100, 1, 8, 100, -99, 99, 0)
    assert described().controls == Controls()


def test_every_task_option_reaches_the_task() -> None:
    config = described(
        "--task", "retrieve", "--turns", "7", "-k", "3", "--samples", "2", "--dict-size", "20",
        "--min-value", "-9", "--max-value", "9", "--seed", "-4",
    )  # fmt: skip
    assert config.task == TaskSpec("retrieve", 7, 3, 2, 20, -9, 9, -4)


def test_every_control_option_reaches_the_controls() -> None:
    config = described(
        "--model", "sim/small", "--mode", "cot", "--temperature", "0.5", "--top-p", "0.9", "--max-tokens", "64",
        "--votes", "3", "--inject", "0.25", "--inject-base", "truth", "--inject-size", "5", "--inject-since", "9",
        "--prune", "window:4+state-card",
    )  # fmt: skip
    assert config.controls == Controls(
        "sim/small",
        "cot",
        0.5,
        0.9,
        64,
        3,
        0,
        False,
        Injection(0.25, "truth", 5, 9),
        WindowAndCard(4),
    )


def test_heal_is_the_truth_at_rate_0_from_the_first_turn() -> None:
    assert described("--heal").controls.injection == Injection(0.0, "truth", 10, 1)
    assert described("--heal", "--inject-since", "5").controls.injection == Injection(0.0, "truth", 10, 5)


def test_injection_touches_the_whole_history_unless_told_otherwise() -> None:
    assert described("--inject", "0.5").controls.injection.since == 1


def test_scripted_changes_keep_their_order_and_may_hold_several_controls() -> None:
    config = described(
        "--at", "60:prune=window:5", "--at", "30:inject=0.5,inject-base=truth", "--at", "9:heal"
    )
    assert config.script == (
        (60, (("prune", "window:5"),)),
        (30, (("inject", "0.5"), ("inject-base", "truth"))),
        (9, (("heal", "on"),)),
    )


def test_a_word_list_has_one_word_on_each_line(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("alpha\nbravo\n\ncandy", encoding="utf-8")
    task = load_task(described("--words", str(words), "--dict-size", "3", "--turns", "2"))
    assert task == generate(TaskSpec(turns=2, dict_size=3), ("alpha", "bravo", "candy"))


def test_the_packages_own_words_are_the_default() -> None:
    assert load_task(described("--seed", "3")) == generate(TaskSpec(seed=3), built_in_words())


def test_a_prompt_file_replaces_the_parts_that_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('user = "Keys: $keys"\n', encoding="utf-8")
    template = load_template(file)
    assert template.user_message("a, b") == "Keys: a, b"
    assert template.system == built_in_template().system


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--turns", "x"), "--turns: takes a whole number, not 'x'"),
        (("--turns", "0"), "turns must be at least 1, not 0"),
        (("--turns", "9" * 5000), "--turns: takes a whole number"),
        (("--turns", "5000000", "-k", "9"), "over the bound of 5,000,000 steps"),
        (("--task", "sort"), "no task named 'sort': choose one of dict-sum"),
        (("--dict-size", "999999"), "lower --dict-size or give a longer list with --words"),
        (("--min-value", "5", "--max-value", "4"), "the smallest value (5) is above the largest (4)"),
        (("--inject", "1.5"), "--inject takes a number from 0 to 1, not '1.5'"),
        (("--inject", "nan"), "--inject takes a number from 0 to 1, not 'nan'"),
        (("--inject-base", "x"), "--inject-base takes own or truth, not 'x'"),
        (("--inject-since", "0"), "--inject-since takes a number from 1"),
        (("--prune", "window:0"), "--prune: window:W takes at least 1 turn, not 0"),
        (("--prune", "none"), "--prune takes off, window:W, state-card, drop-wrong, "),
        (("--votes", "0"), "--votes takes a number from 1 to 1,000, not '0'"),
        (("--mode", "loud"), "--mode takes direct, cot, thinking, not 'loud'"),
        (("--heal", "--inject", "0.5"), "--heal means --inject-base truth at rate 0"),
        (("--at", "inject=0.5"), "--at takes TURN:NAME=VALUE"),
        (("--at", "0:inject=0.5"), "--at takes TURN:NAME=VALUE"),
        (("--at", "5:inject=2"), "--at 5:inject=2: inject takes a number from 0 to 1"),
        (("--at", "5:noise=2"), "--at 5:noise=2: no control named 'noise'"),
        (("--concurrency", "0"), "--concurrency: takes a whole number from 1, not '0'"),
        (("--words", "/no/such/file"), "--words /no/such/file cannot be read: there is no such file"),
        (("--prompt", "/no/such/file"), "--prompt /no/such/file cannot be read"),
        (("--trns", "5"), "no option --trns here: did you mean --turns?"),
        (("--out",), "--out: expected one argument"),
        (("--max-tokens", ""), "--max-tokens takes a value, not nothing"),
        (("--api-key-env", ""), "--api-key-env takes a value, not nothing"),
        (("--votes", "1e3"), "--votes takes a whole number"),
        (("--at", "2:inject=0.5,inject=0.1"), "inject stands twice"),
        (("--inject-size", "5"), "--inject-size says nothing where no error is injected"),
        (("--inject", "0.5", "--inject-since", "99", "--turns", "3"), "--inject-since 99 lies beyond"),
        (("--speed", "9", "--model", "openai/x"), "--speed paces simulated models"),
        (("leftover",), "no word leftover here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(LheError) as raised:
        read_everything(*arguments)
    assert words in raised.value.sentence
    assert "\n" not in raised.value.sentence


def test_files_that_are_no_text_no_words_or_no_prompt_are_named(tmp_path: Path) -> None:
    file = tmp_path / "given"
    cases = {
        b"\xff\xfe\x00": ("is no UTF-16 text", "is no UTF-16 text"),
        b"": ("holds no words", None),
        b"two words, here\n": ("cannot be a key", "Expected"),
        b"user = 'no place'": (None, "must hold $keys exactly once"),
        b"unknown = 'part'": (None, "'unknown' is not known"),
    }
    for data, (as_words, as_prompt) in cases.items():
        file.write_bytes(data)
        if as_words:
            with pytest.raises(LheError, match="--words .*" + as_words):
                load_task(described("--words", str(file)))
        if as_prompt:
            with pytest.raises(LheError) as raised:
                load_template(file)
            assert as_prompt in raised.value.sentence


def test_every_command_has_a_parser_with_help() -> None:
    for name in COMMANDS:
        assert command_parser(name).format_help().startswith(f"usage: lhe-tui {name}")
