"""Variants and policies of other packages, by entry point or by name; the ones in the documents are real ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lhe_tui.task.pruning.off import Off
from lhe_tui.task.pruning.policy import PruningError, PruningPolicy
from lhe_tui.task.pruning.registry import register_policy
from lhe_tui.task.variants.dict_sum import DictSum
from lhe_tui.task.variants.registry import register_variant
from lhe_tui.task.variants.variant import SumVariant, TaskError
from tests.end_to_end.command_line import CommandLine

PAGE = Path(__file__).parents[2] / "lhe_tui" / "docs" / "contributing.md"


def example(kind: str) -> str:
    """The document's whole example of a `policy` or a `variant`."""
    found = re.search(rf"```python {kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def package(tmp_path: Path) -> CommandLine:
    """A command line that finds the documents' examples as modules, and no package that declares them."""
    (tmp_path / "hanoi.py").write_text(example("variant"), encoding="utf-8")
    (tmp_path / "newer_half.py").write_text(example("policy"), encoding="utf-8")
    line = CommandLine(tmp_path)
    line.env["PYTHONPATH"] = f"{tmp_path}:{Path(__file__).parents[2]}"
    return line


def declare(line: CommandLine, points: str) -> None:
    info = line.folder / "towers-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: towers\nVersion: 1\n")
    (info / "entry_points.txt").write_text(points)


def test_a_task_of_ones_own_runs_by_the_name_of_its_module(package: CommandLine) -> None:
    words = ("--model", "sim/large", "--turns", "60", "--samples", "4", "--out", "h.jsonl", "--json")
    report = package.json("run", "--task", "hanoi:Hanoi", *words, "--inject", "0.3", "--prune", "refresh:20")
    assert report["task"]["variant"] == "hanoi"
    assert report["outcomes"]["correct"] + report["outcomes"]["wrong"] > 200
    assert report["turn_accuracy"][0] == 1
    assert report["injected"]["states"] > 0.1
    # Nothing that a session says is imported.
    told = package("report", "h.jsonl")
    assert (told.returncode, "no task named 'hanoi'" in told.stderr) == (2, True)


def test_what_a_package_declares_is_there_in_every_command(package: CommandLine) -> None:
    declare(
        package, "[lhe_tui.variants]\nhanoi = hanoi:Hanoi\n[lhe_tui.policies]\nhalf = newer_half:NewerHalf\n"
    )
    words = (
        "--model",
        "sim/small",
        "--turns",
        "8",
        "--samples",
        "2",
        "--out",
        "h.jsonl",
        "--prune",
        "newer-half",
    )
    made = package("run", "--task", "hanoi", *words)
    assert (made.returncode, made.stderr.count("left out")) == (0, 0)
    turn = package.json("inspect", "h.jsonl", "--sample", "1", "--turn", "8", "--json")
    assert turn["pruned_turns"] == [1, 2, 3]
    assert sorted(disc for peg in turn["truth"] for disc in peg) == list(range(1, 9))
    assert package("report", "h.jsonl").returncode == 0


def test_what_cannot_be_taken_is_told_and_left_out(package: CommandLine) -> None:
    declare(package, "[lhe_tui.variants]\nbroken = hanoi:NOTHING\n")
    made = package("run", "--model", "sim/small", "--turns", "2", "--samples", "1", "--out", "x.jsonl")
    assert made.returncode == 0
    assert "hanoi:NOTHING (lhe_tui.variants) is left out: AttributeError" in made.stderr
    missing = package("run", "--task", "nowhere:Task", "--turns", "2")
    assert (missing.returncode, "--task nowhere:Task cannot be taken" in missing.stderr) == (2, True)


def test_a_variant_or_policy_that_is_not_whole_is_refused() -> None:
    class Nameless(SumVariant):
        """No texts."""

        name = "nameless"

    class Shouting(PruningPolicy):
        """Its form is none."""

        form = "LOUD"

    for variant, says in ((DictSum(), "already"), (Nameless(), "no system text"), (5, "is no task variant")):
        with pytest.raises(TaskError, match=says):
            register_variant(variant)  # type: ignore[arg-type]  # one of them is none
    for policy, says in ((Off, "already"), (Shouting, "is written as"), (5, "is no pruning policy")):
        with pytest.raises(PruningError, match=says):
            register_policy(policy)  # type: ignore[arg-type]  # one of them is none


def test_two_sessions_of_a_task_without_numbers_are_compared_and_exported(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    words = ("run", "--task", "matrix", "--model", "sim/small", "--turns", "20", "--samples", "4")
    for name, more in (("a", ()), ("b", ("--inject", "0.5"))):
        assert line(*words, *more, "--out", f"{name}.jsonl").returncode == 0
    compared = line("compare", "a.jsonl", "b.jsonl")
    assert (compared.returncode, "✓ [[" in compared.stdout) == (0, True)
    for kind in ("html", "svg", "csv", "dataset"):
        assert line("export", "a.jsonl", "--to", kind, "--out", f"a.{kind}").returncode == 0
    assert "of 4 entries" in (tmp_path / "a.html").read_text(encoding="utf-8")
    again = line.json(*words, "--dataset", "a.dataset", "--out", "c.jsonl", "--json")
    assert again["task"]["variant"] == "matrix"
