"""The published harness's rules, on our own runs and turn by turn."""

from __future__ import annotations

import pytest

from lhe_tui.engine.branching import Branch, branch_events, fold
from lhe_tui.engine.events import ControlsChanged, Event, TurnFinished
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.record.report import report, rescored
from lhe_tui.task.reference_rules import ReferenceCase, ReferenceRun, read_reference, score_reference
from tests.sessions import header, turns


@pytest.mark.parametrize(
    ("reply", "thinking", "number"),
    [
        ("<answer>5</answer>", False, 5),
        ("<answer> +5 </answer>", False, 5),
        ("<answer>1_000</answer>", False, 1000),
        ("<answer>1,000</answer>", False, None),
        ("<answer>**5**</answer>", False, None),
        ("<answer>5</answer><answer>6</answer>", False, 5),
        ("<think><answer>4</answer></think><answer>5</answer>", True, 5),
        ("<think><answer>4</answer></think><answer>5</answer>", False, 4),
        ("<think><answer>4</answer>", True, 4),
        ("5", False, None),
        ("<answer>" + "9" * 5000 + "</answer>", False, None),
    ],
)
def test_the_first_tag_is_read_as_python_reads_integers(
    reply: str, thinking: bool, number: int | None
) -> None:
    assert read_reference(reply, thinking).number == number


def scored(number: int | None, case: ReferenceCase, evaluator: str = "live") -> tuple[str, bool, int | None]:
    reading = read_reference(f"<answer>{number}</answer>" if number is not None else "none", False)
    score, carried = score_reference(reading, "stop", case, "saved" if evaluator == "saved" else "live")
    return score.outcome, score.absolute, carried


def test_a_reply_without_a_number_carries_the_last_sum() -> None:
    assert scored(None, ReferenceCase(False, 7, None, 12, 5)) == ("no_answer", False, 7)
    assert scored(None, ReferenceCase(False, 7, None, 7, 0)) == ("correct", False, 7)
    assert scored(None, ReferenceCase(True, 0, None, 0, 0)) == ("no_answer", False, 0)


def test_under_a_filled_history_it_is_wrong_and_the_shown_sum_counts() -> None:
    assert scored(None, ReferenceCase(False, 7, 9, 9, 0))[0] == "no_answer"
    assert scored(14, ReferenceCase(False, 7, 9, 11, 5)) == ("correct", False, 14)
    assert scored(11, ReferenceCase(False, 7, 9, 11, 5)) == ("wrong", True, 11)


def test_the_saved_evaluator_holds_the_turn_after_a_missing_number_wrong() -> None:
    assert scored(None, ReferenceCase(False, 7, None, 7, 0), "saved") == ("no_answer", False, None)
    assert scored(12, ReferenceCase(False, None, None, 12, 5), "saved") == ("wrong", True, 12)
    assert scored(12, ReferenceCase(False, 7, None, 13, 5), "saved") == ("correct", False, 12)


def test_a_run_without_oddities_scores_alike_under_both_rules() -> None:
    head = header(samples=4, turns=12, k=2)
    state = RunState(head)
    for event in turns(head, 0.3):
        state.apply(event)
    strict, reference = report(state), report(state, "reference")
    for name in ("turn_accuracy", "absolute_accuracy", "task_accuracy", "horizon", "format_failure"):
        assert strict[name] == reference[name]
    assert rescored(rescored(state, "reference"), "strict").outcomes == state.outcomes


def test_our_injection_over_the_truth_is_what_the_harness_calls_a_filled_history() -> None:
    head = header(samples=1, turns=4)
    state = RunState(head)
    state.apply(ControlsChanged(1, (("inject", 1), ("inject-base", "truth"))))
    answers: list[int] = []
    for turn in range(1, 5):
        basis = state.samples[0].history.view(state.controls_at(turn)).basis or 0
        answers.append(basis + state.samples[0].history.gain(turn))
        state.apply(TurnFinished(1, turn, float(turn), f"<answer>{answers[-1]}</answer>"))
    assert report(state)["turn_accuracy"] == [1, 1, 1, 1]
    other = report(state, "reference")
    # The first answer is right, and yet not the corrupted sum that is shown in its place.
    assert other["turn_accuracy"] == [0, 1, 1, 1]
    assert other["task_accuracy"] == [0, 0, 0, 0]


def test_what_is_shown_does_not_depend_on_the_rules() -> None:
    head = header(samples=2, turns=6)
    events: list[Event] = [ControlsChanged(2, (("prune", "drop-wrong"), ("inject", 0.5)))]
    for turn in range(1, 7):
        events += [TurnFinished(n, turn, 1.0, "<answer>1,000</answer> <answer>2</answer>") for n in (1, 2)]
    one, two = RunState(head, "strict"), RunState(head, "reference")
    for event in events:
        one.apply(event)
        two.apply(event)
    assert [build_request(one, 2, turn) for turn in range(1, 7)] == [
        build_request(two, 2, turn) for turn in range(1, 7)
    ]


def test_a_branch_of_an_imported_run_keeps_what_was_shown_before_it_and_is_its_own_from_there() -> None:
    told = ReferenceRun("live", ((100, 200, 300, 400), (11, 12, 13, 14)), (True, True, True, True))
    plain = header(samples=2, turns=4)
    parent = RunState(
        type(plain)(**{**plain.__dict__, "reference": told, "rules": "reference", "origin": "x"})
    )
    for event in turns(plain, 0.0):
        parent.apply(event)
    branch = Branch(turn=3, samples=(2,), edits=((2, 1, 55),))
    child = fold(branch_events(parent, branch, session="s", created="now", path="p"))
    assert child.rules == "strict"
    child.apply(TurnFinished(1, 3, 9.0, "<answer>7</answer>"))
    shown = [message.content for message in build_request(child, 1, 4) if message.role == "assistant"]
    assert shown == ["<answer>55</answer>", "<answer>12</answer>", "<answer>7</answer>"]
