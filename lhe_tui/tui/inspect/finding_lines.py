"""The inspector's right side: diagnosis, working, reply and numbers of a turn, as lines."""

from __future__ import annotations

from dataclasses import dataclass

from lhe_tui.record.annotations import annotations_of, note_words
from lhe_tui.task.diagnosis.diagnose import Suspect
from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible
from lhe_tui.tui.turn.reply_lines import reply_section
from lhe_tui.tui.turn.run_words import whole
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.verdict_words import controls_words, model_name
from lhe_tui.tui.turn.working_table import working_section
from lhe_tui.tui.widgets.piece_lines import Line, bar, heading, marked, percent, wrap

SUSPECTS_SHOWN = 6
BAR_WIDTH = 12


@dataclass(frozen=True)
class Folds:
    """What is unfolded: the raw reply instead of the stored one, the reasoning, and how much of long texts."""

    raw: bool = False
    reasoning: bool = False
    most: int = 6_000
    """Characters of a reply or its reasoning that are shown."""


def findings(apart: TurnDetail, width: int, folds: Folds, query: str = "") -> list[Line]:
    """All sections at a width."""
    lines = [
        *_notes_section(apart, width),
        *diagnosis_section(apart, width),
        *working_section(apart, width),
        *reply_section(apart, width, raw=folds.raw, unfolded=folds.reasoning, most=folds.most),
        *_view_section(apart, width),
        *_numbers_section(apart, width),
    ]
    return [marked(line, query) for line in lines] if query else lines


def _notes_section(apart: TurnDetail, width: int) -> list[Line]:
    """What people wrote about the turn or its sample; nothing where nobody did."""
    notes = annotations_of(apart.state.notes).of(apart.sample, apart.turn)
    lines = [heading("notes", width)] if notes else []
    for note in notes:
        lines += wrap([(f" ◆ {visible(note_words(note), limit=2000)}", "change")], width, indent=3)
    return [*lines, []] if lines else []


def diagnosis_section(apart: TurnDetail, width: int) -> list[Line]:
    """The slips that explain the turn, each with its weight as a bar; nothing for a correct turn."""
    suspects = apart.diagnosis
    if not suspects:
        return []
    shown = suspects[:SUSPECTS_SHOWN] if len(suspects) > SUSPECTS_SHOWN + 1 else suspects
    lines = [
        heading("why: diagnosis", width, f"{len(suspects)} fit" if len(suspects) > 1 else "nothing else fits")
    ]
    for number, suspect in enumerate(shown):
        lines += _suspect_lines(suspect, width, first=number == 0)
    rest = suspects[len(shown) :]
    if rest:
        names = ", ".join(suspect.words for suspect in rest)
        weight = percent(sum(suspect.weight for suspect in rest))
        lines += wrap([(f" {weight:>5}  others: {visible(names, limit=200)}", "dim")], width, indent=8)
    lines += _confession(apart, width)
    return [*lines, []]


def _suspect_lines(suspect: Suspect, width: int, *, first: bool) -> list[Line]:
    ink = "wrong" if first else "dim"
    line: Line = [
        (f" {percent(suspect.weight):>5} ", "strong" if first else "dim"),
        (bar(suspect.weight, BAR_WIDTH) + " ", "wrong" if first else "odd"),
        (visible(suspect.words, limit=60), "wrong" if ink == "wrong" else "strong"),
        ("  " + visible(suspect.detail, limit=400), "plain" if first else "dim"),
    ]
    return wrap(line, width, indent=8 + BAR_WIDTH)


def _confession(apart: TurnDetail, width: int) -> list[Line]:
    """What a simulated model recorded that it did."""
    slip = apart.record.event.slip
    if slip is None:
        return []
    words = SLIP_WORDS.get(slip, slip)
    suspects = apart.diagnosis
    agrees = bool(suspects) and suspects[0].slip == slip
    sign = "= the likeliest" if agrees else "≠ the likeliest"
    said = f" ◌ the simulated model says it did: {visible(words, limit=60)} ({sign})"
    return wrap([(said, "change")], width, indent=3)


def _view_section(apart: TurnDetail, width: int) -> list[Line]:
    if apart.turn == 1 or apart.state.task.stateless:
        return []
    view = apart.record.view
    lines = [heading("what was in view", width)]
    shown = f" {view.shown_turns:,} of {apart.turn - 1:,} past turns shown"
    lines.append([(shown, "plain"), (f" · {len(apart.pruned):,} pruned" if apart.pruned else "", "injected")])
    if view.shown_turns:
        states = percent(view.wrong_states / view.shown_turns)
        lines.append([(f" {view.wrong_states:,} wrong states shown ({states})", "plain")])
    if view.transitions:
        wrong = percent(view.wrong_transitions / view.transitions)
        lines.append(
            [(f" {view.wrong_transitions:,} wrong transitions of {view.transitions:,} ({wrong})", "plain")]
        )
    return [*lines, []]


def _numbers_section(apart: TurnDetail, width: int) -> list[Line]:
    event = apart.record.event
    lines = [heading("numbers", width)]
    rows = [
        ("model", model_name(apart.controls.model)),
        ("controls", controls_words(apart.controls)),
        ("tokens", _tokens(apart)),
        ("time", _times(apart)),
        ("ended by", event.finish.replace("_", " ")),
    ]
    if event.cost is not None:
        rows.append(("cost", f"${event.cost:.6g}"))
    if event.error:
        rows.append(("error", visible(event.error, limit=500)))
    for name, text in rows:
        if text:
            lines += wrap([(f" {name:<10}", "dim"), (text, "plain")], width, indent=11)
    for number, attempt in enumerate(event.attempts, 1):
        said = f"{attempt.kind}: {visible(attempt.message, limit=300)}; waited {attempt.wait:.2g} s"
        lines += wrap([(f" retry {number:<4}", "injected"), (said, "plain")], width, indent=11)
    return lines


def _tokens(apart: TurnDetail) -> str:
    event = apart.record.event
    told = [
        ("prompt", event.prompt_tokens),
        ("reply", event.completion_tokens),
        ("reasoning", event.reasoning_tokens),
    ]
    return " · ".join(f"{whole(count)} {name}" for name, count in told if count is not None) or "not told"


def _times(apart: TurnDetail) -> str:
    event = apart.record.event
    first = "" if event.first_token is None else f" · first token {duration(event.first_token)}"
    retries = f" · {counted(len(event.attempts), 'retry', 'retries')}" if event.attempts else " · no retry"
    return f"{duration(event.latency)}{first}{retries} · {event.at:.1f} s into the run"


def duration(seconds: float) -> str:
    """`<1 ms`, `49 ms`, `1.23 s`."""
    if seconds < 0.001:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
