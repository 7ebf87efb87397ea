"""Logs of lighteval's long-horizon task become sessions, their scores checked.

What a log comes to is tested without inspect_ai; the reading of real logs where that package is installed.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.record.errors import CodecError
from lhe_tui.record.importing.harness_import import ImportFailure, import_run, save_import
from lhe_tui.record.importing.inspect_import import session_of
from lhe_tui.record.importing.inspect_logs import InspectLog, LoggedReply, LoggedSample, is_inspect_log
from lhe_tui.record.read import read_session
from lhe_tui.record.report import report
from tests.hostile_texts import HOSTILE_TEXTS

VALUES = {"apple": 3, "bread": -4, "chair": 10}
HERE = Path("log.eval")


def sample(keys: str, answers: list[str], score: float | None = None, k: int = 1) -> LoggedSample:
    names = keys.split()
    chunks = tuple(tuple(names[i : i + k]) for i in range(0, len(names), k))
    return LoggedSample(
        chunks=chunks,
        dictionary={name: VALUES[name] for name in dict.fromkeys(names)},
        replies=tuple(LoggedReply(answer, seconds=0.5) for answer in answers),
        score=score,
        first_message=f"Words and $values. First: {', '.join(chunks[0])}\nAnswer:",
        second_message=f"Next: {', '.join(chunks[1])}\nAnswer:" if len(chunks) > 1 else "",
    )


def tags(*numbers: object) -> list[str]:
    return [f"<answer>{number}</answer>" for number in numbers]


def log(*samples: LoggedSample) -> InspectLog:
    return InspectLog("openai/x", "2026-01-02T03:04:05+00:00", "long_horizon", samples)


LOG = log(
    sample("apple bread chair", tags(3, 0, 10), 1 / 3), sample("chair chair bread", tags(10, 20, 16), 1.0)
)


def test_turns_follow_the_answer_before_and_scores_the_true_sum() -> None:
    found = session_of(LOG, HERE)
    document = report(found.recording.state)
    assert document["turn_accuracy"] == [1.0, 0.5, 1.0]
    assert document["absolute_accuracy"] == [1.0, 0.5, 0.5]
    assert found.check.text == "the scores of all 2 samples agree"
    assert "4 of 6 turns are right by its rules, 4 by ours; 5 follow" in found.notes[0]


def test_the_prompt_is_the_logs_own() -> None:
    template = session_of(LOG, HERE).recording.header.template
    assert template.user_message("bread") == "Next: bread\nAnswer:"
    assert template.system["dict-sum"] == "Words and $$values. First: "


def test_a_score_that_does_not_come_out_is_named() -> None:
    wrong = replace(LOG.samples[1], score=0.5)
    found = session_of(log(LOG.samples[0], wrong), HERE)
    assert not found.check.agrees
    assert found.check.text == "1 of 2 scores differ: sample 2: 0.5 in the log, 1 from its replies"


def test_a_log_without_scores_says_so() -> None:
    assert session_of(log(sample("apple", tags(3))), HERE).check.text == "the log holds no score to check"


def test_replies_that_read_otherwise_there_are_told() -> None:
    replies = ["<answer>1</answer><answer>3</answer>", "<answer>-1</answer>"]
    found = session_of(log(sample("apple bread", replies, 0.5)), HERE)
    assert found.check.agrees
    assert found.notes[1].startswith("1 turn: the reply reads otherwise there")


def test_a_conversation_that_broke_off_is_no_model_error() -> None:
    broken = replace(sample("apple bread chair", tags(3)), error="connection lost", score=0.0)
    found = session_of(log(broken, LOG.samples[1]), HERE)
    state = found.recording.state
    assert [record.outcome for record in state.samples[0].turns] == ["correct", "failed"]
    assert state.samples[0].turns[1].event.error == "connection lost"
    assert report(state)["turn_accuracy"] == [1.0, 1.0, 1.0]
    assert found.check.agrees


def test_plans_of_different_lengths_are_cut_to_the_shortest_and_it_is_said() -> None:
    longer = sample("apple bread chair apple", tags(3, -1, 9, 12), 1.0)
    found = session_of(log(longer, LOG.samples[1]), HERE)
    assert found.recording.header.task.spec.turns == 3
    assert found.check.agrees
    assert any("3 to 4 turns" in notice.text for notice in found.recording.state.notices)


def test_the_last_turn_may_be_short_and_another_may_not() -> None:
    task = session_of(log(sample("apple bread chair", tags(-1, 9), k=2)), HERE).recording.header.task
    assert (task.spec.turns, task.spec.turn_complexity) == (2, 2)
    assert task.keys(1, 2) == ("chair",)
    ragged = replace(
        sample("apple bread chair", tags(3, -1, 9)), chunks=(("apple",), ("bread", "chair"), ("apple",))
    )
    with pytest.raises(CodecError, match="sample 1: turn 2 has 2 keys where others have 1"):
        session_of(log(ragged), HERE)


@pytest.mark.parametrize(
    ("dictionary", "said"),
    [
        ({"apple": 3}, "'bread' is not in its dictionary"),
        ({"apple": 4, "bread": -4, "chair": 10}, "'apple' is 3, and 4 in another sample"),
        ({"apple": "x", "bread": -4}, "should be a whole number"),
        ({}, "dictionary is empty"),
    ],
)
def test_a_dictionary_that_cannot_be_is_named(dictionary: dict[str, Any], said: str) -> None:
    odd = replace(sample("apple bread chair", tags(3, -1, 9)), dictionary=dictionary)
    with pytest.raises(CodecError, match=re.escape(said)):
        session_of(log(odd, LOG.samples[0]), HERE)


def test_another_model_is_never_called_simulated() -> None:
    header = session_of(replace(LOG, model="sim/large"), HERE).recording.header
    assert header.controls.model == "imported/sim/large"
    assert not header.simulated


def test_hostile_replies_change_no_other_turn() -> None:
    for text in HOSTILE_TEXTS:
        found = session_of(log(sample("apple bread", [text, *tags(-1)])), HERE)
        assert found.recording.state.samples[0].turns[1].number == -1


# ---- with inspect_ai itself

needs_inspect = pytest.mark.skipif(
    importlib.util.find_spec("inspect_ai") is None, reason="inspect_ai is not installed"
)


def make_log(folder: Path, answers: list[str], *, form: str = "eval") -> Path:
    """A log of a task of the same shape as lighteval's, made by inspect_ai with its mock model."""
    from inspect_ai import Task
    from inspect_ai import eval as run_eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageUser, ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, accuracy, scorer
    from inspect_ai.solver import generate, solver

    keys = ["apple", "bread", "chair"]
    told = {"turn_chunks": [[key] for key in keys], "dictionary": VALUES, "expected_per_turn": [3, -1, 9]}

    @solver
    def turn_by_turn() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            outputs = []
            for place, (key,) in enumerate(state.metadata["turn_chunks"]):
                if place:
                    state.messages.append(ChatMessageUser(content=f"Next: {key}"))
                state = await generate(state)
                outputs.append(state.output.completion)
            state.metadata["all_turn_outputs"] = outputs
            return state

        return solve

    @scorer(metrics={"fractional_accuracy": [accuracy()]})
    def share_right() -> Any:
        async def score(state: Any, target: Any) -> Any:
            right = sum(
                output == f"<answer>{due}</answer>"
                for output, due in zip(
                    state.metadata["all_turn_outputs"], told["expected_per_turn"], strict=True
                )
            )
            return Score(value={"fractional_accuracy": right / 3})

        return score

    outputs = [ModelOutput.from_content("mockllm/model", answer) for answer in [*answers, "and once more"]]
    for output in outputs:
        # Told here, or the mock model would count them with a tokenizer from the network.
        output.usage = ModelUsage(input_tokens=7, output_tokens=2, total_tokens=9)
    task = Task(
        dataset=MemoryDataset([Sample(input="Words. First: apple", target="9", metadata=told)]),
        solver=[turn_by_turn(), generate()],
        scorer=share_right(),
    )
    model = get_model("mockllm/model", custom_outputs=outputs)
    (made,) = run_eval(task, model=model, log_dir=str(folder), log_format=form, display="none")
    assert made.status == "success"
    return Path(made.location)


