"""Reading what the published harness writes: eval_step_results.json and experiment_results.json.

Every list in the second is Python text inside JSON. What is read here is checked for its form; whether its numbers are
right is the importer's question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from lhe_tui.record import fields
from lhe_tui.record.errors import CodecError
from lhe_tui.record.importing.python_literals import LiteralError, find_table, read_literal
from lhe_tui.record.json_text import load
from lhe_tui.record.validation import shown

EVAL_NAME = "eval_step_results.json"
EXPERIMENT_NAME = "experiment_results.json"
NO_REPLY = "No Answer"
"""What the harness keeps of a reply without a tag, and of a request that failed."""


@dataclass(frozen=True)
class Place:
    """One sample's turn as a file holds it; `claims` are its own (turn, absolute, task) correctness."""

    keys: tuple[str, ...]
    values: tuple[int, ...]
    reply: str
    measured: int
    claims: tuple[bool, bool, bool]


@dataclass(frozen=True)
class HarnessTurn:
    """One turn over all samples, with the file's own accuracies (turn, absolute, task)."""

    places: tuple[Place, ...]
    accuracies: tuple[float, float, float]
    filled: bool = False
    tokens: int | None = None
    ended: str | None = None
    """ISO 8601, local to the machine that ran it."""


@dataclass(frozen=True)
class Settings:
    """What experiment_results.json tells of a run; all of it may be missing."""

    model: Mapping[str, Any] = field(default_factory=dict)
    experiment: Mapping[str, Any] = field(default_factory=dict)
    common: Mapping[str, Any] = field(default_factory=dict)
    started: str | None = None
    system: str = ""
    """The system message with its dictionary; empty for single-turn runs."""
    user_lead: str = ""
    """What stands before the keys in every user message."""
    dictionary: Mapping[str, int] | None = None


