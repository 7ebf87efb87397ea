"""Reading inspect_ai's logs of lighteval's long-horizon task, with inspect_ai's own reader (the extra `inspect`).

What a log holds is checked for its form here; what it means is the importer's question (`inspect_import`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lhe_tui.record.errors import CodecError
from lhe_tui.record.validation import Keys, checked_dictionary, shown, validated

_HEAD: Final = 1 << 16
_JSON_LOG: Final = re.compile(rb'\s*\{\s*"version"\s*:\s*[0-9]+\s*,')
_EXPECTED: Final = (
    "expected a log of lighteval's long-horizon task, whose samples carry turn_chunks or input_keys"
)


@dataclass(frozen=True)
class LoggedReply:
    """One reply of a log; `finish` is inspect_ai's stop reason."""

    text: str
    reasoning: str = ""
    finish: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class LoggedSample:
    """One conversation of a log: its keys turn by turn, and the replies that came."""

    chunks: tuple[tuple[str, ...], ...]
    dictionary: Mapping[str, int]
    replies: tuple[LoggedReply, ...]
    score: float | None
    """The share of right turns that the log holds; None: not scored."""
    first_message: str = ""
    second_message: str = ""
    error: str = ""


@dataclass(frozen=True)
class InspectLog:
    """A log as read."""

    model: str
    created: str
    task: str
    samples: tuple[LoggedSample, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True


def is_inspect_log(path: Path) -> bool:
    """Whether a file looks like a log of inspect_ai, by its name or its first bytes."""
    if not path.is_file():
        return False
    if path.suffix == ".eval":
        return True
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return bool(_JSON_LOG.match(head)) and b'"eval"' in head


def read_inspect_log(path: Path) -> InspectLog:
    """The log of a file. Raises CodecError."""
    try:
        reader = import_module("inspect_ai.log")
    except ImportError:
        raise CodecError(
            "this is a log of inspect_ai, which its own package reads: pip install 'lhe-tui[inspect]'"
        ) from None
    try:
        log = reader.read_eval_log(str(path), resolve_attachments=True)
    except Exception as error:  # noqa: BLE001  another package's reader on foreign bytes: it may raise anything
        words = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        raise CodecError(f"{_EXPECTED}, found no log that inspect_ai can read: {words}") from None
    samples = log.samples or []
    if not samples:
        raise CodecError(f"{_EXPECTED}, found a log without samples (status {shown(log.status)})")
    config = log.eval.model_generate_config
    return InspectLog(
        model=str(log.eval.model),
        created=str(log.eval.created),
        task=str(log.eval.task),
        samples=tuple(_sample(sample, number) for number, sample in enumerate(samples, 1)),
        config={name: getattr(config, name, None) for name in ("temperature", "top_p", "max_tokens")},
        complete=log.status == "success",
    )


# ---- one sample


def _sample(sample: Any, number: int) -> LoggedSample:
    told, where = sample.metadata or {}, f"sample {number}"
    if "turn_chunks" in told:
        chunks = validated(tuple[Keys, ...], told["turn_chunks"], f"{where}: turn_chunks")
    elif "input_keys" in told:
        chunks = (validated(Keys, told["input_keys"], f"{where}: input_keys"),)
    else:
        names = ", ".join(shown(name) for name in list(told)[:5]) or "no metadata"
        raise CodecError(f"{where}: {_EXPECTED}, found {names}")
    if not chunks:
        raise CodecError(f"{where}: turn_chunks is empty")
    dictionary = checked_dictionary(told.get("dictionary"), where)
    users = [_text(message) for message in sample.messages if message.role == "user"]
    return LoggedSample(
        chunks=chunks,
        dictionary=dictionary,
        replies=tuple(_replies(sample, told, len(chunks), where)),
        score=_score(sample.scores or {}),
        first_message=users[0] if users else "",
        second_message=users[1] if len(users) > 1 else "",
        error=str(sample.error.message)[:1000] if sample.error is not None else "",
    )


def _replies(sample: Any, told: Mapping[str, Any], turns: int, where: str) -> list[LoggedReply]:
    """The first reply of each turn: the task's last solver asks once more, and nothing counts what it gets."""
    answers = [message for message in sample.messages if message.role == "assistant"][:turns]
    outputs = validated(
        tuple[str, ...],
        told.get("all_turn_outputs", [_text(message) for message in answers]),
        f"{where}: all_turn_outputs",
    )
    calls = [event for event in sample.events or [] if event.event == "model" and not event.error]
    found = []
    for place, output in enumerate(outputs[:turns]):
        message = answers[place] if place < len(answers) else None
        # Calls and turns belong together one to one unless a solver of its own asked for more.
        call = calls[place].output if turns <= len(calls) <= turns + 1 else None
        found.append(_reply(output, message, call))
    return found


def _reply(text: str, message: Any, call: Any) -> LoggedReply:
    reasoning = _reasoning(message) if message is not None else ""
    if call is None:
        return LoggedReply(text, reasoning)
    usage = call.usage
    return LoggedReply(
        text,
        reasoning,
        str(call.stop_reason),
        usage.input_tokens if usage else None,
        usage.output_tokens if usage else None,
        usage.reasoning_tokens if usage else None,
        max(0.0, float(call.time or 0.0)),
    )


def _text(message: Any) -> str:
    return str(message.text)


def _reasoning(message: Any) -> str:
    if isinstance(message.content, str):
        return ""
    return "\n".join(str(part.reasoning) for part in message.content if part.type == "reasoning")


def _score(scores: Mapping[str, Any]) -> float | None:
    """The share of right turns; of a single-turn task 1 or 0."""
    for score in scores.values():
        value = score.value
        if isinstance(value, Mapping):
            value = value.get("fractional_accuracy", next(iter(value.values()), None))
        if isinstance(value, int | float):
            return float(value)
        if value in ("C", "I"):
            return float(value == "C")
    return None


def common_turns(samples: Sequence[LoggedSample]) -> int:
    """The turns that every sample's plan holds."""
    return min(len(sample.chunks) for sample in samples)
