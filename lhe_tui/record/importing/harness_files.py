"""Reading what the published harness writes: eval_step_results.json and experiment_results.json.

Every list in the second is Python text inside JSON. What is read here is checked for its form; whether its numbers are
right is the importer's question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from lhe_tui.engine.events import MAX_COUNT, Bounds, Flag
from lhe_tui.record.errors import CodecError
from lhe_tui.record.importing.python_literals import LiteralError, find_table, read_literal
from lhe_tui.record.json_text import loads
from lhe_tui.record.session_format import FileModel
from lhe_tui.record.text_file import FileError, read_bytes
from lhe_tui.record.validation import Keys, validated

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
        return loads(read_bytes(path))
    except FileError as error:
        raise CodecError(f"cannot be read: {error}") from None


# ---- the files' form


def _as_list(value: Any) -> Any:
    """A list that may be written down as Python text. Raises LiteralError."""
    return read_literal(value) if type(value) is str else value


_LISTED: Final = BeforeValidator(_as_list)
Whole = Annotated[int, Bounds(ge=-(10**18), le=10**18)]
Share = Annotated[float, Bounds(ge=0, le=1)]
Texts = Annotated[Keys, _LISTED]
Wholes = Annotated[tuple[Whole, ...], _LISTED]
Anything = Annotated[tuple[Any, ...], _LISTED]
Curve = Annotated[tuple[Share, ...], _LISTED]


class _Correct(FileModel):
    step_correct: Share
    index_correct: Share
    prefix_correct: Share

    def claims(self) -> tuple[bool, bool, bool]:
        return self.step_correct == 1, self.index_correct == 1, self.prefix_correct == 1


class _Instance(FileModel):
    instance_id: Whole
    input_given: Texts
    input_values: Wholes
    raw_llm_output: str
    expected_answer: Whole
    accuracies: _Correct


class _Metrics(FileModel):
    step_accuracy: Share
    index_accuracy: Share
    prefix_accuracy: Share


class _Step(FileModel):
    step: Whole
    aggregated_metrics: _Metrics
    instances: tuple[_Instance, ...] = Field(min_length=1)
    filled_history: Flag = False
    num_tokens_generated: Any = None
    timestamp: Any = None


class _EvalFile(FileModel):
    step_logs: tuple[_Step, ...]


class _Result(FileModel):
    input_keys: Texts
    input_values: Wholes
    parsed_llm_output: Anything
    effective_ground_truth: Wholes
    step_correctness_list: Anything
    index_correctness_list: Anything
    prefix_correctness_list: Anything


class _Evaluation(FileModel):
    per_instance_results: tuple[_Result, ...] = Field(min_length=1)


class _Outputs(FileModel):
    evaluation_metrics: _Evaluation
    llm_raw_outputs: Anything


class _Parameters(FileModel):
    working_capacity: Annotated[int, Bounds(ge=1, le=10**9)]


class _ExperimentFile(FileModel):
    detailed_experiment_outputs: _Outputs
    experiment_parameters_used: _Parameters


# ---- eval_step_results.json


def read_eval(document: Mapping[str, Any]) -> list[HarnessTurn]:
    """The turns of eval_step_results.json; none for a single-turn run. Raises CodecError."""
    turns = []
    for number, step in enumerate(validated(_EvalFile, document).step_logs, 1):
        if step.step != number - 1:
            raise CodecError(f"turn {number} should hold step {number - 1}, not {step.step}")
        for sample, instance in enumerate(step.instances, 1):
            if instance.instance_id != sample - 1:
                raise CodecError(
                    f"turn {number}, sample {sample} should hold instance_id {sample - 1}, "
                    f"not {instance.instance_id}"
                )
        turns.append(_turn_of(step))
        if len(step.instances) != len(turns[0].places):
            raise CodecError(
                f"turn {number} holds {len(step.instances)} samples where the first holds {len(turns[0].places)}"
            )
    return turns


def _turn_of(step: _Step) -> HarnessTurn:
    metrics, tokens = step.aggregated_metrics, step.num_tokens_generated
    return HarnessTurn(
        tuple(
            Place(
                one.input_given,
                one.input_values,
                one.raw_llm_output,
                one.expected_answer,
                one.accuracies.claims(),
            )
            for one in step.instances
        ),
        (metrics.step_accuracy, metrics.index_accuracy, metrics.prefix_accuracy),
        step.filled_history,
        tokens if type(tokens) is int and 0 <= tokens <= MAX_COUNT else None,
        _iso(step.timestamp),
    )


# ---- experiment_results.json


def read_settings(document: Mapping[str, Any]) -> Settings:
    """The settings, the prompt and the dictionary of experiment_results.json. Raises CodecError."""
    outputs = _table_or_none(document, "detailed_experiment_outputs")
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
    file = validated(_ExperimentFile, document)
    outputs, k = file.detailed_experiment_outputs, file.experiment_parameters_used.working_capacity
    multi = _table_or_none(document, "model_parameters_used").get("multi_turn") is not False
    raw = [*outputs.llm_raw_outputs, *[None] * len(outputs.evaluation_metrics.per_instance_results)]
    samples = [
        _saved_sample(result, raw[number - 1], k, multi, f"sample {number}")
        for number, result in enumerate(outputs.evaluation_metrics.per_instance_results, 1)
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


def saved_curve(document: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """One of the file's own accuracies per position: `step`, `index` or `prefix`. Raises CodecError."""
    label = f"avg_{name}_accuracy_per_position"
    return validated(Curve, _table_or_none(document, "evaluation_summary").get(label), label)


def _saved_sample(result: _Result, raw: Any, k: int, multi: bool, where: str) -> list[Place]:
    keys, values = result.input_keys, result.input_values
    if len(keys) != len(values):
        raise CodecError(f"{where}: input_values holds {len(values)} numbers for {len(keys)} keys")
    turns = -(-len(keys) // k)
    parsed, truth = result.parsed_llm_output, result.effective_ground_truth
    lists = (result.step_correctness_list, result.index_correctness_list, result.prefix_correctness_list)
    if any(len(one) != turns for one in (parsed, truth, *lists)):
        raise CodecError(f"{where}: its lists should hold {turns} entries each")
    replies = _saved_replies(raw, parsed, multi)
    return [
        Place(
            keys[turn * k : (turn + 1) * k],
            values[turn * k : (turn + 1) * k],
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


def _first_keys(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    results = _table_or_none(outputs, "evaluation_metrics").get("per_instance_results")
    if isinstance(results, list) and results and isinstance(results[0], dict):
        return validated(Texts, results[0].get("input_keys"), "sample 1: input_keys")
    return ()


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