@needs_inspect
@pytest.mark.parametrize("form", ["eval", "json"])
def test_a_real_log_becomes_a_session_in_both_of_its_forms(tmp_path: Path, form: str) -> None:
    path = make_log(tmp_path, tags(3, -1, 10), form=form)
    assert is_inspect_log(path)
    imported = import_run(path)
    assert imported.lines()[0] == "its one score agrees"
    save_import(imported, tmp_path / "s.jsonl")
    state = read_session(tmp_path / "s.jsonl").state
    assert [record.number for record in state.samples[0].turns] == [3, -1, 10]
    assert state.samples[0].turns[0].event.prompt_tokens == 7
    assert report(state)["absolute_accuracy"] == [1.0, 1.0, 0.0]
    assert state.header.controls.model == "mockllm/model"


@needs_inspect
def test_what_only_looks_like_a_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.eval").write_bytes(b"no zip")
    with pytest.raises(ImportFailure, match="expected a log of lighteval's long-horizon task"):
        import_run(tmp_path / "x.eval")


@pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is not None, reason="inspect_ai is installed")
def test_without_inspect_ai_a_log_names_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "x.eval").write_bytes(b"PK")
    with pytest.raises(ImportFailure, match=re.escape("pip install 'lhe-tui[inspect]'")):
        import_run(tmp_path / "x.eval")
