"""A log of lighteval's long-horizon task as a session: its conversations, and whether its scores come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.engine.events import Event, NoticeRaised, RunFinished, RunStarted, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import FinishReason
from lhe_tui.record.errors import CodecError
from lhe_tui.record.importing.import_check import Verification
from lhe_tui.record.importing.inspect_logs import (
    InspectLog,
    LoggedReply,
    LoggedSample,
    common_turns,
    read_inspect_log,
)
from lhe_tui.record.read import Recording
from lhe_tui.record.validation import checked_dictionary, shown
from lhe_tui.task.controls import ControlError, Controls, apply_change
from lhe_tui.task.prompts import PromptTemplate, read_template
from lhe_tui.task.spec import Task, TaskSpec

ORIGIN: Final = "inspect_ai log"
_FINISHES: Final[dict[str, FinishReason]] = {
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
_FIRST_TAG: Final = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
_SAME: Final = 1e-9
_MOST_DIGITS: Final = 4000


@dataclass(frozen=True)
class ScoreCheck(Verification):
    """How a log's own scores, one for each sample, compare with its replies by its own rules."""

    scored: int = 0

    @property
    def text(self) -> str:
        """In one sentence."""
        if not self.scored:
            return "the log holds no score to check"
        if self.agrees:
            return (
                f"the scores of all {self.scored} samples agree"
                if self.scored > 1
                else "its one score agrees"
            )
        return f"{len(self.differences)} of {self.scored} scores differ: {'; '.join(self.differences[:5])}"


@dataclass(frozen=True)
class InspectImport:
    """What a log comes to: a recording that lies in no file yet, how its scores check out, and notes."""

    recording: Recording
    check: ScoreCheck
    notes: tuple[str, ...]


def import_log(path: Path) -> InspectImport:
    """Read a log as a session. Raises CodecError, TaskError, PromptError, ControlError or FoldError."""
    return session_of(read_inspect_log(path), path)


def session_of(log: InspectLog, path: Path) -> InspectImport:
    """The session that a log comes to. Raises as `import_log` does."""
    header = _header(log)
    events: list[Event] = [header, *_events(log)]
    state = RunState(header)
    for event in events[1:]:
        state.apply(event)
    recording = Recording(header, events, state, [], False, path)
    return InspectImport(recording, _check(log), tuple(_notes(log, state)))


# ---- building the session


def _header(log: InspectLog) -> RunStarted:
    identity = repr((log.created, log.model, [[reply.text for reply in s.replies] for s in log.samples]))
    return RunStarted(
        session=blake2b(identity.encode(errors="replace"), digest_size=6).hexdigest(),
        created=log.created[:100],
        task=_task(log.samples),
        controls=_controls(log),
        template=_template(log.samples[0]),
        injection_seed=0,
        draw_seed=0,
        origin=ORIGIN,
        extra={"task": log.task[:200]},
    )


def _task(samples: Sequence[LoggedSample]) -> Task:
    turns = common_turns(samples)
    k = max(len(sample.chunks[0]) for sample in samples)
    dictionary: dict[str, int] = {}
    for number, sample in enumerate(samples, 1):
        checked_dictionary(sample.dictionary, f"sample {number}")
        for key, value in sample.dictionary.items():
            if dictionary.setdefault(key, value) != value:
                raise CodecError(
                    f"sample {number}: {shown(key)} is {value}, and {dictionary[key]} in another sample"
                )
        for place, chunk in enumerate(sample.chunks[:turns], 1):
            if len(chunk) != k and not (place == turns and len(chunk) < k):
                raise CodecError(f"sample {number}: turn {place} has {len(chunk)} keys where others have {k}")
            unknown = [key for key in chunk if key not in sample.dictionary]
            if unknown:
                raise CodecError(f"sample {number}: {shown(unknown[0])} is not in its dictionary")
    spec = TaskSpec(
        turns=turns,
        turn_complexity=k,
        samples=len(samples),
        dict_size=len(dictionary),
        min_value=min(dictionary.values()),
        max_value=max(dictionary.values()),
    )
    return Task(
        spec, dictionary, tuple(tuple(key for chunk in s.chunks[:turns] for key in chunk) for s in samples)
    )


def _controls(log: InspectLog) -> Controls:
    # Only our own simulated models may be called so.
    model = f"imported/{log.model}" if not log.model.strip() or log.model.startswith("sim/") else log.model
    controls = Controls(model=model[:1000])
    for name in ("temperature", "top_p", "max_tokens"):
        value = log.config.get(name)
        if isinstance(value, int | float):
            try:
                controls = apply_change(controls, ((name.replace("_", "-"), value),), 1)
            except ControlError:
                # A setting that no request of ours could carry is left out; the replies are what counts.
                continue
    return controls


