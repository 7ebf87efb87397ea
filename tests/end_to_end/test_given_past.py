"""`--given N` and `--prompt tiny`: a past that shows the form, which nobody was asked for and nothing counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine

SMALL = ("--turns", "9", "--samples", "3", "--dict-size", "20", "--model", "sim/small")


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_given_turns_are_shown_true_asked_of_nobody_and_counted_nowhere(lhe: CommandLine) -> None:
    path = lhe.folder / "given.jsonl"
    report = lhe.json("run", *SMALL, "--given", "5", "--out", path, "--json")
    assert report["turn_accuracy"][:5] == [None] * 5
    assert None not in report["turn_accuracy"][5:]
    assert sum(report["outcomes"].values()) == 4 * 3
    turn = lhe.json("inspect", path, "--sample", "2", "--turn", "6", "--json")
    past = [message for message in turn["request"] if message["role"] == "assistant"]
    truths = [
        lhe.json("inspect", path, "--sample", "2", "--turn", str(t), "--json")["truth"] for t in range(1, 6)
    ]
    assert [message["content"] for message in past] == [f"<answer>{truth}</answer>" for truth in truths]


def test_a_resumed_run_keeps_the_past_that_it_was_given(lhe: CommandLine) -> None:
    path = lhe.folder / "given.jsonl"
    lhe("run", *SMALL, "--given", "5", "--out", path)
    whole = path.read_bytes().splitlines(keepends=True)
    asked = next(i for i, line in enumerate(whole) if b'"event":"turn"' in line and b'"edited"' not in line)
    path.write_bytes(b"".join(whole[: asked + 2]))
    report = lhe.json("run", "--resume", path, "--json")
    assert sum(report["outcomes"].values()) == 4 * 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--given", "9"), "leave"),
        (("--given", "5", "--at", "5:inject=0.5"), "the first 5 turns are given and not asked"),
        (("--given", "5", "--mode", "cot"), "direct"),
    ],
)
def test_what_a_given_past_cannot_go_with_is_refused(
    lhe: CommandLine, words: tuple[str, ...], sentence: str
) -> None:
    done = lhe("run", *SMALL, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not list(lhe.folder.rglob("*.jsonl"))


@pytest.mark.parametrize("variant", ["dict-sum", "retrieve", "add", "prefix-sum"])
def test_the_tiny_prompt_is_short_names_the_tag_and_is_recorded(lhe: CommandLine, variant: str) -> None:
    path = lhe.folder / "tiny.jsonl"
    done = lhe("run", *SMALL, "--task", variant, "--given", "5", "--prompt", "tiny", "--out", path)
    assert done.returncode == 0, done.stderr
    turn = lhe.json("inspect", path, "--sample", "1", "--turn", "7", "--json")
    task = turn["request"][0]["content"]
    assert "<answer>number</answer>" in task
    assert len(task) < 400
    assert b'"name":"tiny"' in path.read_bytes().splitlines()[0]
