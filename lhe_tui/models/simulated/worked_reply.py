"""The working that a simulated model writes out: its slip stands where it was made."""

from __future__ import annotations

from lhe_tui.task.diagnosis.slip_case import Case
from lhe_tui.task.variants.registry import variant_named


def working(case: Case, answer: int, slip: str | None) -> str:
    """The lines that lead to the answer: a lookup for each key, then the additions one by one."""
    terms = _terms(case, answer, slip)
    start = _start(case, answer, slip)
    lines = [] if variant_named(case.variant).shows_values else [f"{key}: {value}" for key, value in terms]
    values = [value for _, value in terms]
    if start is None:
        if not values or sum(values) != answer:
            return "\n".join(lines)
        start, values = values[0], values[1:]
    for at, value in enumerate(values):
        # Where nothing before explains the answer, the last addition is the false one.
        result = answer if at == len(values) - 1 else start + value
        lines.append(f"{start} {'-' if value < 0 else '+'} {abs(value)} = {result}")
        start = result
    return "\n".join(lines)


def _terms(case: Case, answer: int, slip: str | None) -> list[tuple[str, int]]:
    """The keys with the values they were read as."""
    terms = list(zip(case.keys, case.values, strict=True))
    error = answer - (case.expected or 0)
    if slip in ("wrong_value", "sign_slipped") or (error and case.variant == "retrieve" and len(terms) == 1):
        at = _misread_at(case, error, slip)
        terms[at] = (terms[at][0], terms[at][1] + error)
    elif slip in ("skipped_key", "double_key"):
        lost = -error if slip == "skipped_key" else error
        if lost in case.values:
            at = case.values.index(lost)
            terms[at : at + 1] = [] if slip == "skipped_key" else [terms[at]] * 2
    return terms


def _misread_at(case: Case, error: int, slip: str | None) -> int:
    """Which key was misread: one whose sign or whose new value explains the error."""
    known = set(case.dictionary.values())
    for at, value in enumerate(case.values):
        if error == -2 * value if slip == "sign_slipped" else value + error in known:
            return at
    return 0


def _start(case: Case, answer: int, slip: str | None) -> int | None:
    """The sum that the additions start from; None where none is carried."""
    if case.variant == "retrieve" or slip == "values_only":
        return None
    before = answer - case.gain
    if slip == "stale_sum" and before in case.past_answers:
        return before
    if (slip == "recovered" and before == case.truth_before) or (slip == "started_over" and before == 0):
        return before
    return case.state