def read_json(path: Path) -> Any:
    """A file's JSON. Raises CodecError."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        words = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise CodecError(f"cannot be read: {words}") from None
    try:
        return orjson.loads(data)
    except ValueError:
        return load(data)


# ---- eval_step_results.json


def read_eval(document: Mapping[str, Any]) -> list[HarnessTurn]:
    """The turns of eval_step_results.json; none for a single-turn run. Raises CodecError."""
    turns = [
        _read_step(step, number)
        for number, step in enumerate(fields.items(document, "step_logs", "the file"), 1)
    ]
    for number, turn in enumerate(turns, 1):
        if len(turn.places) != len(turns[0].places):
            raise CodecError(
                f"turn {number} holds {len(turn.places)} samples where the first holds {len(turns[0].places)}"
            )
    return turns


def _read_step(step: Any, number: int) -> HarnessTurn:
    where = f"turn {number}"
    if type(step) is not dict:
        raise CodecError(f"{where} should be a table, not {shown(step)}")
    if step.get("step") != number - 1:
        raise CodecError(f"{where} should hold step {number - 1}, not {shown(step.get('step'))}")
    metrics = fields.table(step, "aggregated_metrics", where)
    tokens = step.get("num_tokens_generated")
    instances = fields.items(step, "instances", where)
    if not instances:
        raise CodecError(f"{where} holds no instance")
    return HarnessTurn(
        tuple(
            _read_instance(one, f"{where}, sample {sample}", sample)
            for sample, one in enumerate(instances, 1)
        ),
        (
            fields.number(metrics, "step_accuracy", where),
            fields.number(metrics, "index_accuracy", where),
            fields.number(metrics, "prefix_accuracy", where),
        ),
        fields.flag(step, "filled_history", where, False),
        tokens if type(tokens) is int and 0 <= tokens <= fields.MAX_COUNT else None,
        _iso(step.get("timestamp")),
    )


def _read_instance(instance: Any, where: str, sample: int) -> Place:
    if type(instance) is not dict:
        raise CodecError(f"{where} should be a table, not {shown(instance)}")
    if instance.get("instance_id") != sample - 1:
        raise CodecError(
            f"{where} should hold instance_id {sample - 1}, not {shown(instance.get('instance_id'))}"
        )
    accuracies = fields.table(instance, "accuracies", where)
    return Place(
        tuple(texts(instance.get("input_given"), "input_given", where)),
        tuple(wholes(instance.get("input_values"), "input_values", where)),
        fields.text(instance, "raw_llm_output", where),
        fields.whole(instance, "expected_answer", where, -(10**18), 10**18),
        (
            fields.number(accuracies, "step_correct", where) == 1,
            fields.number(accuracies, "index_correct", where) == 1,
            fields.number(accuracies, "prefix_correct", where) == 1,
        ),
    )


# ---- experiment_results.json


def read_settings(document: Mapping[str, Any]) -> Settings:
    """The settings, the prompt and the dictionary of experiment_results.json. Raises CodecError."""
    outputs = fields.table(document, "detailed_experiment_outputs", "the file")
    info = _table_or_none(document, "run_info")
    model = _table_or_none(document, "model_parameters_used")
    single = model.get("multi_turn") is False
    start = outputs.get("start_template")
    prompts = _first_prompt(outputs.get("prompts"))
    keys = _first_keys(outputs)
    text = prompts[0] if single and prompts else start if type(start) is str else ""
    found = find_table(text, keys[0]) if keys else None
    lead = ""
    if not single and prompts:
        k = _table_or_none(document, "experiment_parameters_used").get("working_capacity", 1)
        shown = ", ".join(keys[: k if type(k) is int and k > 0 else 1])
        lead = prompts[0].removesuffix(shown) if prompts[0].endswith(shown) else ""
    return Settings(
        model=model,
        experiment=_table_or_none(document, "experiment_parameters_used"),
        common=_table_or_none(document, "common_settings_used"),
        started=_iso(info.get("run_timestamp")),
        system="" if single or type(start) is not str else start,
        user_lead=lead,
        dictionary=found,
    )


def read_saved(document: Mapping[str, Any]) -> list[HarnessTurn]:
    """The turns that experiment_results.json alone gives, scored by its own evaluator. Raises CodecError."""
    outputs = fields.table(document, "detailed_experiment_outputs", "the file")
    metrics = fields.table(outputs, "evaluation_metrics", "the file")
    results = fields.items(metrics, "per_instance_results", "the file")
    if not results:
        raise CodecError("per_instance_results holds no sample")
    k = fields.whole(
        _table_or_none(document, "experiment_parameters_used"), "working_capacity", "the file", 1, 10**9
    )
    multi = _table_or_none(document, "model_parameters_used").get("multi_turn") is not False
    raw = _as_list(outputs.get("llm_raw_outputs"), "llm_raw_outputs", "the file")
    samples = [
        _saved_sample(one, raw[number - 1] if number <= len(raw) else None, k, multi, f"sample {number}")
        for number, one in enumerate(results, 1)
    ]
    if len({len(sample) for sample in samples}) != 1:
        raise CodecError("the samples of per_instance_results have different lengths")
    curves = [saved_curve(document, name) for name in ("step", "index", "prefix")]
    if any(len(curve) != len(samples[0]) for curve in curves):
        raise CodecError(f"the accuracies per position should hold {len(samples[0])} numbers each")
    return [
        HarnessTurn(tuple(sample[turn] for sample in samples), (step, index, prefix))
        for turn, (step, index, prefix) in enumerate(zip(*curves, strict=True))
    ]


def saved_curve(document: Mapping[str, Any], name: str) -> list[float]:
    """One of the file's own accuracies per position: `step`, `index` or `prefix`. Raises CodecError."""
    label = f"avg_{name}_accuracy_per_position"
    values = _as_list(_table_or_none(document, "evaluation_summary").get(label), label, "the file")
    if not all(isinstance(value, int | float) and 0 <= value <= 1 for value in values):
        raise CodecError(f"{label} should hold numbers from 0 to 1")
    return [float(value) for value in values]


