"""The slips of a task whose answers are no numbers: what a missed or misplaced step would have given."""

from __future__ import annotations

from collections.abc import Iterator

from lhe_tui.task.diagnosis.slip_case import Case
from lhe_tui.task.variants.variant import AnyVariant


def composed_slips(case: Case, variant: AnyVariant) -> Iterator[tuple[str, object, str]]:
    """(slip, the answer it gives, why in words), by the variant's own steps."""
    state = case.basis if case.basis is not None else case.truth_before
    gain, values = variant.gain(case.values), list(case.values)
    word = variant.state_word
    yield "unchanged", state, f"repeated the {word} before and did nothing"
    yield "values_only", variant.step(variant.start, gain), f"answered this turn's own {word}"
    yield "started_over", variant.start, f"went back to the first {word}"
    if case.truth_before is not None:
        yield (
            "recovered",
            variant.step(case.truth_before, gain),
            f"answered the true {word}, not the one shown",
        )
    for at, key in enumerate(case.keys):
        if len(case.keys) > 1:
            without = variant.gain(values[:at] + values[at + 1 :])
            yield "skipped_key", variant.step(state, without), f"left out {key}"
        twice = variant.gain(values[: at + 1] + values[at:])
        yield "double_key", variant.step(state, twice), f"counted {key} twice"
    for back, answer in enumerate(reversed(case.past_answers), 1):
        if answer is not None and back > 1:
            yield "stale_sum", variant.step(answer, gain), f"went on from the {word} of {back} turns ago"
            yield "stale_sum", answer, f"answered again as {back} turns ago"
