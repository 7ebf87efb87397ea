"""Controls and how changes to them are written."""

from itertools import pairwise

import pytest

from lhe_tui.task.controls import (
    Change,
    ControlError,
    Controls,
    Injection,
    apply_change,
    beside,
    change_words,
    mixed_rate,
    parse_change,
)
from lhe_tui.task.corruption import corruption
from lhe_tui.task.pruning.drop_wrong import DropWrong
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.pruning.policy import PruningPolicy
from lhe_tui.task.pruning.refresh import Refresh
from lhe_tui.task.pruning.registry import parse_pruning
from lhe_tui.task.pruning.state_card import StateCard
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.pruning.window_and_card import WindowAndCard


def after(text: str, controls: Controls | None = None, turn: int = 30) -> Controls:
    return apply_change(controls or Controls(), parse_change(text), turn)


def test_a_mix_gives_each_sample_a_rate_of_its_own_over_true_sums() -> None:
    mixed = after("inject=mix").injection
    assert (mixed.base, mixed.since, mixed.mix) == ("truth", 1, True)
    assert [mixed.rate_for(n) for n in range(1, 6)] == [0, 1, 0.5, 0.25, 0.75]
    assert after("inject=mix,inject-base=own").injection.base == "own"
    assert not after("inject=0.25", after("inject=mix"), 40).injection.mix
    assert mixed.words() == "injection 0–100 % truth"


@pytest.mark.parametrize("samples", [5, 9, 16, 24, 100])
def test_any_first_samples_of_a_mix_are_spread_over_all_rates(samples: int) -> None:
    rates = sorted(mixed_rate(n) for n in range(1, samples + 1))
    assert (rates[0], rates[-1]) == (0, 1)
    gaps = [b - a for a, b in pairwise(rates)]
    assert max(gaps) <= 2 / (samples - 1) + 1e-12
    assert min(gaps) > 0


def test_injection_touches_answers_from_the_turn_it_was_switched_on() -> None:
    assert after("inject=0.5").injection == Injection(0.5, "own", 10, 30)


def test_raising_the_rate_keeps_the_turn_it_was_switched_on() -> None:
    assert after("inject=0.75", after("inject=0.5"), 60).injection.since == 30


def test_switched_off_and_on_again_it_starts_anew() -> None:
    off = after("inject=0", after("inject=0.5"), 40)
    assert off.injection.since is None
    assert after("inject=0.25", off, 50).injection.since == 50


def test_since_may_be_the_whole_history() -> None:
    assert after("inject-since=1,inject=0.5").injection.since == 1
    assert after("inject=0.5,inject-since=1").injection.since == 1


def test_a_since_asked_for_beforehand_is_kept() -> None:
    assert after("inject=0.5", after("inject-since=1", turn=1)).injection.since == 1


def test_healing_reaches_back_to_the_first_turn() -> None:
    assert after("heal").injection == Injection(0.0, "truth", 10, 1)
    assert after("heal=off", after("heal"), 50).injection == Injection()


def test_healing_can_be_held_to_later_turns() -> None:
    assert after("heal,inject-since=20").injection.since == 20
    assert after("inject-since=20,heal").injection.since == 20


@pytest.mark.parametrize(
    ("text", "pruning"),
    [
        ("off", OFF),
        ("window:5", Window(5)),
        ("window:5+state-card", WindowAndCard(5)),
        ("state-card", StateCard()),
        ("drop-wrong", DropWrong()),
        ("refresh:12", Refresh(12)),
    ],
)
def test_every_pruning_policy_is_read_and_written_alike(text: str, pruning: PruningPolicy) -> None:
    assert parse_pruning(text) == pruning
    assert str(pruning) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("inject=1.5", "inject takes a number from 0 to 1, not '1.5'"),
        ("max-tokens=0", "max-tokens takes a number from 1 to 10,000,000, not '0'"),
        ("inject-size=2.5", "inject-size takes a whole number from 1 to 1,000,000,000, not '2.5'"),
        ("inject=nan", "inject takes a number from 0 to 1"),
        ("inject=x", "inject takes a number from 0 to 1"),
        ("prune=window:0", "window:W takes at least 1 turn, not 0"),
        ("prune=window:x", "prune takes off, window:W"),
        ("prune=none", "prune takes off"),
        ("mode=loud", "mode takes direct, cot, thinking"),
        ("inject-base=mine", "inject-base takes own or truth"),
        ("inject-size=0", "inject-size takes a number from 1"),
        ("votes=2.5", "votes takes a whole number"),
        ("temperature=9", "temperature takes a number from 0 to 5"),
        ("speed=3", "no control named 'speed'"),
        ("=3", "expected NAME=VALUE"),
        ("", "expected NAME=VALUE"),
    ],
)
def test_a_bad_change_is_refused_with_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ControlError, match="^" + says.replace("(", r"\(")):
        after(text)


def test_sampling_can_be_unset_again() -> None:
    assert after("temperature=default", after("temperature=0.7")).temperature is None


def test_a_change_is_said_in_words() -> None:
    change = parse_change("inject=0.25,prune=window:5")
    assert change_words(change, apply_change(Controls(), change, 3)) == "injection 25 % own, pruning window 5"
    whole = parse_change("inject=1,inject-since=1")
    assert change_words(whole, apply_change(Controls(), whole, 3)) == "injection 100 % own, whole history"
    heal = parse_change("heal")
    assert change_words(heal, apply_change(Controls(), heal, 3)) == "healed history"


def test_corruption_is_a_pure_function_and_uniform() -> None:
    fates = [corruption(7, sample, turn) for sample in range(1, 101) for turn in range(1, 101)]
    assert fates == [corruption(7, sample, turn) for sample in range(1, 101) for turn in range(1, 101)]
    assert abs(sum(fate.threshold < 0.25 for fate in fates) / 10_000 - 0.25) < 0.02
    offsets = [fate.offset(10) for fate in fates]
    assert set(offsets) == {*range(-10, 0), *range(1, 11)}
    assert max(offsets.count(value) for value in set(offsets)) < 620
    assert corruption(8, 1, 1) != corruption(7, 1, 1)


def test_injection_healing_and_their_settings_are_one_control() -> None:
    heal: Change = (("heal", True),)
    later: Change = (("inject", 0.5), ("inject-base", "own"), ("inject-since", 3), ("prune", "window:2"))
    assert beside(later, heal) == (("prune", "window:2"),)
    assert beside(heal, (("inject-size", 3),)) == ()
    assert beside(later, (("mode", "cot"),)) == later
