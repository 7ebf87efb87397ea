"""The public generator's own outputs, reproduced to the letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.task.spec import Task, TaskSpec, generate

DATASETS = Path(__file__).parents[2].parent / "shared" / "conformance" / "datasets"
FILES = sorted(DATASETS.glob("seed*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the conformance datasets are not here")


def generated(document: dict[str, Any]) -> tuple[Task, dict[str, Any]]:
    published: dict[str, Any] = document["dataset"]["dict_sum"]
    config = published["config"]
    spec = TaskSpec(
        turns=config["horizon_length"],
        samples=config["num_samples"],
        dict_size=config["dict_size"],
        min_value=config["min_input_value"],
        max_value=config["max_input_value"],
        seed=document["seed"],
    )
    return generate(spec, (DATASETS / document["words"]).read_text().split()), published


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_words_and_seed_draw_the_published_dictionary_in_its_order(path: Path) -> None:
    task, published = generated(json.loads(path.read_text()))
    assert list(task.dictionary.items()) == list(published["dictionary"].items())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_words_and_seed_draw_the_published_plans_values_and_sums(path: Path) -> None:
    task, published = generated(json.loads(path.read_text()))
    assert len(task.plans) == len(published["ground_truth_data"])
    for sample, row in enumerate(published["ground_truth_data"], 1):
        assert list(task.plans[sample - 1]) == row["input"]
        assert task.gains(sample) == row["values"]
        assert task.truths(sample) == row["output"]
