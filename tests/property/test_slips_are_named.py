"""Whatever slip is made, the diagnosis names it; its weights are a distribution; reading a reply is safe."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from lhe_tui.task.diagnosis.diagnose import Case, diagnose
from lhe_tui.task.diagnosis.slips import NUMERIC_SLIPS, SLIPS, make_slip, ways
from lhe_tui.task.diagnosis.working_check import first_false_statement

WORDS = [f"{a}{b}{c}xy" for a in "bcd" for b in "aeio" for c in "lmn"]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    size = draw(st.integers(1, len(WORDS)))
    rng = random.Random(draw(st.integers(0, 10**6)))
    dictionary = {word: rng.randint(-99, 99) for word in WORDS[:size]}
    keys = tuple(rng.choices(list(dictionary), k=draw(st.integers(1, 5))))
    past = draw(st.integers(0, 12))
    answers = tuple(rng.choice([None, rng.randint(-900, 900)]) for _ in range(past))
    numbers = [answer for answer in answers if answer is not None]
    basis = numbers[-1] if numbers else draw(st.sampled_from([0, None, 77]))
    return Case(
        basis=basis,
        truth_before=rng.choice([basis or 0, rng.randint(-900, 900)]),
        keys=keys,
        values=tuple(dictionary[key] for key in keys),
        dictionary=dictionary,
        past_answers=answers,
        past_injected=tuple(rng.random() < 0.4 for _ in range(past)),
        past_keys=tuple(tuple(rng.choices(list(dictionary), k=len(keys))) for _ in range(past)),
        variant=draw(st.sampled_from(["dict-sum", "dict-sum", "retrieve", "add", "prefix-sum"])),
    )


@settings(max_examples=300)
@given(cases(), st.sampled_from(NUMERIC_SLIPS), st.integers(0, 2**32))
def test_a_made_slip_is_among_the_suspects(case: Case, slip: str, seed: int) -> None:
    answer = make_slip(slip, case, random.Random(seed))
    if answer is None:
        return
    assert answer != case.expected
    suspects = diagnose(dataclasses.replace(case, answer=answer))
    assert {s.slip: s.weight for s in suspects}[slip] > 0


@settings(max_examples=200)
@given(cases(), st.sampled_from(NUMERIC_SLIPS), st.integers(0, 2**32))
def test_a_slip_that_nothing_else_explains_comes_first(case: Case, slip: str, seed: int) -> None:
    answer = make_slip(slip, case, random.Random(seed))
    if answer is None:
        return
    others = {
        other
        for other in NUMERIC_SLIPS
        if other != slip and any(way.answer == answer for way in ways(other, case, answer))
    }
    suspects = diagnose(dataclasses.replace(case, answer=answer))
    # The unnamed error can give any number; against it alone only the likelier ways of a slip must win.
    if not others and sum(way.weight for way in ways(slip, case, answer) if way.answer == answer) > 0.02:
        assert suspects[0].slip == slip


@settings(max_examples=200)
@given(cases(), st.integers(-(10**40), 10**40))
def test_weights_are_a_distribution_in_falling_order(case: Case, answer: int) -> None:
    suspects = diagnose(dataclasses.replace(case, answer=answer))
    if answer == case.expected:
        assert suspects == ()
        return
    weights = [s.weight for s in suspects]
    assert abs(sum(weights) - 1) < 1e-9
    assert weights == sorted(weights, reverse=True)
    assert all(s.slip in SLIPS and s.detail for s in suspects)


@settings(max_examples=100)
@given(cases())
def test_the_ways_of_a_slip_share_at_most_the_whole_of_it(case: Case) -> None:
    for slip in NUMERIC_SLIPS:
        assert sum(way.weight for way in ways(slip, case)) <= 1 + 1e-9


@settings(max_examples=100)
@given(cases(), st.integers(-500, 500))
def test_looking_only_for_one_answer_loses_none_of_its_ways(case: Case, answer: int) -> None:
    for slip in NUMERIC_SLIPS:
        aimed = sorted(way.weight for way in ways(slip, case, answer) if way.answer == answer)
        free = sorted(way.weight for way in ways(slip, case) if way.answer == answer)
        assert aimed == free


@settings(max_examples=200)
@given(st.text(alphabet="0123456789 +-=().,:*\nbal−<>|", max_size=120))
def test_any_reply_is_read_and_what_is_pointed_at_stands_in_it(reply: str) -> None:
    found = first_false_statement(reply, {"bal": 14, "lab": -5}, ("bal",), 100, (14,))
    if found is not None:
        assert reply[found.start : found.end].startswith(found.text)
        assert reply[: found.start].count("\n") + 1 == found.line


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-999, 999)), min_size=1, max_size=8))
def test_true_working_in_the_plain_form_is_never_accused(steps: list[tuple[int, int]]) -> None:
    lines, running = [], steps[0][1]
    for value, _ in steps:
        lines.append(f"{running} {'+' if value >= 0 else '-'} {abs(value)} = {running + value}")
        running += value
    assert first_false_statement("\n".join(lines), {}, (), steps[0][1], ()) is None


@given(st.integers(-999, 999), st.integers(-99, 99), st.integers(1, 50))
def test_a_sum_that_does_not_add_up_is_always_found(start: int, value: int, error: int) -> None:
    found = first_false_statement(f"So: {start} + ({value}) = {start + value + error}", {}, (), start, ())
    assert found is not None
    assert (found.true, found.claimed) == (start + value, start + value + error)
