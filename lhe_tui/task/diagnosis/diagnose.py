"""Why is this turn wrong? The likeliest slips and their weights, by Bayes over every way they come about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lhe_tui.task.answers import find_answer
from lhe_tui.task.diagnosis.composed_slips import composed_slips
from lhe_tui.task.diagnosis.slip_case import Case, short
from lhe_tui.task.diagnosis.slips import (
    FORMAT_SLIPS,
    NUMERIC_SLIPS,
    PRIORS,
    SLIP_WORDS,
    WORKING_SLIPS,
    SlipHypothesis,
    background,
    ways,
)
from lhe_tui.task.diagnosis.working_check import FalseStatement, first_false_statement
from lhe_tui.task.variants.registry import variant_named
from lhe_tui.task.variants.variant import AnyVariant

__all__ = ["Case", "Suspect", "diagnose", "slip_histogram"]

TOLD = 8.0
"""How many times likelier a slip gets when the working shows a false statement of its kind."""
OUTRANKS = 10.0
"""How many times likelier than all guesses together a slip is that the working states outright."""
EARLIER_STARTS = ("stale_sum", "started_over", "recovered", "sum_sign")
"""Slips that say where a wrong starting sum came from."""
ADDITION_SLIPS = frozenset({"digit_slip", "unexplained"})
TAIL = 2_000
"""How much of the end of a reply is searched for a number outside a tag, in characters."""
QUOTED = 40
"""How much of a tag that holds no number is quoted, in characters."""

_NUMBERS = re.compile(r"(?<!\d)[+\-\u2212]?[0-9]{1,30}(?!\d)")


@dataclass(frozen=True)
class Suspect:
    """One slip that could have given this answer; the weights of a diagnosis sum to 1."""

    slip: str
    weight: float
    detail: str

    @property
    def words(self) -> str:
        """The slip's name for a person."""
        return SLIP_WORDS[self.slip]


def diagnose(case: Case) -> tuple[Suspect, ...]:
    """The slips that explain a turn that is not correct, likeliest first; empty for a correct one."""
    if case.outcome == "correct":
        return ()
    if case.outcome in FORMAT_SLIPS:
        return (Suspect(case.outcome, 1.0, _format_detail(case)),)
    variant = variant_named(case.variant)
    if not variant.has_integers:
        return _composed(case, variant)
    if case.answer is None or case.expected is None:
        return (Suspect("unexplained", 1.0, "nothing says what the sum before this turn was"),)
    if case.answer == case.expected:
        return ()
    told = _false_statement(case)
    scores: dict[str, float] = {}
    details: dict[str, str] = {}
    for slip in NUMERIC_SLIPS:
        hits = [way for way in ways(slip, case, case.answer) if way.answer == case.answer]
        if hits:
            scores[slip] = PRIORS[slip] * sum(way.weight for way in hits) * _telling(slip, told)
            details[slip] = _detail(hits)
    scores["unexplained"] = (
        PRIORS["unexplained"] * background(case, case.answer) * _telling("unexplained", told)
    )
    details["unexplained"] = (
        f"off by {short(case.answer - case.expected, sign=True)}, which no single slip needs"
    )
    if told is not None:
        details["unexplained"] += f"; in the working, {told.detail}"
        _let_the_working_outrank(scores, details, told)
    return _ranked(scores, details)


def _let_the_working_outrank(scores: dict[str, float], details: dict[str, str], told: FalseStatement) -> None:
    """A wrong start or a tag that differs stands in black and white: what the number alone suggests is its rival."""
    slip = WORKING_SLIPS.get(told.kind)
    if slip is None:
        return
    named = [rival for rival in EARLIER_STARTS if rival in scores] if slip == "wrong_start" else []
    if named:
        # The start is known: an older sum, 0 or the true one.
        for rival in named:
            scores[rival] *= OUTRANKS
        return
    scores[slip] = OUTRANKS * sum(scores.values())
    details[slip] = told.detail


def _composed(case: Case, variant: AnyVariant) -> tuple[Suspect, ...]:
    """The slips of answers that are no numbers: two of them seldom give the same one."""
    fitting: dict[str, str] = {}
    for slip, answer, detail in composed_slips(case, variant):
        if answer == case.answer:
            fitting.setdefault(slip, detail)
    if not fitting:
        return (Suspect("unexplained", 1.0, f"no missed or misplaced step gives this {variant.state_word}"),)
    return _ranked({slip: PRIORS[slip] for slip in fitting}, fitting)


def slip_histogram(diagnoses: Iterable[tuple[Suspect, ...]]) -> dict[str, float]:
    """How many turns each slip accounts for over a run, every turn shared out by weight; commonest first."""
    totals: dict[str, float] = {}
    for suspects in diagnoses:
        for suspect in suspects:
            totals[suspect.slip] = totals.get(suspect.slip, 0.0) + suspect.weight
    return dict(sorted(totals.items(), key=lambda item: -item[1]))


def _ranked(scores: dict[str, float], details: dict[str, str]) -> tuple[Suspect, ...]:
    total = sum(scores.values())
    if total <= 0.0:
        # Too far from anything for a float: nothing but the unnamed is left.
        return (Suspect("unexplained", 1.0, details["unexplained"]),)
    ordered = sorted((slip for slip in scores if scores[slip] > 0), key=lambda slip: -scores[slip])
    return tuple(Suspect(slip, scores[slip] / total, details[slip]) for slip in ordered)


def _detail(hits: list[SlipHypothesis]) -> str:
    """The likeliest way in words, and how many others of the same slip give the same number."""
    distinct = {(way.words, way.parts): way for way in hits}
    ordered = sorted(distinct.values(), key=lambda way: -way.weight)
    detail = ordered[0].detail
    if len(ordered) == 1:
        return detail
    return (
        f"{detail}; or {ordered[1].detail}"
        if len(ordered) == 2
        else f"{detail}; {len(ordered) - 1} more ways fit"
    )


def _false_statement(case: Case) -> FalseStatement | None:
    if case.mode != "cot":
        return None
    return first_false_statement(case.reply, case.dictionary, case.keys, case.state, case.values)


def _telling(slip: str, told: FalseStatement | None) -> float:
    """How the first false statement of the working speaks for a slip."""
    if told is None or told.kind in WORKING_SLIPS:
        return 1.0
    if told.kind == "addition":
        return TOLD if slip in ADDITION_SLIPS else 1.0
    turned = told.claimed == -told.true
    return TOLD if slip == ("sign_slipped" if turned else "wrong_value") else 1.0


def _format_detail(case: Case) -> str:
    integers = variant_named(case.variant).has_integers
    if case.outcome == "not_a_number":
        span, wanted = find_answer(case.reply), "integer" if integers else case.variant
        inside = case.reply[span.start : span.end].strip() if span else ""
        return f"the answer tag holds {inside[:QUOTED]!r}{'…' if len(inside) > QUOTED else ''}, no {wanted}"
    if case.outcome == "truncated":
        return f"the token limit came after {len(case.reply):,} characters, before an answer"
    if case.outcome == "refused":
        return "the content filter stopped the reply"
    if case.outcome == "failed":
        return "no reply came after all retries: the server's fault and not the model's"
    numbers = _NUMBERS.findall(case.reply[-TAIL:]) if integers else []
    if not numbers:
        return "no complete answer tag" if case.reply.strip() else "the reply is empty"
    last = int(numbers[-1].replace("\N{MINUS SIGN}", "-"))
    verdict = ", which is right" if last == case.expected else ""
    return f"no complete answer tag; the last number in the reply is {short(last)}{verdict}"
