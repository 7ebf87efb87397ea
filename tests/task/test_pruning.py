"""Pruning policies: each a small object of its own, read and shown everywhere by the registry."""

import subprocess
import sys

import pytest

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.task.controls import Controls
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.pruning.policy import PruningError, PruningPolicy
from lhe_tui.task.pruning.refresh import Refresh
from lhe_tui.task.pruning.registry import POLICIES, parse_pruning
from lhe_tui.task.spec import TaskSpec, generate

TEMPLATE = built_in_template()


def true_past(turns: int) -> SampleHistory:
    task = generate(TaskSpec(turns=turns + 1, samples=1, dict_size=5), ["ant", "bee", "cow", "dog", "eel"])
    history = SampleHistory(task, 1, 0)
    for turn in range(1, turns + 1):
        history.add(f"<answer>{history.truth(turn)}</answer>", history.truth(turn), history.truth(turn))
    return history


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_reads_back_what_it_writes_and_says_what_it_does(policy: type[PruningPolicy]) -> None:
    text = policy.written(policy.usual)
    setting = parse_pruning(text)
    assert (type(setting), str(setting)) == (policy, text)
    assert policy.summary()
    assert setting.words().startswith(policy.label().split()[0])


def test_forms_and_labels_are_all_different() -> None:
    assert len({p.form for p in POLICIES}) == len({p.label() for p in POLICIES}) == len(POLICIES)


def test_a_policy_without_its_number_is_refused() -> None:
    with pytest.raises(PruningError, match="refresh:N takes at least 1 turn"):
        parse_pruning("refresh:0")
    with pytest.raises(PruningError, match="refresh:N"):
        parse_pruning("refresh")


@pytest.mark.parametrize(("past", "shown"), [(1, [1]), (2, [1, 2]), (3, []), (4, [4]), (5, [4, 5]), (6, [])])
def test_refresh_collapses_the_past_every_n_turns_and_grows_anew(past: int, shown: list[int]) -> None:
    history = true_past(past)
    controls = Controls(pruning=Refresh(3))
    messages = history.messages(controls, TEMPLATE, "system")
    assert [m.turn for m in messages if m.role == "assistant"] == shown
    # The first message after the gap, and no other, tells the sum that it starts from.
    first = past // 3 * 3
    line = TEMPLATE.state_line(history.truth(first)) if first else None
    assert [m.content.startswith("Running sum") for m in messages if m.role == "user"] == [
        bool(first) and at == 0 for at in range(len(shown) + 1)
    ]
    assert line is None or messages[1].content.startswith(line)
    view = history.view(controls)
    assert view.basis == history.truth(past)
    assert (view.transitions, view.wrong_transitions) == (len(shown), 0)


def test_a_policy_from_elsewhere_is_one_entry_of_the_list() -> None:
    # In a process of its own, as the command line and the form read the list when they are imported.
    program = """
from lhe_tui.task.pruning.policy import PruningPolicy
from lhe_tui.task.pruning import registry
class Halves(PruningPolicy):
    "The newer half of the past is shown."
    form = "newer-half"
    def first(self, past): return past // 2
registry.POLICIES.append(Halves)
from lhe_tui.cli.commands import command_parser
from lhe_tui.task.controls import Controls, apply_change
from lhe_tui.tui.run.control_completion import completions
from lhe_tui.tui.setup.setup_fields import FIELD_BY_ID
from lhe_tui.record.session_format import session_schema
assert "newer-half" in command_parser("run").format_help()
assert completions("prune=new") == ["prune=newer-half"]
assert ("newer-half", "newer half") in FIELD_BY_ID["prune"].choices
assert "newer-half" in str(session_schema())
assert apply_change(Controls(), [("prune", "newer-half")], 1).pruning == Halves()
"""
    subprocess.run([sys.executable, "-c", program], check=True)
