"""How often the diagnosis names the slip that was made: the confusion matrix at a dictionary of 100, K = 1 and 4.

Run with `pytest -s tests/benchmarks/test_diagnosis_confusion.py` to see it. Slips are drawn in the proportions below,
over plans and histories like a run's own, with one past answer in four corrupted.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

import pytest

from lhe_tui.task.diagnosis.diagnose import Case, diagnose
from lhe_tui.task.diagnosis.slips import NUMERIC_SLIPS, make_slip, ways

# Not the diagnosis's own priors: it must hold up where the slips of a model are mixed otherwise.
MIX = {
    "wrong_value": 25,
    "digit_slip": 25,
    "sign_slipped": 10,
    "stale_sum": 8,
    "unchanged": 8,
    "skipped_key": 8,
    "double_key": 5,
    "values_only": 5,
    "started_over": 4,
    "recovered": 5,
    "repeated_injected": 4,
    "unexplained": 3,
}
TURNS = 3_000


def wrong_turn(rng: random.Random, k: int) -> tuple[str, Case]:
    """One wrong turn after a history of 1 to 40 turns, with the slip that was made."""
    dictionary = {f"word{n:02}": rng.randint(-99, 99) for n in range(100)}
    past = rng.randint(1, 40)
    plan = [tuple(rng.choices(list(dictionary), k=k)) for _ in range(past + 1)]
    truth, answers, injected = 0, [], []
    for keys in plan[:-1]:
        truth += sum(dictionary[key] for key in keys)
        hit = rng.random() < 0.25
        injected.append(hit)
        answers.append(truth + (rng.choice((-1, 1)) * rng.randint(1, 10) if hit else 0))
    case = Case(
        basis=answers[-1],
        truth_before=truth,
        keys=plan[-1],
        values=tuple(dictionary[key] for key in plan[-1]),
        dictionary=dictionary,
        past_answers=tuple(answers),
        past_injected=tuple(injected),
        past_keys=tuple(plan[:-1]),
    )
    while True:
        slip = rng.choices(list(MIX), weights=list(MIX.values()))[0]
        answer = make_slip(slip, case, rng)
        if answer is not None:
            return slip, dataclasses.replace(case, answer=answer)


def explained_by(case: Case) -> set[str]:
    return {
        slip
        for slip in NUMERIC_SLIPS
        if any(way.answer == case.answer for way in ways(slip, case, case.answer))
    }


@pytest.mark.parametrize("k", [1, 4])
def test_the_slip_that_was_made_is_named(k: int) -> None:
    rng = random.Random(100 + k)
    confusion: Counter[tuple[str, str]] = Counter()
    sole_right = sole = 0
    for _ in range(TURNS):
        made, case = wrong_turn(rng, k)
        named = diagnose(case)[0].slip
        confusion[made, named] += 1
        if made != "unexplained" and explained_by(case) == {made}:
            sole += 1
            sole_right += named == made
    right = sum(count for (made, named), count in confusion.items() if made == named)
    print(f"\nK = {k}: rows are what was made, columns what was named, of {TURNS} wrong turns")
    print_matrix(confusion)
    print(
        f"top-1 overall {right / TURNS:.1%}; where one slip alone explains it {sole_right / sole:.1%} of {sole}"
    )
    assert right / TURNS >= 0.70
    assert sole_right / sole >= 0.90


def print_matrix(confusion: Counter[tuple[str, str]]) -> None:
    slips = [slip for slip in NUMERIC_SLIPS if slip in MIX]
    print(" " * 20 + "".join(f"{slip[:8]:>9}" for slip in slips))
    for made in slips:
        print(f"{made:<20}" + "".join(f"{confusion[made, named] or '·':>9}" for named in slips))


def test_weights_mean_what_they_say() -> None:
    """Over turns whose likeliest slip has a weight near w, about that share is named rightly."""
    rng = random.Random(7)
    bins: dict[int, list[bool]] = {}
    for _ in range(TURNS):
        made, case = wrong_turn(rng, 4)
        first = diagnose(case)[0]
        bins.setdefault(min(9, int(first.weight * 10)), []).append(first.slip == made)
    print()
    for tenth, hits in sorted(bins.items()):
        print(
            f"weight {tenth / 10:.1f} to {tenth / 10 + 0.1:.1f}: right in {sum(hits) / len(hits):.0%} of {len(hits)}"
        )
        if len(hits) >= 100:
            assert abs(sum(hits) / len(hits) - (tenth + 0.5) / 10) < 0.15
