"""Completing a change of controls as it is typed."""

from __future__ import annotations

import pytest

from lhe_tui.task.controls import CONTROL_NAMES, Controls, apply_change, parse_change
from lhe_tui.tui.run.control_completion import VALUES, choices_words, completions


def test_an_empty_line_may_become_any_control() -> None:
    assert completions("") == [f"{name}=" for name in CONTROL_NAMES]


def test_a_name_is_completed_by_its_beginning() -> None:
    assert completions("vo") == ["votes=", "vote-lead="]
    assert completions("inject-b") == ["inject-base="]


def test_a_value_is_completed_after_its_name() -> None:
    assert completions("mode=t") == ["mode=thinking"]
    assert completions("model=sim/l") == ["model=sim/large"]


def test_what_stands_before_the_last_part_stays_as_it_is() -> None:
    assert completions("votes=3, te") == ["votes=3, temperature="]
    assert completions("heal=on,prune=st") == ["heal=on,prune=state-card"]


def test_what_is_complete_or_unknown_is_left_alone() -> None:
    assert completions("mode=direct") == []
    assert completions("nonsense") == []
    assert completions("nonsense=x") == []


@pytest.mark.parametrize("name", CONTROL_NAMES)
def test_every_value_that_is_offered_can_be_set(name: str) -> None:
    for value in VALUES.get(name, ()):
        apply_change(Controls(), parse_change(f"{name}={value}"), 1)


def test_the_hint_names_what_there_is_to_choose_from() -> None:
    assert choices_words("vo") == "tab: votes  vote-lead"
    assert choices_words("mode=") == "tab: direct  cot  thinking"
    assert choices_words("") == ""
