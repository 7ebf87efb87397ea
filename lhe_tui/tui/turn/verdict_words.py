"""What went wrong in a turn, in the two or three lines that a person reads first."""

from __future__ import annotations

from lhe_tui.engine.state import TurnRecord
from lhe_tui.engine.untidy_replies import lenient_of
from lhe_tui.task.answers import Value
from lhe_tui.task.controls import Controls
from lhe_tui.text.visible import visible
from lhe_tui.tui.turn.run_words import OUTCOME_SIGN, OUTCOME_WORD, off_words, outcome_ink, signed, whole
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.widgets.piece_lines import Line, percent

MOST_TERMS = 12
"""Values that the verdict's sum spells out."""


def verdict_lines(apart: TurnDetail) -> list[Line]:
    """The verdict, the likeliest slip, and where the sum started from."""
    return [line for line in (_verdict(apart), why_line(apart), origin_line(apart)) if line]


def expected_words(apart: TurnDetail) -> str:
    """`from 227 + 31 + 8`: how the expected answer comes about."""
    values = apart.values
    terms = f" {signed(apart.state.task.variant.gain(values))} (all {len(values)} values together)"
    if len(values) <= MOST_TERMS:
        terms = "".join(map(_term, values))
    if apart.state.task.stateless:
        return terms.removeprefix(" + ").strip()
    if apart.record.basis is None:
        return f"no starting sum in view: true {apart.word} {whole(apart.start)}{terms}"
    return f"from {whole(apart.record.basis)}{terms}"


def _term(value: Value) -> str:
    if not isinstance(value, int):
        return f" · {whole(value)}"
    return f" {'−' if value < 0 else '+'} {whole(abs(value))}"


def _verdict(apart: TurnDetail) -> Line:
    record = apart.record
    ink = outcome_ink(record)
    line: Line = [(f"{OUTCOME_SIGN[record.verdict]} {OUTCOME_WORD[record.verdict]}", ink)]
    if record.event.edited:
        answer = "nothing" if record.number is None else whole(record.number)
        return [*line, (f": {answer} was put here and asked of no model; it is scored nowhere", "plain")]
    reckoning = expected_words(apart)
    if record.outcome == "failed":
        error = visible(record.event.error, limit=300) or "no reply after all retries"
        return [*line, (f": {error} — the server's fault, never counted against the model", "plain")]
    if record.number is None:
        untidy = _lenient_words(apart)
        return [
            *line,
            (f": no number to score{untidy}; expected {whole(record.expected)} ({reckoning})", "plain"),
        ]
    said = f": answered {whole(record.number)}"
    if record.outcome == "correct":
        line.append((f"{said} = {reckoning}", "plain"))
    else:
        line.append((f" by {off_words(record.number, record.expected)}", ink))
        line += [(said, "strong"), (f", expected {whole(record.expected)}", "strong")]
        line.append((f" ({reckoning})", "plain"))
    if record.expected != record.truth:
        line.append((_truth_words(record, apart.word), "dim"))
    return line


def _lenient_words(apart: TurnDetail) -> str:
    record, lenient = apart.record, lenient_of(apart.state, apart.record)
    if lenient is None:
        return ""
    right = "the right one" if lenient.number == record.expected else "a wrong one"
    return f", yet it plainly holds {whole(lenient.number)} ({lenient.rule}), {right}"


def _truth_words(record: TurnRecord, word: str) -> str:
    if record.number == record.truth:
        return f"; {whole(record.truth)} is the true {word}: it recovered"
    if record.outcome == "correct":
        off = off_words(record.expected, record.truth)
        return f"; the true {word} is {whole(record.truth)}: the history it was shown is off by {off}"
    return f"; true {word} {whole(record.truth)}"


def origin_line(apart: TurnDetail) -> Line:
    """Where the starting sum came from; nothing where there is none to tell of."""
    if apart.state.task.stateless:
        return []
    record = apart.record
    if apart.turn == 1:
        return [(f"started from {whole(apart.start)}: the first turn", "dim")]
    if record.basis is None:
        return [
            (
                f"nothing in view says what the {apart.word} was: no past answer that is a number, no state line",
                "odd",
            )
        ]
    origin = apart.origin
    if origin is None:
        return [(f"started from {whole(record.basis)}: no past answer holds a number", "dim")]
    where = f"the state line, which carries turn {origin.turn}'s" if origin.card else f"turn {origin.turn}'s"
    line: Line = [(f"started from {whole(record.basis)}: {where} answer as shown, ", "dim")]
    own = "gave no number" if origin.own is None else f"answered {whole(origin.own)}"
    if origin.provenance == "injected":
        line.append((f"◆ injected (the model {own})", "injected"))
    elif origin.provenance == "healed":
        line.append((f"✚ healed (the model {own})", "healed"))
    else:
        line.append(("● its own", "dim"))
    if record.basis == origin.truth:
        return [*line, (f", the true {apart.word} there", "dim")]
    return [*line, (f"; the true {apart.word} there was {whole(origin.truth)}", "dim")]


def why_line(apart: TurnDetail) -> Line:
    """The likeliest slip and its rival; nothing for a correct turn."""
    suspects = apart.diagnosis
    if not suspects or apart.record.outcome == "failed":
        return []
    first = suspects[0]
    line: Line = [("likeliest: ", "dim"), (visible(first.words, limit=60), "wrong")]
    line.append((f" {percent(first.weight)}", "strong"))
    line.append((f" — {visible(first.detail, limit=160)}", "plain"))
    if len(suspects) > 1 and suspects[1].weight >= 0.15:
        rival = suspects[1]
        line.append((f" · or {visible(rival.words, limit=60)} {percent(rival.weight)}", "dim"))
    return line


def controls_words(controls: Controls) -> str:
    """Everything that is set, for the title and the numbers."""
    parts: list[str] = [controls.mode]
    if controls.injection.active:
        parts.append(controls.injection.words())
    if controls.pruning.active:
        parts.append(controls.pruning.words())
    if controls.votes > 1:
        parts.append(f"{controls.votes} votes")
    if controls.verify:
        parts.append("self-verification")
    for name, value in (("temperature", controls.temperature), ("top-p", controls.top_p)):
        if value is not None:
            parts.append(f"{name} {value:g}")
    return " · ".join(parts)


def model_name(name: str) -> str:
    """A model's name, always with the word *simulated* where it is one."""
    shown = visible(name, limit=60)
    return f"{shown} (simulated)" if name.startswith("sim/") else shown
