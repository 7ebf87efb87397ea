"""A run as a whole: p on turns at risk, accuracies by sample and by segment of controls, effect or association."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lhe_tui import api
from lhe_tui.engine.overall import conditioning_kind, segments, step_accuracy
from lhe_tui.engine.state import RunState


def ran(folder: Path, **options: Any) -> RunState:
    return api.run(out=f"{folder}/s.jsonl", **options).state


def test_p_is_measured_on_turns_at_risk(tmp_path: Path) -> None:
    """Over all of the first ten turns it would be lower: a sample that has erred goes on erring."""
    state = ran(tmp_path, model="sim/small", samples=100, turns=20, seed=5)
    found = step_accuracy(state)
    assert found is not None
    all_turns = sum(tally.correct for tally in state.tallies[:10]) / sum(
        tally.n for tally in state.tallies[:10]
    )
    assert found.p > all_turns
    assert found.low < found.p < found.high
    assert found.n < 1000


def test_turns_under_different_controls_are_never_pooled(tmp_path: Path) -> None:
    state = ran(tmp_path, samples=6, turns=30, at=["10:inject=0.5", "20:inject=0"])
    assert [(one.first, one.last, one.n) for one in segments(state)] == [
        (1, 9, 54),
        (10, 19, 60),
        (20, 30, 66),
    ]
    assert all(one.interval is not None for one in segments(state))


def test_one_sample_has_no_interval_of_a_pooled_accuracy(tmp_path: Path) -> None:
    [segment] = segments(ran(tmp_path, samples=1, turns=10))
    assert segment.interval is None


def test_given_turns_are_neither_scored_nor_at_risk(tmp_path: Path) -> None:
    state = ran(tmp_path, samples=4, turns=10, given=6)
    [segment] = segments(state)
    assert segment.n == 16
    assert step_accuracy(state) is None


def test_only_errors_set_from_outside_are_called_an_effect(tmp_path: Path) -> None:
    truth = {"inject": "0.5", "inject_base": "truth", "samples": 4, "turns": 8}
    assert conditioning_kind(ran(tmp_path / "a", **truth)) == "effect"
    assert conditioning_kind(ran(tmp_path / "b", **truth, given=4)) == "effect"
    assert conditioning_kind(ran(tmp_path / "c", samples=4, turns=8)) == "association"
    assert conditioning_kind(ran(tmp_path / "d", samples=4, turns=8, at=["4:inject=0.5"])) == "association"
    assert conditioning_kind(ran(tmp_path / "e", samples=4, turns=8, inject="0.5")) == "association"
