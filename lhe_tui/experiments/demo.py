"""The demonstration: one run in three acts (alone, errors in view, cured), and what each act did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.overall import Segment, change_between, segments
from lhe_tui.engine.state import RunState
from lhe_tui.launch.presets import REAL_MODEL
from lhe_tui.task.answers import written
from lhe_tui.text.counts import points_words

ACTS: Final = ("alone", "errors in view", "cured")
SIMULATED: Final[dict[str, Any]] = {
    "model": "sim/large",
    "samples": 16,
    "turns": 90,
    "at": ["31:inject=1,inject-since=1", "61:prune=window:1"],
}
THINKING: Final[dict[str, Any]] = {**SIMULATED, "model": "sim/thinking", "mode": "thinking"}
REAL: Final[dict[str, Any]] = {
    "model": REAL_MODEL,
    "task": "retrieve",
    "samples": 3,
    "turns": 50,
    "dict_size": 6,
    "min_value": 1,
    "max_value": 9,
    "given": 14,
    "prompt": "tiny",
    "inject": 0,
    "inject_base": "truth",
    "temperature": 0,
    "max_tokens": 14,
    "at": ["27:inject=0.5", "39:inject=0"],
}
"""Each as the options of `run`; the changes at turns open the second act and the third."""


def act_lines(state: RunState) -> list[str]:
    """One caption for each act: turn accuracy, and its change since the act before, with intervals by sample."""
    lines, before = [], None
    for name, act in zip(ACTS, segments(state), strict=False):
        words = f"turns {act.first}–{act.last}, {name}: turn accuracy {_percent(act.correct / act.n)}"
        if act.interval is not None:
            words += f" [{_percent(act.interval.low, '')}, {_percent(act.interval.high, '')}]"
        lines.append(words + (f", {_change(before, act)}" if before is not None else ""))
        before = act
    return lines


def _change(before: Segment, after: Segment) -> str:
    """`−35 points [−41, −29]`: the mean of the samples' own changes, with its interval."""
    change = change_between(before, after)
    return "no sample in both" if change is None else points_words(change.mean, change.interval)


def mistake_lines(state: RunState) -> Iterator[str]:
    """One wrong turn of the second act: asked, answered, and the likeliest slip."""
    act = segments(state)[1]
    for number, sample in enumerate(state.samples, 1):
        for record in sample.turns[act.first - 1 : act.last]:
            suspects = diagnosis_of(state, number, record.turn) if record.outcome == "wrong" else ()
            if suspects:
                answered, expected = (
                    "nothing" if value is None else written(value)
                    for value in (record.number, record.expected)
                )
                yield f"sample {number}, turn {record.turn}: answered {answered}, expected {expected}"
                yield f"likeliest: {suspects[0].words}, {suspects[0].detail} (weight {suspects[0].weight:.2f})"
                return


def _percent(rate: float, unit: str = " %") -> str:
    return f"{100 * rate:.0f}{unit}"
