"""Sessions as CSV: one row per sample and turn, for spreadsheets and data frames. The columns are a contract."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lhe_tui.engine.cases import wrong_cases
from lhe_tui.task.diagnosis.diagnose import diagnose
from lhe_tui.text.visible import visible

if TYPE_CHECKING:
    from lhe_tui.engine.state import RunState, TurnRecord
    from lhe_tui.task.diagnosis.diagnose import Suspect


class Column(NamedTuple):
    """What a column holds, and its type in Parquet."""

    meaning: str
    type: str = "string"


COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "session": Column("identifier of the session"),
        "sample": Column("sample, from 1", "int64"),
        "turn": Column("turn, from 1", "int64"),
        "model": Column("model asked at this turn"),
        "mode": Column("answer mode: direct, cot or thinking"),
        "keys": Column("the turn's keys, a JSON list", "list<string>"),
        "values": Column("their values, a JSON list", "list<int64>"),
        "basis": Column("running sum that the shown history implies before the turn; empty: none", "int64"),
        "expected": Column("turn-correct answer", "int64"),
        "truth": Column("true running sum", "int64"),
        "answer": Column("number read from the reply; empty: none", "int64"),
        "outcome": Column("correct, wrong, no_answer, not_a_number, truncated, refused or failed"),
        "turn_correct": Column(
            "1 where the answer is the expected one; empty where the turn is not counted", "bool"
        ),
        "absolute_correct": Column(
            "1 where the answer is the true running sum; empty where not counted", "bool"
        ),
        "task_correct": Column(
            "1 where every turn up to here was absolutely correct; empty where not counted", "bool"
        ),
        "edited": Column(
            "1 where the answer was given and is not the model's: such turns are not counted", "bool"
        ),
        "slip": Column("likeliest slip of a turn that is not correct"),
        "slip_weight": Column("its weight among all slips that explain the answer, 0 to 1", "double"),
        "injection_rate": Column("rate of corrupted answers asked for", "double"),
        "injection_base": Column("own or truth"),
        "pruning": Column("pruning policy"),
        "shown_turns": Column("past turns in the request", "int64"),
        "wrong_states": Column("shown answers that are not the true sum", "int64"),
        "transitions": Column("shown transitions that can be judged", "int64"),
        "wrong_transitions": Column("those that do not follow from the answer before", "int64"),
        "prompt_tokens": Column("as the server told; empty: not told", "int64"),
        "completion_tokens": Column("as the server told", "int64"),
        "reasoning_tokens": Column("as the server told", "int64"),
        "cost": Column("US dollars, where the provider told", "double"),
        "first_token": Column("seconds to the first piece of the reply", "double"),
        "latency": Column("seconds to the end of the reply", "double"),
        "at": Column("seconds since the run's start", "double"),
        "retries": Column("requests that brought no answer before this one", "int64"),
        "finish": Column("stop, length, content_filter or failed"),
        "reply": Column("the reply, made visible"),
        "reasoning": Column("the reasoning channel, made visible"),
        "error": Column("why no reply came, made visible"),
        "cell": Column("cell of the experiment; empty: a session by itself"),
    }
)
"""What each column holds. Flags are 1 and 0; an empty cell is a value that does not exist."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
Cell: TypeAlias = "str | int | float | tuple[Cell, ...] | None"
Named = tuple[str, "RunState"]
"""A session, after the name of its cell in an experiment; empty: it is no cell."""


def csv_text(sessions: Iterable[Named]) -> str:
    """The whole file: a line of column names, then the turns by sample and turn (RFC 4180, UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_csv_cell, row) for row in turn_rows(sessions))
    return out.getvalue()


def turn_rows(sessions: Iterable[Named]) -> Iterator[tuple[Cell, ...]]:
    """Every turn of every session as plain values in the order of COLUMNS."""
    for name, state in sessions:
        for number, sample in enumerate(state.samples, 1):
            slips = {record.turn: diagnose(case) for record, case in wrong_cases(state, number)}
            for record in sample.turns:
                yield (*_row(state, number, record, slips.get(record.turn, ())), name or None)


def _csv_cell(value: Cell) -> str | int | float:
    if isinstance(value, tuple):
        return text_cell(json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool):
        return int(value)
    return "" if value is None else text_cell(value) if isinstance(value, str) else value


def text_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@` (and before another).

    Control and reordering characters are shown as pictures and numbers; newlines stay.
    """
    shown = visible(text, multiline=True)
    return "'" + shown if shown.lstrip().startswith(_FORMULA) else shown


def _row(state: RunState, sample: int, record: TurnRecord, suspects: tuple[Suspect, ...]) -> tuple[Cell, ...]:
    event, view, controls = record.event, record.view, state.controls_at(record.turn)
    counted = record.outcome != "failed" and not event.edited
    likeliest = suspects[0] if suspects and counted else None
    return (
        state.header.session,
        sample,
        record.turn,
        controls.model,
        controls.mode,
        tuple(state.task.keys(sample, record.turn)),
        tuple(state.task.values(sample, record.turn)),
        record.basis,
        record.expected,
        record.truth,
        record.number,
        record.outcome,
        record.outcome == "correct" if counted else None,
        record.absolute if counted else None,
        record.task if counted else None,
        event.edited,
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
        event.reply,
        event.reasoning,
        event.error,
    )
