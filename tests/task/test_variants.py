"""Task variants: each one object that owns its answers, steps, texts, and how a simulated model errs."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.record.datasets import dataset_document, load_dataset
from lhe_tui.record.json_text import to_json
from lhe_tui.task.answers import find_answer, with_number
from lhe_tui.task.controls import ANSWER_MODES
from lhe_tui.task.corruption import corruption
from lhe_tui.task.prompts import PromptError, read_template
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate
from lhe_tui.task.variants.matrix import Matrix
from lhe_tui.task.variants.registry import VARIANTS

MATRIX = Matrix()
ROOT = Path(__file__).parents[2]
squares = st.tuples(*[st.tuples(st.integers(0, 9), st.integers(0, 9))] * 2)


def task_of(variant: str, turns: int = 40, k: int = 2) -> Task:
    return generate(
        TaskSpec(variant, turns=turns, turn_complexity=k, samples=2, dict_size=12), built_in_words()
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_reads_back_what_it_writes_and_its_steps_end_where_its_keys_do(name: str) -> None:
    task, variant = task_of(name), VARIANTS[name]
    assert variant.summary()
    before = variant.start
    for turn, truth in enumerate(task.truths(2), 1):
        assert variant.read_answer(with_number("", truth)).number == truth
        assert task.partials(2, turn, before)[-1] == truth
        before = truth
    assert all(map(variant.fits, task.dictionary.values()))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_corrupted_answer_is_another_one(name: str) -> None:
    task, variant = task_of(name), VARIANTS[name]
    for turn, truth in enumerate(task.truths(1), 1):
        wrong = variant.corrupt(truth, corruption(0, 1, turn), 10)
        assert wrong != truth
        assert variant.read_answer(with_number("", wrong)).number == wrong


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("mode", ANSWER_MODES)
def test_the_built_in_prompt_tells_each_variant_whole(name: str, mode: str) -> None:
    text = built_in_template().system_message(task_of(name), mode)  # type: ignore[arg-type]  # a mode's name
    # The example's answers are ones that the variant can read.
    assert VARIANTS[name].read(text[slice(*find_answer(text) or (0, 0))]) is not None


@given(squares, squares, squares)
def test_the_matrix_product_is_associative_and_its_start_changes_nothing(
    a: object, b: object, c: object
) -> None:
    step = MATRIX.step
    assert step(step(a, b), c) == step(a, step(b, c))  # type: ignore[arg-type]  # squares
    assert step(MATRIX.start, a) == a == step(a, MATRIX.start)  # type: ignore[arg-type]  # squares


def test_products_stay_alive_over_a_long_plan() -> None:
    truths = task_of("matrix", turns=500).truths(1)
    assert len(set(truths[-100:])) > 60


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[[1, 0], [0, 12]]", ((1, 0), (0, 12))),
        (" `[[1,0],[-3,\u22124]]` ", ((1, 0), (-3, -4))),
        ("[[1, 0], [0]]", None),
        ("[1, 0, 0, 1]", None),
        ("5", None),
    ],
)
def test_a_matrix_is_read_in_its_form_only(text: str, read: object) -> None:
    assert MATRIX.read(text) == read


def test_an_untidy_matrix_is_read_leniently() -> None:
    assert MATRIX.lenient("It is [[1, 2], [3, 4]].") == (((1, 2), (3, 4)), "last matrix")
    assert MATRIX.lenient("<answer>1 2; 3 4</answer>") == (((1, 2), (3, 4)), "four numbers")
    assert MATRIX.lenient("no idea, 3 perhaps") is None


def test_bounds_that_allow_no_matrix_are_refused() -> None:
    with pytest.raises(TaskError, match="from 2 to 2"):
        TaskSpec("matrix", dict_size=2, min_value=2, max_value=2)
    assert generate(TaskSpec("matrix", dict_size=2, min_value=0, max_value=1), built_in_words()).dictionary


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_comes_back_from_a_dataset(name: str, tmp_path: Path) -> None:
    task, path = task_of(name, turns=4, k=1), tmp_path / "task.json"
    path.write_text(to_json(dataset_document(task)))
    loaded = load_dataset(path)
    assert (loaded.spec.variant, loaded.dictionary, loaded.plans) == (name, task.dictionary, task.plans)


def test_a_recorded_prompt_is_read_whatever_variants_it_was_written_for() -> None:
    parts = built_in_template().as_json()
    del parts["own"], parts["system"]["add"]
    parts["system"]["chess"] = "Play."
    old = read_template(parts)
    assert old.for_variant("dict-sum") == built_in_template().for_variant("dict-sum")
    with pytest.raises(PromptError, match="no system text for matrix"):
        old.system_message(task_of("matrix"), "direct")


def test_a_users_texts_go_before_those_that_a_variant_brings() -> None:
    parts = {"state_card": "It stands at $sum.", "own": {"matrix": {"direct": "Only the matrix."}}}
    mine = read_template(parts, built_in_template(), "mine").for_variant("matrix")
    assert mine.state_line(((1, 2), (3, 4))) == "It stands at [[1, 2], [3, 4]]."
    assert mine.answer_rule["direct"] == "Only the matrix."
    assert mine.verify == Matrix.texts["verify"]
    with pytest.raises(PromptError, match=r"own\.matrix\.colour is not known"):
        read_template({"own": {"matrix": {"colour": "red"}}}, built_in_template())
    with pytest.raises(PromptError, match=r"system\.chess is not known"):
        read_template({"system": {"chess": "Play."}}, built_in_template())


def test_a_variant_from_elsewhere_is_one_entry_of_the_list_and_harms_no_old_session() -> None:
    # In a process of its own, as the command line and the form read the list when they are imported.
    program = """
import sys
from pathlib import Path
from lhe_tui.task.variants.registry import VARIANTS
from lhe_tui.task.variants.variant import SumVariant
class Doubles(SumVariant):
    "Every value counts twice."
    name = "doubles"
    texts = {"system": "Add twice each value. $answer_rule Dictionary: $dictionary"}
    def gain(self, values): return 2 * sum(values)
VARIANTS["doubles"] = Doubles()
from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.cli.commands import command_parser
from lhe_tui.record.read import read_session
from lhe_tui.task.spec import TaskSpec, generate
from lhe_tui.tui.setup.setup_fields import FIELD_BY_ID
task = generate(TaskSpec("doubles", turns=3, samples=1, dict_size=5), built_in_words())
assert task.truths(1)[0] == 2 * task.values(1, 1)[0]
assert built_in_template().system_message(task, "direct").startswith("Add twice")
assert "doubles" in command_parser("run").format_help()
assert ("doubles", "doubles") in FIELD_BY_ID["task"].choices
for path in Path("sessions").glob("*.jsonl"):
    assert not read_session(path).damage
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
