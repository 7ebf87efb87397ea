"""Runs of the published harness: imported whole, checked to the digit, and every bad file named."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.record.importing.harness_files import EVAL_NAME, EXPERIMENT_NAME
from lhe_tui.record.importing.harness_import import ImportFailure, import_run, save_import
from lhe_tui.record.read import read_session
from lhe_tui.record.report import report
from lhe_tui.record.scan import scan_session

RUNS = Path(__file__).parents[3].parent / "shared" / "conformance" / "reference_runs"
PUBLISHED = sorted(folder.name for folder in RUNS.glob("*")) if RUNS.is_dir() else []
needs_runs = pytest.mark.skipif(not PUBLISHED, reason="the reference runs are not here")

# ---- what the published harness wrote


@needs_runs
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_run_comes_out_to_the_digit(name: str) -> None:
    imported = import_run(RUNS / name)
    assert imported.verification.text.startswith("all ")
    assert imported.saved is None or imported.saved.text.startswith("all ")
    live = json.loads((RUNS / name / EVAL_NAME).read_text())["step_logs"]
    doc = report(imported.recording.state, "reference")
    for curve, told in (
        ("turn_accuracy", "step_accuracy"),
        ("absolute_accuracy", "index_accuracy"),
        ("task_accuracy", "prefix_accuracy"),
    ):
        if live:
            assert doc[curve] == [turn["aggregated_metrics"][told] for turn in live]
        else:
            saved = json.loads((RUNS / name / EXPERIMENT_NAME).read_text())["evaluation_summary"]
            position = f"avg_{told}_per_position"
            assert doc[curve] == json.loads(saved[position])
    if live:
        failures = [
            turn["aggregated_metrics"]["nan_fraction"] + turn["aggregated_metrics"]["invalid_fraction"]
            for turn in live
        ]
        assert doc["format_failure"] == pytest.approx(failures)


@needs_runs
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_run_is_a_session_like_any_other(name: str, tmp_path: Path) -> None:
    imported = import_run(RUNS / name)
    save_import(imported, tmp_path / "run.jsonl")
    recording = read_session(tmp_path / "run.jsonl")
    assert recording.damage == []
    assert recording.events == imported.recording.events
    assert report(recording.state, "reference") == report(imported.recording.state, "reference")
    assert (
        scan_session(tmp_path / "run.jsonl").horizon
        == report(recording.state, "reference")["horizon"]["0.5"]["turn"]
    )


@needs_runs
def test_a_filled_history_is_shown_as_it_was_and_judged_from_there() -> None:
    state = import_run(RUNS / "inject50").recording.state
    live = json.loads((RUNS / "inject50" / EVAL_NAME).read_text())["step_logs"]
    request = build_request(state, 2, 6)
    shown = [message.content for message in request if message.role == "assistant"]
    assert shown == [f"<answer>{turn['instances'][1]['expected_answer']}</answer>" for turn in live[:5]]
    assert {message.provenance for message in request} == {"system", "user", "own", "injected", "healed"} - {
        "own" if all(m.provenance != "own" for m in request) else "",
        "healed" if all(m.provenance != "healed" for m in request) else "",
    }


@needs_runs
def test_one_file_alone_is_enough() -> None:
    for name in (EVAL_NAME, EXPERIMENT_NAME):
        assert import_run(RUNS / "k3" / name).verification.agrees


# ---- the same form, written here

DICTIONARY = {"amber": 5, "birch": -5, "cedar": 0, "delta": 12}


def instance(number: int, key: str, reply: str, expected: int, right: tuple[int, int, int]) -> dict[str, Any]:
    step, index, prefix = right
    return {
        "instance_id": number,
        "input_given": [key],
        "input_values": [DICTIONARY[key]],
        "raw_llm_output": reply,
        "parsed_answer": 0,
        "expected_answer": expected,
        "accuracies": {
            "index_correct": float(index),
            "prefix_correct": float(prefix),
            "step_correct": float(step),
        },
        "is_noop": False,
        "is_invalid_format": False,
    }


def step(number: int, instances: list[dict[str, Any]], filled: bool = False) -> dict[str, Any]:
    def share(name: str) -> float:
        return sum(one["accuracies"][name] for one in instances) / len(instances)

    return {
        "step": number,
        "timestamp": f"2026-01-02T03:04:0{number}.5",
        "num_tokens_generated": 7,
        "filled_history": filled,
        "aggregated_metrics": {
            "index_accuracy": share("index_correct"),
            "prefix_accuracy": share("prefix_correct"),
            "step_accuracy": share("step_correct"),
        },
        "instances": instances,
    }


def tag(number: object) -> str:
    return f"<answer>{number}</answer>"


def document(rows: list[tuple[str, str, int, tuple[int, int, int]]], filled: bool = False) -> dict[str, Any]:
    return {"step_logs": [step(turn, [instance(0, *row)], filled) for turn, row in enumerate(rows)]}


PLAIN = document(
    [
        ("amber", tag(5), 5, (1, 1, 1)),
        ("cedar", "No Answer", 5, (1, 0, 0)),
        ("birch", tag(0), 0, (1, 1, 0)),
        ("amber", tag("about 5"), 5, (0, 0, 0)),
        ("delta", tag(12), 17, (1, 0, 0)),
        ("amber", "<answer>17</answer> or <answer>22</answer>", 22, (1, 0, 0)),
        ("delta", tag("1_0"), 34, (0, 0, 0)),
    ]
)


def imported(tmp_path: Path, content: object) -> RunState:
    return run_from(tmp_path, content).recording.state


def run_from(tmp_path: Path, content: object) -> Any:
    (tmp_path / EVAL_NAME).write_text(json.dumps(content))
    return import_run(tmp_path)


def test_a_reply_without_a_number_carries_the_sum_and_is_right_where_the_values_sum_to_zero(
    tmp_path: Path,
) -> None:
    run = run_from(tmp_path, PLAIN)
    assert run.verification.text == "all 7 turns agree"
    doc = report(run.recording.state, "reference")
    assert doc["turn_accuracy"] == [1, 1, 1, 0, 1, 1, 0]
    assert doc["format_failure"] == [0, 1, 0, 1, 0, 0, 0]


def test_the_strict_rules_and_the_cause_of_the_difference_are_told(tmp_path: Path) -> None:
    run = run_from(tmp_path, PLAIN)
    doc = report(run.recording.state, "strict")
    assert doc["outcomes"]["no_answer"] == 1
    assert doc["outcomes"]["not_a_number"] == 2
    notes = " / ".join(run.notes)
    assert "values sum to 0" in notes
    assert "first tag" in notes
    assert "'No Answer'" in notes


def test_a_filled_history_measures_by_what_was_shown(tmp_path: Path) -> None:
    rows = [
        ("amber", tag(5), 8, (0, 0, 0)),
        ("delta", tag(20), 17, (1, 0, 0)),
        ("cedar", "No Answer", 17, (0, 0, 0)),
        ("birch", tag(12), 12, (1, 1, 0)),
    ]
    run = run_from(tmp_path, document(rows, filled=True))
    assert run.verification.agrees, run.verification.text
    strict = report(run.recording.state, "strict")
    assert strict["turn_accuracy"] == [1, 1, 0, 1]
    assert strict["absolute_accuracy"] == [1, 0, 0, 1]


def test_numbers_that_do_not_come_out_are_named_with_their_turn_and_sample(tmp_path: Path) -> None:
    content = deepcopy(PLAIN)
    content["step_logs"][2]["instances"][0]["accuracies"]["step_correct"] = 0.0
    content["step_logs"][2]["aggregated_metrics"]["step_accuracy"] = 0.0
    run = run_from(tmp_path, content)
    assert not run.verification.agrees
    assert run.verification.text.startswith(
        "1 of 7 turns differ: turn 3: turn accuracy is 0 in the file and 1"
    )
    assert "sample 1" in run.verification.text


def test_a_model_of_a_stranger_is_never_taken_for_a_simulated_one(tmp_path: Path) -> None:
    assert not imported(tmp_path, PLAIN).header.simulated


def test_an_import_never_writes_over_a_file(tmp_path: Path) -> None:
    run = run_from(tmp_path, PLAIN)
    out = tmp_path / "mine"
    out.write_text("precious")
    with pytest.raises(Exception, match="exists already"):
        save_import(run, out)
    assert out.read_text() == "precious"


def broken(*path: Any, value: Any) -> dict[str, Any]:
    content: Any = deepcopy(PLAIN)
    place = content
    for name in path[:-1]:
        place = place[name]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return dict(content)


FIRST = ("step_logs", 0, "instances", 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "found"),
        ([], "found"),
        ({"ground_truth_data": []}, "--dataset"),
        ({"step_logs": {}}, "step_logs"),
        ({"step_logs": []}, "no turn"),
        ({"step_logs": [5]}, "step_logs[1] should be a table"),
        (broken("step_logs", 1, "step", value=7), "turn 2"),
        (broken("step_logs", 1, "instances", value=[]), "step_logs[2].instances is empty"),
        (broken("step_logs", 1, "aggregated_metrics", value=...), "aggregated_metrics"),
        (broken("step_logs", 1, "filled_history", value="yes"), "filled_history"),
        (broken(*FIRST, "instance_id", value=4), "instance_id"),
        (broken(*FIRST, "input_given", value=[1]), "input_given"),
        (broken(*FIRST, "input_given", value="(("), "input_given"),
        (broken(*FIRST, "input_values", value=[1.5]), "input_values"),
        (broken(*FIRST, "input_values", value=[99]), "in the dictionary"),
        (broken(*FIRST, "input_values", value=[1, 2]), "2 values"),
        (broken(*FIRST, "raw_llm_output", value=None), "raw_llm_output"),
        (broken(*FIRST, "expected_answer", value="x"), "expected_answer"),
        (broken(*FIRST, "accuracies", value=...), "accuracies"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(ImportFailure) as caught:
        run_from(tmp_path, content)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_run_or_with_several_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportFailure, match="found neither"):
        import_run(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / EVAL_NAME).write_text(json.dumps(PLAIN))
    with pytest.raises(ImportFailure, match="2 runs"):
        import_run(tmp_path)
    (tmp_path / "a" / EVAL_NAME).unlink()
    assert import_run(tmp_path).verification.agrees
    with pytest.raises(ImportFailure, match="cannot be read"):
        import_run(tmp_path / "gone.json")


@needs_runs
@pytest.mark.parametrize("name", ["plain", "single"])
def test_a_garbled_experiment_file_gets_a_sentence_or_is_read(name: str, tmp_path: Path) -> None:
    whole = json.loads((RUNS / name / EXPERIMENT_NAME).read_text())
    outputs = whole["detailed_experiment_outputs"]
    for junk in (None, 5, "((", [], {}, "[1, 2]", "['x']"):
        for table, key in (
            (outputs, "llm_raw_outputs"),
            (outputs, "prompts"),
            (outputs, "start_template"),
            (outputs, "evaluation_metrics"),
            (whole, "evaluation_summary"),
            (whole, "model_parameters_used"),
            (whole, "experiment_parameters_used"),
            (outputs["evaluation_metrics"]["per_instance_results"][0], "input_keys"),
            (outputs["evaluation_metrics"]["per_instance_results"][0], "parsed_llm_output"),
        ):
            before = table[key]
            table[key] = junk
            (tmp_path / EXPERIMENT_NAME).write_text(json.dumps(whole))
            try:
                import_run(tmp_path)
            except ImportFailure as error:
                said = str(error)
            else:
                said = ""
            assert "\n" not in said
            table[key] = before
