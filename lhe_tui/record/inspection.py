"""One turn taken apart: the request exactly as sent, the working, the reply and its diagnosis (`inspect --json`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.requests import build_request, pruned_turns
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.engine.untidy_replies import lenient_of
from lhe_tui.record.annotations import annotations_of
from lhe_tui.record.codec import controls_document
from lhe_tui.record.curl import NoRequest, curl_line
from lhe_tui.task.answers import set_reasoning_aside


def inspect_turn(state: RunState, sample: int, turn: int) -> dict[str, Any]:
    """All that is known of one finished turn (sample and turn from 1). Raises LookupError where there is none."""
    record = state.record(sample, turn)
    if record is None:
        raise LookupError(f"sample {sample} has no finished turn {turn}")
    return {**_question(state, sample, record), **_reply(state, sample, record)}


def _question(state: RunState, sample: int, record: TurnRecord) -> dict[str, Any]:
    """What was asked and shown, what was expected, and what the answer was worth."""
    turn, lenient = record.turn, lenient_of(state, record)
    return {
        "sample": sample,
        "turn": turn,
        "keys": list(state.task.keys(sample, turn)),
        "values": list(state.task.values(sample, turn)),
        "partials": state.task.partials(sample, turn, record.basis),
        "basis": record.basis,
        "expected": record.expected,
        "truth": record.truth,
        "answer": record.number,
        "outcome": record.verdict,
        "lenient": lenient._asdict() if lenient else None,
        "absolute_correct": record.absolute,
        "task_correct": record.task,
        "request": [
            {"role": role, "content": content, "provenance": provenance, "turn": of_turn}
            for role, content, provenance, of_turn in build_request(state, sample, turn)
        ],
        "pruned_turns": pruned_turns(state, sample, turn),
        "curl": _curl(state, sample, turn),
        "shown": {
            "turns": record.view.shown_turns,
            "wrong_states": record.view.wrong_states,
            "transitions": record.view.transitions,
            "wrong_transitions": record.view.wrong_transitions,
        },
    }


def _reply(state: RunState, sample: int, record: TurnRecord) -> dict[str, Any]:
    """What came back, how, and what probably went wrong in it."""
    event, turn = record.event, record.turn
    return {
        "reply": event.reply,
        "stored": record.content,
        "reasoning": reasoning_of(record),
        "diagnosis": [
            {"slip": suspect.slip, "weight": suspect.weight, "detail": suspect.detail}
            for suspect in diagnosis_of(state, sample, turn)
        ],
        "slip": event.slip,
        "notes": [asdict(note) for note in annotations_of(state.notes).of(sample, turn)],
        "controls": controls_document(state.controls_at(turn)),
        "finish": event.finish,
        "finish_word": event.finish_word,
        "error": event.error,
        "edited": event.edited,
        "ballots": list(event.ballots),
        "draft": event.draft,
        "attempts": [asdict(attempt) for attempt in event.attempts],
        "tokens": {
            "prompt": event.prompt_tokens,
            "completion": event.completion_tokens,
            "reasoning": event.reasoning_tokens,
            "cached": event.cached_tokens,
        },
        "cost": event.cost,
        "at": event.at,
        "first_token": event.first_token,
        "latency": event.latency,
    }


def _curl(state: RunState, sample: int, turn: int) -> str | None:
    """The command that asks the request again; None where no server was asked."""
    try:
        return curl_line(state, sample, turn)
    except NoRequest:
        return None


def reasoning_of(record: TurnRecord) -> str:
    """The reasoning channel, and what stood in `<think>` blocks of the reply."""
    aside = set_reasoning_aside(record.event.reply)[1]
    return "\n".join(part for part in (record.event.reasoning, aside) if part)
