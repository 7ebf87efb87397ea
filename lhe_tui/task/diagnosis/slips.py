"""The slips a turn can suffer: their names, their priors, and the answer each one would give.

One enumeration, `ways`, serves both directions: `make_slip` draws from it (the simulated models), and the diagnosis
reads likelihoods from it. So what can be made can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from lhe_tui.task.diagnosis.slip_case import MAX_DIGITS_BITS, Case, short
from lhe_tui.task.variants.registry import variant_named

SLIP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "skipped_key": "skipped a key",
        "double_key": "counted a key twice",
        "sign_slipped": "sign slipped",
        "sum_sign": "sign of the sum lost",
        "wrong_value": "wrong value",
        "stale_sum": "stale sum",
        "wrong_start": "wrong starting sum",
        "tag_differs": "the tag does not repeat the working",
        "unchanged": "sum left unchanged",
        "started_over": "started over from 0",
        "values_only": "this turn's values only",
        "digit_slip": "digit slip",
        "recovered": "recovered: followed the true sum",
        "repeated_injected": "repeated an injected error",
        "no_answer": "no answer",
        "not_a_number": "not a number",
        "truncated": "cut off at the token limit",
        "refused": "refused",
        "failed": "no reply from the server",
        "unexplained": "unexplained",
    }
)
"""What a person reads, by slip; the keys are stable identifiers, stored in sessions."""

SLIPS: tuple[str, ...] = tuple(SLIP_WORDS)
FORMAT_SLIPS: tuple[str, ...] = ("no_answer", "not_a_number", "truncated", "refused", "failed")
WORKING_SLIPS: Mapping[str, str] = MappingProxyType({"start": "wrong_start", "tag": "tag_differs"})
"""Slips that only the working tells, by the kind of its false statement."""
NUMERIC_SLIPS: tuple[str, ...] = tuple(
    slip for slip in SLIPS if slip not in FORMAT_SLIPS and slip not in WORKING_SLIPS.values()
)

# Relative weights before the answer is seen; only their ratios matter. Recovery and the repeated injected error
# can only happen where the shown history is corrupted, and are then as common as anything else.
PRIORS: Mapping[str, float] = MappingProxyType(
    {
        "wrong_value": 0.25,
        "digit_slip": 0.25,
        "sign_slipped": 0.10,
        "sum_sign": 0.15,
        "stale_sum": 0.08,
        "unchanged": 0.08,
        "skipped_key": 0.07,
        "double_key": 0.04,
        "values_only": 0.05,
        "started_over": 0.04,
        "recovered": 0.10,
        "repeated_injected": 0.05,
        "unexplained": 0.04,
    }
)
SIMULATED: Mapping[str, float] = MappingProxyType(
    {slip: prior for slip, prior in PRIORS.items() if slip != "sum_sign"}
)
"""The mix that the simulated models draw from."""


class SlipHypothesis(NamedTuple):
    """One way for a slip to come about: the answer it gives, its share of the slip, and why, in words."""

    answer: int
    weight: float
    words: str
    parts: tuple[object, ...] = ()

    @property
    def detail(self) -> str:
        """The words with their parts filled in."""
        return self.words.format(*(short(p) if isinstance(p, int) else p for p in self.parts))


NEAR_SHARE = 0.7
"""Share of unnamed errors that fall within reach of the right answer."""


def ways(slip: str, case: Case, target: int | None = None) -> Iterator[SlipHypothesis]:
    """Every way for a numeric slip to come about in this case; given a target, ways that miss it may be left out.

    The weights of one slip's ways sum to at most 1. `unexplained` has none here: see `background`.
    """
    if case.expected is None or slip not in _WAYS:
        return iter(())
    return _WAYS[slip](case, case.expected, target)


def make_slip(slip: str, case: Case, rng: Random) -> int | None:
    """The wrong answer that this slip gives, or None where it cannot happen or would give the right answer."""
    expected = case.expected
    if expected is None or slip in FORMAT_SLIPS:
        return None
    if slip == "unexplained":
        return expected + _background_offset(case, rng)
    made = [way for way in ways(slip, case) if way.answer != expected]
    if not made:
        return None
    return rng.choices(made, weights=[way.weight for way in made])[0].answer


def background(case: Case, answer: int) -> float:
    """The chance that an error without a name gives this answer: flat near the right one, then a long tail."""
    reach, distance = _reach(case), abs(answer - (case.expected or 0))
    if distance == 0:
        return 0.0
    if distance <= reach:
        return NEAR_SHARE / (2 * reach)
    if distance.bit_length() > MAX_DIGITS_BITS:
        return 0.0
    return (1 - NEAR_SHARE) / 2 * (reach + 1) / (distance * (distance + 1))


def _background_offset(case: Case, rng: Random) -> int:
    reach, sign = _reach(case), rng.choice((-1, 1))
    if rng.random() < NEAR_SHARE:
        return sign * rng.randint(1, reach)
    return sign * int((reach + 1) / (1.0 - rng.random()))


def _reach(case: Case) -> int:
    """How far an unnamed error usually goes: twice the largest value of the turn."""
    return max(20, 2 * max((abs(value) for value in case.values), default=0))


def _skipped(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    # With one key, skipping it is leaving the sum unchanged.
    if len(case.keys) < 2:
        return
    for key, value in zip(case.keys, case.values, strict=False):
        yield SlipHypothesis(expected - value, 1 / len(case.keys), "left out {} ({})", (key, value))


def _doubled(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    for key, value in zip(case.keys, case.values, strict=False):
        yield SlipHypothesis(expected + value, 1 / len(case.keys), "counted {} ({}) twice", (key, value))


def _sign_slipped(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    for key, value in zip(case.keys, case.values, strict=False):
        yield SlipHypothesis(
            expected - 2 * value, 1 / len(case.keys), "took {} as {} and not {}", (key, -value, value)
        )


def _sum_sign(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    state = case.state
    if expected < 0:
        yield SlipHypothesis(-expected, 0.7, "answered {} and lost the sum's sign", (-expected,))
    if state is not None and state < 0 and case.variant != "retrieve":
        words = "went on from {} and not {}: the sum's sign was lost"
        yield SlipHypothesis(case.gain - state, 0.3, words, (-state, state))


def _unchanged(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    if case.state is not None and case.variant != "retrieve":
        yield SlipHypothesis(case.state, 1.0, "repeated the sum before, {}, and added nothing", (case.state,))


def _values_only(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    if case.variant == "retrieve":
        return
    alone = 0.4 if len(case.keys) > 1 else 0.0
    yield SlipHypothesis(
        case.gain, 1 - alone, "answered {}, this turn's values without the sum before", (case.gain,)
    )
    if alone:
        for key, value in zip(case.keys, case.values, strict=False):
            yield SlipHypothesis(
                value, alone / len(case.keys), "answered {}, the value of {} alone", (value, key)
            )


def _started_over(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    if case.variant == "retrieve":
        return
    yield SlipHypothesis(0, 0.4, "went back to 0")
    yield SlipHypothesis(case.gain, 0.6, "added this turn's {} to 0 and not to the sum before", (case.gain,))


def _recovered(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    if case.truth is not None and case.truth != expected:
        yield SlipHypothesis(
            case.truth, 1.0, "answered the true sum {}; the history shown implied {}", (case.truth, expected)
        )


def _stale(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    older = [(back, turn.answer) for back, turn in enumerate(case.recent, 1) if turn.answer is not None]
    # The newest shown number is the basis itself: repeating that is `unchanged`.
    older = older if case.variant == "retrieve" else older[1:]
    for (back, answer), share in zip(older, _fading(len(older)), strict=True):
        if case.variant != "retrieve":
            words = "went on from {}, the sum of {} turns ago"
            yield SlipHypothesis(answer + case.gain, 0.7 * share, words, (answer, back))
        yield SlipHypothesis(
            answer, 0.3 * share, "answered {} again, the answer of {} turns ago", (answer, back)
        )


def _repeated_injected(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    hits = [back for back, turn in enumerate(case.recent, 1) if turn.injected and turn.answer is not None]
    for back, share in zip(hits, _fading(len(hits)), strict=True):
        shown = case.recent[back - 1].answer
        assert shown is not None  # filtered above
        for error, weight in _injected_errors(case, back):
            words = "made the error of {} again that the turn {} back was given"
            yield SlipHypothesis(expected + error, weight * share, words, (error, back))
        yield SlipHypothesis(
            shown, 0.3 * share, "repeated {}, put in by injection {} turns ago", (shown, back)
        )


def _injected_errors(case: Case, back: int) -> Iterator[tuple[int, float]]:
    """The error that an injected turn shows: against the answer before it, and against the truth."""
    shown = case.recent[back - 1].answer
    before = case.recent[back].answer if back < len(case.recent) else None
    gains = [_gain_of(case, turn.keys) for turn in case.recent[:back]]
    if shown is None or any(gain is None for gain in gains):
        return
    known = [gain for gain in gains if gain is not None]
    if before is not None and shown - before != known[-1]:
        yield shown - before - known[-1], 0.4
    if case.truth_before is not None:
        error = shown - (case.truth_before - sum(known[:-1]))
        if error:
            yield error, 0.3


def _gain_of(case: Case, keys: tuple[str, ...]) -> int | None:
    total = 0
    for key in keys:
        value = case.value_of(key)
        if value is None:
            return None
        total += value
    return total if keys else None


def _digit_slip(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    for unit, weight in ((1, 0.40), (10, 0.30), (100, 0.10)):
        for error in (unit, -unit):
            yield SlipHypothesis(expected + error, weight / 2, "off by {}", (short(error, sign=True),))
    swapped = list(_transpositions(expected))
    for other in swapped:
        yield SlipHypothesis(other, 0.15 / len(swapped), "swapped two digits of {}", (expected,))
    for key, value in zip(case.keys, case.values, strict=False):
        turned = list(_transpositions(value))
        for other in turned:
            weight = 0.05 / len(case.keys) / len(turned)
            yield SlipHypothesis(
                expected - value + other, weight, "read {} as {} and not {}", (key, other, value)
            )


def _transpositions(number: int) -> Iterator[int]:
    """The number with two neighbouring, different digits swapped."""
    if number.bit_length() > MAX_DIGITS_BITS:
        return
    sign, digits = (-1 if number < 0 else 1), str(abs(number))
    for at, (left, right) in enumerate(pairwise(digits)):
        if left != right:
            yield sign * int(digits[:at] + right + left + digits[at + 2 :])


def _wrong_value(case: Case, expected: int, target: int | None) -> Iterator[SlipHypothesis]:
    lookup = not variant_named(case.variant).shows_values
    shares = (0.45, 0.30, 0.25) if lookup else (0.0, 1.0, 0.0)
    borrowed: dict[int, list[tuple[str, float, str]]] = {}
    for word, value, weight in _earlier_keys(case):
        borrowed.setdefault(value, []).append((word, shares[1] * weight, "a key asked for earlier"))
    if lookup:
        for word, value in case.dictionary.items():
            borrowed.setdefault(value, []).append((word, shares[2] / len(case.dictionary), "another key"))
    order = list(case.dictionary) if lookup else []
    places = {word: place for place, word in enumerate(order)}
    for key, value in zip(case.keys, case.values, strict=False):
        for word, weight in _neighbours(order, places.get(key)):
            other = case.dictionary[word]
            whose = "its neighbour in the dictionary"
            yield _misread(expected, key, value, other, word, whose, shares[0] * weight / len(case.keys))
        wanted = borrowed if target is None else (target - expected + value,)
        for other in wanted:
            for word, weight, whose in borrowed.get(other, ()):
                yield _misread(expected, key, value, other, word, whose, weight / len(case.keys))


def _misread(
    expected: int, key: str, value: int, other: int, word: str, whose: str, weight: float
) -> SlipHypothesis:
    words = "read {} as {}, the value of {} ({}), and not {}"
    return SlipHypothesis(expected - value + other, weight, words, (key, other, word, whose, value))


def _neighbours(order: list[str], place: int | None) -> Iterator[tuple[str, float]]:
    """The words up to two places away in the dictionary, nearest likeliest; the weights sum to at most 1."""
    if place is None:
        return
    for step, weight in ((-1, 0.4), (1, 0.4), (-2, 0.1), (2, 0.1)):
        if 0 <= place + step < len(order):
            yield order[place + step], weight


def _earlier_keys(case: Case) -> Iterator[tuple[str, int, float]]:
    """Keys of this turn and of the turns before it with their values, newest likeliest; weights sum to 1."""
    turns = [case.keys if len(case.keys) > 1 else (), *(turn.keys for turn in case.recent)]
    turns = [keys for keys in turns if keys]
    for keys, share in zip(turns, _fading(len(turns)), strict=True):
        for key in keys:
            value = case.value_of(key)
            if value is not None:
                yield key, value, share / len(keys)


def _fading(count: int) -> list[float]:
    """Shares that halve from the newest on and sum to 1."""
    shares = [0.5**age for age in range(count)]
    return [share / sum(shares) for share in shares]


_WAYS: Mapping[str, Callable[[Case, int, int | None], Iterator[SlipHypothesis]]] = MappingProxyType(
    {
        "skipped_key": _skipped,
        "double_key": _doubled,
        "sign_slipped": _sign_slipped,
        "sum_sign": _sum_sign,
        "wrong_value": _wrong_value,
        "stale_sum": _stale,
        "unchanged": _unchanged,
        "started_over": _started_over,
        "values_only": _values_only,
        "digit_slip": _digit_slip,
        "recovered": _recovered,
        "repeated_injected": _repeated_injected,
    }
)
