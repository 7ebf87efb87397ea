"""A session as a log of inspect_ai, in the shape of lighteval's long-horizon task (the extra `inspect`).

Each model call of the log holds its turn's own message; the conversation stands in the sample's messages as the model
answered it, before any injection or pruning, which the metadata names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.record.annotations import annotations_of
from lhe_tui.record.codec import controls_document
from lhe_tui.record.errors import ExportError
from lhe_tui.record.importing.inspect_import import right_by_its_scorer
from lhe_tui.record.importing.inspect_logs import LoggedReply, LoggedSample
from lhe_tui.task.prompts import shown_keys

_TASK: Final = "long_horizon_execution"
_SCORER: Final = "lhe-tui"
_STOPS: Final = {"length": "max_tokens", "content_filter": "content_filter"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def inspect_log_data(state: RunState) -> bytes:
    """The bytes of an `.eval` file. Raises ExportError where inspect_ai is missing, or the task is none of its."""
    if state.spec.variant != "dict-sum":
        raise ExportError(
            f"a log of lighteval's task holds dict-sum, and this session ran {state.spec.variant}"
        )
    try:
        logs = import_module("inspect_ai.log")
    except ImportError:
        raise ExportError("a log is written by inspect_ai: pip install 'lhe-tui[inspect]'") from None
    log = logs.EvalLog.model_validate(_clean(_document(state)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.eval"
        logs.write_eval_log(log, str(path), "eval")
        return path.read_bytes()


def _document(state: RunState) -> dict[str, Any]:
    header, spec = state.header, state.spec
    controls = header.controls
    samples = [_sample(state, number) for number in range(1, spec.samples + 1)]
    names = ("temperature", "top_p", "max_tokens")
    return {
        "version": 2,
        "status": "success" if state.status == "completed" else "cancelled",
        "eval": {
            "created": _moment(header.created).isoformat(),
            "run_id": header.session,
            "eval_id": header.session,
            "task": _TASK,
            "dataset": {"name": spec.variant, "samples": spec.samples},
            "model": controls.model,
            "model_generate_config": {name: getattr(controls, name) for name in names},
            "config": {},
            "metadata": {
                "written_by": "lhe-tui",
                "simulated": header.simulated,
                "title": annotations_of(state.notes).title,
                "controls": controls_document(controls),
                "changes": [[change.turn, list(change.change)] for change in state.changes],
                "turn_complexity": spec.turn_complexity,
            },
        },
        "results": _results([sample["scores"][_SCORER]["value"] for sample in samples]),
        "samples": samples,
    }


def _results(values: Sequence[dict[str, float]]) -> dict[str, Any]:
    scores = []
    for name in values[0]:
        told = [value[name] for value in values if not math.isnan(value[name])]
        mean = sum(told) / len(told) if told else math.nan
        spread = sum((value - mean) ** 2 for value in told) / (len(told) - 1) if len(told) > 1 else math.nan
        figures = {"mean": mean, "stderr": math.sqrt(spread / len(told)) if told else math.nan}
        metrics = {key: {"name": key, "value": value} for key, value in figures.items()}
        scores.append({"name": name, "scorer": _SCORER, "metrics": metrics})
    return {"total_samples": len(values), "completed_samples": len(values), "scores": scores}


def _sample(state: RunState, number: int) -> dict[str, Any]:
    spec, task, sample = state.spec, state.task, state.samples[number - 1]
    chunks = tuple(tuple(task.keys(number, turn)) for turn in range(1, spec.turns + 1))
    answered = [record for record in sample.turns if record.outcome != "failed"]
    replies = tuple(LoggedReply(record.event.reply) for record in answered)
    values = {key: value for key, value in task.dictionary.items() if isinstance(value, int)}
    logged = LoggedSample(chunks, values, replies, None)
    scored = [record for record in answered if not record.event.edited]
    whole = len(replies) == len(chunks)
    value = {
        "fractional_accuracy": sum(right_by_its_scorer(logged)) / len(chunks) if whole else 0.0,
        "turn_accuracy": _share([record.outcome == "correct" for record in scored]),
        "absolute_accuracy": _share([record.absolute for record in scored]),
    }
    failed = sample.turns[-1].event.error if sample.failed else ""
    system = state.header.template.system_message(task, state.header.controls.mode)
    return {
        "id": state.header.sample_id(number),
        "epoch": 1 + state.header.replicate(number),
        "input": _asked(state, number, 1),
        "target": str(task.truths(number)[-1]),
        "messages": [{"role": "system", "content": system}, *_messages(state, number, answered)],
        "output": _output(state, answered[-1]) if answered else {"model": state.header.controls.model},
        "scores": {_SCORER: {"value": value, "answer": answered[-1].event.reply if answered else ""}},
        "metadata": {
            "turn_chunks": chunks,
            "dictionary": values,
            "expected_per_turn": list(task.truths(number)),
            "all_turn_outputs": [reply.text for reply in replies],
            "edited_turns": [record.turn for record in answered if record.event.edited],
            "outcomes": [record.outcome for record in sample.turns],
        },
        "events": [_call(state, number, record) for record in answered],
        "error": {"message": failed, "traceback": "", "traceback_ansi": ""} if failed else None,
    }


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else math.nan


def _asked(state: RunState, number: int, turn: int) -> str:
    return state.header.template.user_message(shown_keys(state.task, number, turn))


def _messages(state: RunState, number: int, answered: Sequence[TurnRecord]) -> Iterator[dict[str, Any]]:
    for record in answered:
        yield {"role": "user", "content": _asked(state, number, record.turn)}
        yield _reply(record)


def _reply(record: TurnRecord) -> dict[str, Any]:
    thought = record.event.reasoning
    parts = [{"type": "reasoning", "reasoning": thought}] if thought else []
    return {"role": "assistant", "content": [*parts, {"type": "text", "text": record.event.reply}]}


def _output(state: RunState, record: TurnRecord) -> dict[str, Any]:
    event = record.event
    asked, replied = event.prompt_tokens or 0, event.completion_tokens or 0
    usage = {"input_tokens": asked, "output_tokens": replied, "total_tokens": asked + replied}
    if event.reasoning_tokens is not None:
        usage["reasoning_tokens"] = event.reasoning_tokens
    told = event.prompt_tokens is not None or event.completion_tokens is not None
    stop = _STOPS.get(event.finish, "stop")
    return {
        "model": state.controls_at(record.turn).model,
        "choices": [{"message": _reply(record), "stop_reason": stop}],
        "usage": usage if told else None,
        "time": event.latency,
    }


def _call(state: RunState, number: int, record: TurnRecord) -> dict[str, Any]:
    output = _output(state, record)
    at = _moment(state.header.created) + timedelta(seconds=min(record.event.at, 1e9))
    return {
        "event": "model",
        "model": output["model"],
        "timestamp": at.isoformat(),
        "input": [{"role": "user", "content": _asked(state, number, record.turn)}],
        "tools": [],
        "tool_choice": "none",
        "config": {},
        "output": output,
    }


def _moment(stamp: str) -> datetime:
    """A time as the header tells it; the beginning of all times where it is none."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return _EPOCH
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _clean(value: Any) -> Any:
    """The value without halves of surrogate pairs, which no JSON of that package can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
