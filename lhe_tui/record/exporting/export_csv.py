"""A session as CSV: one row per sample and turn, for spreadsheets and data frames. The columns are a contract."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lhe_tui.engine.cases import wrong_cases
from lhe_tui.task.diagnosis.diagnose import diagnose
from lhe_tui.text.visible import visible

if TYPE_CHECKING:
    from lhe_tui.engine.state import RunState, TurnRecord
    from lhe_tui.task.diagnosis.diagnose import Suspect

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "session": "identifier of the session",
        "sample": "sample, from 1",
        "turn": "turn, from 1",
        "model": "model asked at this turn",
        "mode": "answer mode: direct, cot or thinking",
        "keys": "the turn's keys, a JSON list",
        "values": "their values, a JSON list",
        "basis": "running sum that the shown history implies before the turn; empty: none",
        "expected": "turn-correct answer",
        "truth": "true running sum",
        "answer": "number read from the reply; empty: none",
        "outcome": "correct, wrong, no_answer, not_a_number, truncated, refused or failed",
        "turn_correct": "1 where the answer is the expected one; empty where the turn is not counted",
        "absolute_correct": "1 where the answer is the true running sum; empty where not counted",
        "task_correct": "1 where every turn up to here was absolutely correct; empty where not counted",
        "edited": "1 where the answer was given and is not the model's: such turns are not counted",
        "slip": "likeliest slip of a turn that is not correct",
        "slip_weight": "its weight among all slips that explain the answer, 0 to 1",
        "injection_rate": "rate of corrupted answers asked for",
        "injection_base": "own or truth",
        "pruning": "pruning policy",
        "shown_turns": "past turns in the request",
        "wrong_states": "shown answers that are not the true sum",
        "transitions": "shown transitions that can be judged",
        "wrong_transitions": "those that do not follow from the answer before",
        "prompt_tokens": "as the server told; empty: not told",
        "completion_tokens": "as the server told",
        "reasoning_tokens": "as the server told",
        "cost": "US dollars, where the provider told",
        "first_token": "seconds to the first piece of the reply",
        "latency": "seconds to the end of the reply",
        "at": "seconds since the run's start",
        "retries": "requests that brought no answer before this one",
        "finish": "stop, length, content_filter or failed",
        "reply": "the reply, made visible",
        "reasoning": "the reasoning channel, made visible",
        "error": "why no reply came, made visible",
    }
)
"""What each column holds. Flags are 1 and 0; an empty cell is a value that does not exist."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
Cell = str | int | float | None


def csv_text(state: RunState) -> str:
    """The whole file: a line of column names, then the turns by sample and turn (RFC 4180, UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number in range(1, len(state.samples) + 1):
        for row in _rows(state, number):
            writer.writerow(["" if cell is None else cell for cell in row])
    return out.getvalue()


def text_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@` (and before another).

    Control and reordering characters are shown as pictures and numbers; newlines stay.
    """
    shown = visible(text, multiline=True)
    return "'" + shown if shown.lstrip().startswith(_FORMULA) else shown


def _rows(state: RunState, sample: int) -> Iterator[list[Cell]]:
    slips = {record.turn: diagnose(case) for record, case in wrong_cases(state, sample)}
    for record in state.samples[sample - 1].turns:
        yield _row(state, sample, record, slips.get(record.turn, ()))


def _row(state: RunState, sample: int, record: TurnRecord, suspects: tuple[Suspect, ...]) -> list[Cell]:
    event, view, controls = record.event, record.view, state.controls_at(record.turn)
    counted = record.outcome != "failed" and not event.edited
    likeliest = suspects[0] if suspects and counted else None
    return [
        text_cell(state.header.session),
        sample,
        record.turn,
        text_cell(controls.model),
        controls.mode,
        text_cell(json.dumps(state.task.keys(sample, record.turn), ensure_ascii=False)),
        json.dumps(state.task.values(sample, record.turn)),
        record.basis,
        record.expected,
        record.truth,
        record.number,
        record.outcome,
        int(record.outcome == "correct") if counted else None,
        int(record.absolute) if counted else None,
        int(record.task) if counted else None,
        int(event.edited),
        likeliest.slip if likeliest else None,
        round(likeliest.weight, 6) if likeliest else None,
        controls.injection.rate,
        controls.injection.base,
        str(controls.pruning),
        view.shown_turns,
        view.wrong_states,
        view.transitions,
        view.wrong_transitions,
        event.prompt_tokens,
        event.completion_tokens,
        event.reasoning_tokens,
        event.cost,
        event.first_token,
        event.latency,
        event.at,
        len(event.attempts),
        event.finish,
        text_cell(event.reply),
        text_cell(event.reasoning),
        text_cell(event.error),
    ]