def _template(sample: LoggedSample) -> PromptTemplate:
    """The prompt as the log holds it: what its first message says before the keys, and how later ones give them."""
    first, keys = sample.first_message, ", ".join(sample.chunks[0])
    lead, found, _ = first.rpartition(keys)
    if not found or not lead.strip():
        return built_in_template()
    parts: dict[str, str] = {"system": lead.replace("$", "$$")}
    if sample.second_message and len(sample.chunks) > 1:
        before, met, after = sample.second_message.rpartition(", ".join(sample.chunks[1]))
        if met:
            parts["user"] = f"{before.replace('$', '$$')}$keys{after.replace('$', '$$')}"
    return read_template(parts, built_in_template(), "imported")


def _events(log: InspectLog) -> Iterator[Event]:
    for words in _notices(log):
        yield NoticeRaised(words, 0.0)
    turns = common_turns(log.samples)
    clock = [0.0] * len(log.samples)
    for turn in range(1, turns + 1):
        for number, sample in enumerate(log.samples, 1):
            if turn <= len(sample.replies):
                reply = sample.replies[turn - 1]
                clock[number - 1] += reply.seconds
                yield _turn(number, turn, clock[number - 1], reply)
            elif turn == len(sample.replies) + 1:
                why = sample.error or "the log holds no reply"
                yield TurnFinished(number, turn, clock[number - 1], "", finish="failed", error=why)
    yield RunFinished("completed" if log.complete else "stopped", max(clock))


def _turn(sample: int, turn: int, at: float, reply: LoggedReply) -> TurnFinished:
    return TurnFinished(
        sample,
        turn,
        at,
        reply.text,
        reasoning=reply.reasoning,
        finish=_FINISHES.get(reply.finish, "stop"),
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        reasoning_tokens=reply.reasoning_tokens,
        latency=reply.seconds,
    )


def _notices(log: InspectLog) -> Iterator[str]:
    yield (
        "the log's first message holds the task, the dictionary and the first keys at once: requests are shown here "
        "with a system message of their own"
    )
    turns, longest = common_turns(log.samples), max(len(sample.chunks) for sample in log.samples)
    if longest > turns:
        yield f"its samples have {turns} to {longest} turns: the first {turns} of each are taken"
    if _moment(log.created) is None:
        yield "the log does not say when it was made"


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


# ---- checking its scores


def _check(log: InspectLog) -> ScoreCheck:
    differences = []
    scored = 0
    for number, sample in enumerate(log.samples, 1):
        if sample.score is None:
            continue
        scored += 1
        # The scorer gives nothing at all for a conversation that ended early.
        whole = len(sample.replies) == len(sample.chunks)
        ours = sum(right_by_its_scorer(sample)) / len(sample.chunks) if whole else 0.0
        if abs(ours - sample.score) > _SAME:
            differences.append(f"sample {number}: {sample.score:.6g} in the log, {ours:.6g} from its replies")
    return ScoreCheck(common_turns(log.samples), tuple(differences), scored)


def right_by_its_scorer(sample: LoggedSample) -> list[bool]:
    """Which turns the task's own scorer takes for right: the number in the first tag is the true sum."""
    total, right = 0, []
    for chunk, reply in zip(sample.chunks, sample.replies, strict=False):
        total += sum(sample.dictionary[key] for key in chunk)
        found = _FIRST_TAG.search(reply.text)
        right.append(found is not None and _int(found[1]) == total)
    return right


def _int(text: str) -> int | None:
    try:
        return int(text.strip()) if len(text) <= _MOST_DIGITS else None
    except ValueError:
        return None


def _notes(log: InspectLog, state: RunState) -> Iterator[str]:
    turns = common_turns(log.samples)
    pairs = [
        (there, record)
        for sample, logged in zip(state.samples, log.samples, strict=True)
        for there, record in zip(right_by_its_scorer(logged)[:turns], sample.turns, strict=False)
    ]
    by_turn = sum(record.outcome == "correct" for _, record in pairs)
    theirs = sum(there for there, _ in pairs)
    ours = sum(record.absolute for _, record in pairs)
    yield (
        f"its scorer compares with the true running sum: {theirs} of {len(pairs)} turns are right by its rules, "
        f"{ours} by ours; {by_turn} follow from the answer before (turn accuracy)"
    )
    otherwise = sum(there != record.absolute for there, record in pairs)
    if otherwise:
        yield (
            f"{otherwise} turn{'s' if otherwise > 1 else ''}: the reply reads otherwise there (the first tag counts, "
            "no thousands separators, and what stands in <think> is not set aside)"
        )
    broken = sum(bool(sample.error) for sample in log.samples)
    if broken:
        yield f"{broken} sample{'s' if broken > 1 else ''} broke off: no model error, they leave the count from there"
