"""Datasets: the published form written and read, and every bad file named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.assets.shipped import built_in_words
from lhe_tui.record.datasets import DatasetError, dataset_document, load_dataset
from lhe_tui.task.spec import TaskSpec, generate

TASK = generate(TaskSpec(turns=6, samples=3, dict_size=8, seed=5), built_in_words())
DOCUMENT = dataset_document(TASK)
PUBLISHED = Path(__file__).parents[2].parent / "shared" / "conformance" / "datasets"


def saved(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def rows() -> str:
    return "".join(json.dumps(row) + "\n" for row in DOCUMENT["ground_truth_data"])


def test_a_document_has_the_published_names_in_their_order() -> None:
    assert list(DOCUMENT) == ["experiment_type", "config", "dictionary", "ground_truth_data"]
    assert list(DOCUMENT["ground_truth_data"][0]) == ["input", "output", "values"]
    assert DOCUMENT["config"] == {
        "dict_size": 8,
        "horizon_length": 6,
        "num_samples": 3,
        "min_input_value": -99,
        "max_input_value": 99,
    }


@pytest.mark.parametrize(
    "content", [DOCUMENT, {"dict_sum": DOCUMENT}, {"dataset": {"dict_sum": DOCUMENT}, "seed": 5}]
)
def test_every_wrapping_gives_the_same_task(tmp_path: Path, content: object) -> None:
    task = load_dataset(saved(tmp_path / "d.json", content), seed=5)
    assert task == TASK
    assert list(task.dictionary) == list(TASK.dictionary)


def test_a_document_that_names_its_seed_keeps_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "d.json", {"seed": 41, "dataset": {"dict_sum": DOCUMENT}})
    assert load_dataset(path).spec.seed == 41


@pytest.mark.parametrize("content", [rows(), rows().replace("\n", "\r\n\n"), DOCUMENT["ground_truth_data"]])
def test_rows_alone_give_the_plans_and_the_keys_that_they_use(tmp_path: Path, content: object) -> None:
    task = load_dataset(saved(tmp_path / "d.jsonl", content))
    assert task.plans == TASK.plans
    assert all(task.dictionary[key] == TASK.dictionary[key] for plan in task.plans for key in plan)


def test_one_row_alone_is_a_dataset(tmp_path: Path) -> None:
    assert load_dataset(saved(tmp_path / "d.jsonl", rows().splitlines()[0])).plans == TASK.plans[:1]


def test_plans_and_samples_are_cut_to_what_is_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "d.json", DOCUMENT)
    task = load_dataset(path, turns=2, turn_complexity=2, samples=1, variant="retrieve")
    assert task.plans == (TASK.plans[0][:4],)
    assert task.spec == replace(TASK.spec, turns=2, turn_complexity=2, samples=1, variant="retrieve", seed=0)


def test_a_plan_that_k_does_not_divide_ends_with_a_short_turn(tmp_path: Path) -> None:
    task = load_dataset(saved(tmp_path / "d.json", DOCUMENT), turn_complexity=4)
    assert task.spec.turns == 2
    assert len(task.keys(1, 2)) == 2


def test_a_variant_other_than_dict_sum_comes_back(tmp_path: Path) -> None:
    task = replace(TASK, spec=replace(TASK.spec, variant="add", seed=0))
    assert load_dataset(saved(tmp_path / "d.json", dataset_document(task))) == task


def changed(**change: Any) -> dict[str, Any]:
    return DOCUMENT | change


def row(**change: Any) -> dict[str, Any]:
    return changed(
        ground_truth_data=[*DOCUMENT["ground_truth_data"][:1], DOCUMENT["ground_truth_data"][1] | change]
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty file"),
        ("hello", "expected the published"),
        ("[1]", "row 1 should be a table"),
        ("5", "expected the published"),
        ({"a": 1}, "found a table with 'a'"),
        (changed(experiment_type="matrix"), "experiment_type"),
        (changed(dictionary=[]), "dictionary"),
        (changed(dictionary={}), "dictionary is empty"),
        (changed(dictionary=DOCUMENT["dictionary"] | {"zzzzz": "x"}), "zzzzz"),
        (changed(ground_truth_data={}), "ground_truth_data"),
        (changed(ground_truth_data=[]), "no row"),
        (row(input=[]), "row 2: input"),
        (row(input=[1]), "row 2: input"),
        (row(input=["nokey"] * 6), "'nokey', is not in the dictionary"),
        (row(values=[0] * 5), "row 2: values holds 5"),
        (row(values=[1000] * 6), "row 2: the value of key 1"),
        (row(values=[None] * 6), "row 2: the value of key 1"),
        (row(output=[0] * 5), "row 2: output holds 5"),
        (row(output=[1000] * 6), "row 2: output 1 is 1000"),
        (rows() + "{broken", "row 4 is no JSON"),
        (rows() + '{"input": ["a"], "values": ["b"], "output": ["b"]}', "'a', is 'b'"),
        ("[" * 100_000, "nested"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_sentence(tmp_path: Path, content: object, said: str) -> None:
    path = saved(tmp_path / "d.json", content)
    with pytest.raises(DatasetError) as caught:
        load_dataset(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_file_does_not_hold_cannot_be_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "d.json", DOCUMENT)
    for asked, said in (
        ({"samples": 4}, "3 samples"),
        ({"turns": 7}, "6 keys"),
        ({"turn_complexity": 0}, "at least 1"),
    ):
        with pytest.raises(DatasetError, match=said):
            load_dataset(path, **asked)
    for bad in (tmp_path / "gone", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(DatasetError, match="cannot be read"):
            load_dataset(bad)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the conformance datasets are not here")
@pytest.mark.parametrize("name", ["seed42_size100", "seed7_size10"])
def test_a_published_file_is_written_again_to_the_letter(name: str) -> None:
    path = PUBLISHED / f"{name}.json"
    published = json.loads(path.read_text())
    task = load_dataset(path)
    assert task.spec.seed == published["seed"]
    written = dataset_document(task)
    assert json.dumps(written) == json.dumps(published["dataset"]["dict_sum"])
    drawn = generate(task.spec, (PUBLISHED / published["words"]).read_text().split())
    assert drawn == task