def _saved_sample(result: Any, raw: Any, k: int, multi: bool, where: str) -> list[Place]:
    if type(result) is not dict:
        raise CodecError(f"{where} should be a table, not {shown(result)}")
    keys = texts(result.get("input_keys"), "input_keys", where)
    values = wholes(result.get("input_values"), "input_values", where)
    if len(keys) != len(values):
        raise CodecError(f"{where}: input_values holds {len(values)} numbers for {len(keys)} keys")
    turns = -(-len(keys) // k)
    parsed = _as_list(result.get("parsed_llm_output"), "parsed_llm_output", where)
    truth = wholes(result.get("effective_ground_truth"), "effective_ground_truth", where)
    lists = [
        _as_list(result.get(f"{name}_correctness_list"), f"{name}_correctness_list", where)
        for name in ("step", "index", "prefix")
    ]
    if any(len(one) != turns for one in (parsed, truth, *lists)):
        raise CodecError(f"{where}: its lists should hold {turns} entries each")
    replies = _saved_replies(raw, parsed, multi)
    return [
        Place(
            tuple(keys[turn * k : (turn + 1) * k]),
            tuple(values[turn * k : (turn + 1) * k]),
            replies[turn],
            truth[turn],
            (lists[0][turn] == 1, lists[1][turn] == 1, lists[2][turn] == 1),
        )
        for turn in range(turns)
    ]


def _saved_replies(raw: Any, parsed: Sequence[Any], multi: bool) -> list[str]:
    """The replies where they can be told apart, else what the harness read in them."""
    pieces = raw.split("|") if multi and type(raw) is str else []
    if len(pieces) == len(parsed):
        return [piece.strip() for piece in pieces]
    return [f"<answer>{answer}</answer>" if type(answer) is int else _unread(answer) for answer in parsed]


def _unread(answer: Any) -> str:
    return "<answer>?</answer>" if answer == "<IncorrectFormat>" else NO_REPLY


# ---- parts


def texts(value: Any, name: str, where: str) -> list[str]:
    """A list of texts, also as Python text. Raises CodecError."""
    found = _as_list(value, name, where)
    if not found or not all(type(item) is str for item in found):
        raise CodecError(f"{where}: {name} should be a list of texts")
    return found


def wholes(value: Any, name: str, where: str) -> list[int]:
    """A list of whole numbers, also as Python text. Raises CodecError."""
    found = _as_list(value, name, where)
    if not all(type(item) is int and abs(item) <= 10**18 for item in found):
        raise CodecError(f"{where}: {name} should be a list of whole numbers")
    return found


def _as_list(value: Any, name: str, where: str) -> list[Any]:
    if type(value) is str:
        try:
            value = read_literal(value)
        except LiteralError as error:
            raise CodecError(f"{where}: {name} holds {error}") from None
    if type(value) is not list:
        raise fields.wrong(where, name, "a list", value)
    return value


def _table_or_none(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _first_prompt(prompts: Any) -> list[str]:
    """The messages of the first sample, as far as they can be read."""
    try:
        found = read_literal(prompts) if type(prompts) is str else prompts
        first = found[0] if type(found) is list and found else None
        messages = read_literal(first) if type(first) is str and first.startswith("[") else first
    except LiteralError:
        return []
    messages = [messages] if type(messages) is str else messages
    return [text for text in messages if type(text) is str] if type(messages) is list else []


def _first_keys(outputs: Mapping[str, Any]) -> list[str]:
    metrics = outputs.get("evaluation_metrics")
    results = metrics.get("per_instance_results") if isinstance(metrics, dict) else None
    if isinstance(results, list) and results and isinstance(results[0], dict):
        return texts(results[0].get("input_keys"), "input_keys", "sample 1")
    return []


def _iso(stamp: Any) -> str | None:
    """A time stamp of the harness as ISO 8601, or None where it is none."""
    if type(stamp) is not str or len(stamp) > 40:
        return None
    for form in ("%Y-%m-%d_%H-%M-%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(stamp, form).isoformat()
        except ValueError:
            continue
    return None
