"""One turn taken apart: the request exactly as sent, the working, the reply and its diagnosis (`inspect --json`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.requests import pruned_turns, request_of
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.record.codec import controls_document
from lhe_tui.task.answers import set_reasoning_aside
from lhe_tui.task.messages import Message

__all__ = ["inspect_turn", "reasoning_of", "rebuild_request"]


def rebuild_request(state: RunState, sample: int, turn: int) -> list[Message]:
    """The messages of a turn's request, exactly as sent. Costs O(turn)."""
    return request_of(state, sample, turn)


def inspect_turn(state: RunState, sample: int, turn: int) -> dict[str, Any]:
    """All that is known of one finished turn (sample and turn from 1). Raises LookupError where there is none."""
    record = state.record(sample, turn)
    if record is None:
        raise LookupError(f"sample {sample} has no finished turn {turn}")
    event, controls = record.event, state.controls_at(turn)
    return {
        "sample": sample,
        "turn": turn,
        "keys": list(state.task.keys(sample, turn)),
        "values": list(state.task.values(sample, turn)),
        "basis": record.basis,
        "expected": record.expected,
        "truth": record.truth,
        "answer": record.number,
        "outcome": record.outcome,
        "absolute_correct": record.absolute,
        "task_correct": record.task,
        "request": [
            {"role": role, "content": content, "provenance": provenance, "turn": of_turn}
            for role, content, provenance, of_turn in rebuild_request(state, sample, turn)
        ],
        "pruned_turns": pruned_turns(state, sample, turn),
        "shown": {
            "turns": record.view.shown_turns,
            "wrong_states": record.view.wrong_states,
            "transitions": record.view.transitions,
            "wrong_transitions": record.view.wrong_transitions,
        },
        "reply": event.reply,
        "stored": record.content,
        "reasoning": reasoning_of(record),
        "diagnosis": [
            {"slip": suspect.slip, "weight": suspect.weight, "detail": suspect.detail}
            for suspect in diagnosis_of(state, sample, turn)
        ],
        "slip": event.slip,
        "controls": controls_document(controls),
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


def reasoning_of(record: TurnRecord) -> str:
    """The reasoning channel, and what stood in `<think>` blocks of the reply."""
    aside = set_reasoning_aside(record.event.reply)[1]
    return "\n".join(part for part in (record.event.reasoning, aside) if part)
