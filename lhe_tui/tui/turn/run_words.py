"""What a run's numbers are called on a screen: times, counts, accuracies, horizons, outcomes, status."""

from __future__ import annotations

from collections.abc import Sequence

from lhe_tui.engine.overall import counts_by_sample
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_record import TurnRecord, Verdict
from lhe_tui.task.answers import Value, entries_off, gap, written
from lhe_tui.task.scoring import TurnTally, horizon_length
from lhe_tui.task.spec import TaskSpec
from lhe_tui.task.stats.proportions import Horizon, Interval, PooledShare
from lhe_tui.text.visible import visible
from lhe_tui.tui.widgets.inks import Ink

OUTCOME_SIGN: dict[Verdict, str] = {
    "correct": "✓",
    "wrong": "✗",
    "no_answer": "!",
    "not_a_number": "!",
    "truncated": "!",
    "refused": "!",
    "failed": "×",
    "edited": "✎",
}
OUTCOME_WORD: dict[Verdict, str] = {
    "correct": "correct",
    "wrong": "wrong",
    "no_answer": "no answer",
    "not_a_number": "not a number",
    "truncated": "truncated",
    "refused": "refused",
    "failed": "failed",
    "edited": "edited",
}
_INKS: dict[Verdict, Ink] = {"correct": "correct", "wrong": "wrong", "failed": "failed", "edited": "change"}
MINUS = "\N{MINUS SIGN}"
_BIG_BITS = 200


def outcome_ink(record: TurnRecord) -> Ink:
    """The ink of what is said of a turn."""
    return _INKS.get(record.verdict, "odd")


def whole(number: Value) -> str:
    """An answer with real minus signs; a monstrous integer only by its size."""
    if not isinstance(number, int):
        return written(number).replace("-", MINUS)
    if number.bit_length() > _BIG_BITS:
        return f"{MINUS if number < 0 else ''}10^{round(number.bit_length() * 0.30103)}"
    return str(number).replace("-", MINUS)


def signed(number: Value) -> str:
    """An integer that always carries its sign; rows as they are."""
    return whole(number) if not isinstance(number, int) or number < 0 else "+" + whole(number)


def off_words(answer: Value, other: Value) -> str:
    """How far an answer is off: `+4`, `2 of 4 entries`."""
    off = gap(answer, other)
    return entries_off(answer, other) if off is None else signed(off)


def clock_time(seconds: float | None) -> str:
    """`0:31`, `12:05`, `1:02:03`; `–:––` where it is not known."""
    if seconds is None or not abs(seconds) < 1e12:
        return "–:––"
    whole_seconds = max(0, int(seconds))
    hours, rest = divmod(whole_seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def short_count(number: float) -> str:
    """`912`, `12.3k`, `4.1M`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}" if number < 1000 * size else f"{number / size:.0f}{letter}"
    return f"{number:.0f}"


def percent_words(successes: int, n: int, interval: Interval | None) -> str:
    """`93 % [91, 95]`: an accuracy with its 95 % interval, if it has one; `–` where nothing was counted."""
    if not n:
        return "–"
    words = f"{100 * successes / n:.0f} %"
    return words if interval is None else f"{words} [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"


def horizon_words(horizon: Horizon, turns_seen: int) -> str:
    """`31 [24, 38]`; an end that was not reached is `>42`."""
    beyond = f">{turns_seen}" if turns_seen else "–"
    if horizon.turn is None and horizon.low is None:
        return beyond
    turn = beyond if horizon.turn is None else str(horizon.turn)
    low = beyond if horizon.low is None else str(horizon.low)
    high = "…" if horizon.high is None else str(horizon.high)
    return f"{turn} [{low}, {high}]"


def horizon_told(tallies: Sequence[TurnTally], s: float) -> str:
    """H_s over these turns in words; over a past that was given and not asked there is none."""
    if tallies and not tallies[0].n:
        return "not told (past given)"
    return horizon_words(horizon_length(tallies, s), len(tallies))


def tokens_told(state: RunState) -> bool:
    """Whether any reply came with token counts; true while there is none to ask."""
    return bool(state.prompt_tokens + state.completion_tokens) or not state.answered_turns


def token_words(state: RunState, speed: float | None) -> str:
    """`12.3k · 310/s out`, or `not told` where the server keeps its counts to itself; `speed` in tokens per second."""
    if not tokens_told(state):
        return "not told"
    words = short_count(state.prompt_tokens + state.completion_tokens)
    return words if speed is None or not state.completion_tokens else f"{words} · {short_count(speed)}/s out"


def recent_turn_accuracy(state: RunState, turns: int = 10) -> PooledShare:
    """Turn accuracy over the last turns that every sample has finished."""
    last = state.complete_turns
    return PooledShare.of(counts_by_sample(state, max(1, last - turns + 1), last))


def in_view(state: RunState) -> tuple[float, float] | None:
    """Shares of (wrong states, wrong transitions) in what the newest requests showed; None where that is nothing."""
    shown = wrong_states = transitions = wrong_transitions = 0
    for sample in state.samples:
        if sample.turns:
            view = sample.turns[-1].view
            shown += view.shown_turns
            wrong_states += view.wrong_states
            transitions += view.transitions
            wrong_transitions += view.wrong_transitions
    if not shown:
        return None
    return wrong_states / shown, wrong_transitions / transitions if transitions else 0.0


def model_words(state: RunState) -> str:
    """The model's name, always with the word *simulated* where it is one."""
    name = visible(state.controls.model, limit=60)
    return f"{name} (simulated)" if state.controls.model.startswith("sim/") else name


def task_words(spec: TaskSpec, mode: str) -> str:
    """`dict-sum K=2 cot`."""
    return f"{spec.variant} K={spec.turn_complexity} {mode}"


def status_words(state: RunState, replaying: bool, broken: bool) -> tuple[str, str]:
    """(glyph, word) of a run's status."""
    if broken:
        return "×", "broke off"
    if state.status == "paused":
        if state.pause is not None and state.pause.fault:
            return "!", "paused by a fault"
        return "‖", "replay paused" if replaying else "paused"
    if state.status == "running":
        return "▶", "replay" if replaying else "running"
    return {"ready": ("○", "ready"), "completed": ("✓", "completed"), "stopped": ("■", "stopped")}[
        state.status
    ]
