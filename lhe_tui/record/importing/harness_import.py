"""Other people's runs as sessions: what the published harness wrote, checked against its own numbers.

An imported run is a session like any other: inspect, diagnosis, compare and report work on it. It is scored by the
`reference` rules, so that its curves are the ones its file holds, and can be scored anew by the `strict` ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.engine.events import Event, NoticeRaised, RunFinished, RunStarted, TurnFinished
from lhe_tui.engine.state import FoldError, RunState
from lhe_tui.errors import LheError
from lhe_tui.record.errors import CodecError, SessionError
from lhe_tui.record.importing.harness_files import (
    EVAL_NAME,
    EXPERIMENT_NAME,
    HarnessTurn,
    Settings,
    read_eval,
    read_json,
    read_saved,
    read_settings,
)
from lhe_tui.record.importing.import_check import Verification, explain, verify, verify_saved
from lhe_tui.record.importing.inspect_logs import is_inspect_log
from lhe_tui.record.read import Recording
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.record.text_file import STDIN, reason
from lhe_tui.record.validation import checked_dictionary, shown
from lhe_tui.task.controls import AnswerMode, ControlError, Controls
from lhe_tui.task.prompts import PromptError, PromptTemplate, read_template
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.reference_rules import Evaluator, ReferenceRun
from lhe_tui.task.spec import Task, TaskError, TaskSpec

ORIGIN = "published harness"
_EXPECTED = (
    f"expected the published harness's {EVAL_NAME} or {EXPERIMENT_NAME}, or a folder that holds them, or a log of "
    "inspect_ai"
)


class ImportFailure(LheError, ValueError):
    """A path that holds no run to import; the message is one sentence that says what was expected and found."""


@dataclass(frozen=True)
class ImportedRun:
    """An imported run: a recording that lies in no file yet, how its numbers check out, and what explains them."""

    recording: Recording
    verification: Verification
    saved: Verification | None
    """How the second file's numbers check out by its own evaluator, where both files are there."""
    notes: tuple[str, ...]
    """What the strict rules say of it, and which of the harness's habits explain the difference."""

    def lines(self) -> list[str]:
        """Everything to be told of the import, a sentence each."""
        checks = [f"{EVAL_NAME}: {self.verification.text}" if self.saved else self.verification.text]
        checks += [f"{EXPERIMENT_NAME}: {self.saved.text}"] if self.saved else []
        return [*checks, *self.notes]


def import_run(path: Path | str) -> ImportedRun:
    """Read a run from a file of the published harness, their folder, or a log of inspect_ai. Raises ImportFailure."""
    path = Path(path)
    try:
        if is_inspect_log(path):
            return _from_log(path)
        documents = _documents(path)
        return _imported(path, documents.get(EVAL_NAME), documents.get(EXPERIMENT_NAME))
    except (CodecError, TaskError, ControlError, PromptError, FoldError) as error:
        raise ImportFailure(f"{path}: {error}") from None
    except OSError as error:
        raise ImportFailure(f"{path} cannot be read: {reason(error)}") from None


def _from_log(path: Path) -> ImportedRun:
    from lhe_tui.record.importing.inspect_import import import_log

    found = import_log(path)
    return ImportedRun(found.recording, found.check, None, found.notes)


def save_import(imported: ImportedRun, out: Path | str) -> None:
    """Write an imported run as a session file. Raises SessionError, and leaves no file behind then."""
    with SessionWriter.create(out, imported.recording.header) as writer:
        try:
            for event in imported.recording.events[1:]:
                writer.write(event)
        except OSError as error:
            Path(out).unlink(missing_ok=True)
            raise SessionError(f"the session {out} cannot be written: {error.strerror or error}") from None


# ---- finding the files


def _documents(path: Path) -> dict[str, dict[str, Any]]:
    """The documents at a path by the name that their form has, each with its sibling. Raises ImportFailure."""
    folder = path if path.is_dir() else path.parent
    if path.is_dir():
        found = _in_folder(path)
        folder = found[0].parent
    else:
        found = [path]
    documents = dict(_document(file) for file in found)
    # Standard input has no files next to it.
    for name in (EVAL_NAME, EXPERIMENT_NAME) if path != STDIN else ():
        if name not in documents and (folder / name).is_file() and folder / name not in found:
            documents.update([_document(folder / name)])
    return documents


def _in_folder(folder: Path) -> list[Path]:
    for name in (EVAL_NAME, EXPERIMENT_NAME):
        if (folder / name).is_file():
            return [folder / name]
    below = sorted({file.parent for name in (EVAL_NAME, EXPERIMENT_NAME) for file in folder.rglob(name)})
    if len(below) > 1:
        raise ImportFailure(f"{folder} holds {len(below)} runs: name one of them, such as {below[0]}")
    if not below:
        raise ImportFailure(f"{folder}: {_EXPECTED}, found neither")
    return _in_folder(below[0])


def _document(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        document = read_json(path)
    except CodecError as error:
        raise ImportFailure(f"{path}: {_EXPECTED}, found {error}") from None
    if isinstance(document, dict) and "step_logs" in document:
        return EVAL_NAME, document
    if isinstance(document, dict) and "detailed_experiment_outputs" in document:
        return EXPERIMENT_NAME, document
    if isinstance(document, dict) and ("ground_truth_data" in document or "dict_sum" in document):
        raise ImportFailure(f"{path} is a dataset and no run: give it to --dataset")
    names = ", ".join(shown(name) for name in list(document)[:5]) if isinstance(document, dict) else ""
    raise ImportFailure(f"{path}: {_EXPECTED}, found {f'a table with {names}' if names else shown(document)}")


# ---- building the session


def _imported(path: Path, live: dict[str, Any] | None, saved: dict[str, Any] | None) -> ImportedRun:
    settings = read_settings(saved) if saved is not None else Settings()
    turns = read_eval(live) if live is not None else []
    evaluator: Evaluator = "live"
    if not turns:
        if saved is None:
            raise CodecError(f"it holds no turn: a single-turn run is imported from its {EXPERIMENT_NAME}")
        turns, evaluator = read_saved(saved), "saved"
    header = _header(turns, settings, evaluator)
    events: list[Event] = [header, *_events(turns, settings, evaluator)]
    state = RunState(header, "reference")
    for event in events[1:]:
        state.apply(event)
    second = verify_saved(header, events, saved) if saved is not None and evaluator == "live" else None
    recording = Recording(header, events, state, [], False, path)
    return ImportedRun(recording, verify(state, turns), second, tuple(explain(state, turns)))


def _header(turns: Sequence[HarnessTurn], settings: Settings, evaluator: Evaluator) -> RunStarted:
    task = _task(turns, settings)
    truths = [task.truths(sample) for sample in range(1, task.spec.samples + 1)]
    measured = tuple(
        tuple(turn.places[sample].measured for turn in turns) for sample in range(task.spec.samples)
    )
    filled = tuple(turn.filled for turn in turns)
    differs = evaluator == "live" and (any(filled) or [list(row) for row in measured] != truths)
    identity = repr((settings.started, measured, [place.reply for turn in turns for place in turn.places]))
    return RunStarted(
        session=blake2b(identity.encode(errors="replace"), digest_size=6).hexdigest(),
        created=settings.started or turns[0].ended or "",
        task=task,
        controls=_controls(settings),
        template=_template(settings),
        injection_seed=0,
        draw_seed=0,
        origin=ORIGIN,
        rules="reference",
        reference=ReferenceRun(evaluator, measured if differs else (), filled if differs else ()),
        extra=_extra(turns, settings),
    )


def _task(turns: Sequence[HarnessTurn], settings: Settings) -> Task:
    samples, k = len(turns[0].places), len(turns[0].places[0].keys)
    dictionary = dict(settings.dictionary or {})
    plans: list[list[str]] = [[] for _ in range(samples)]
    for number, turn in enumerate(turns, 1):
        for sample, place in enumerate(turn.places, 1):
            where = f"turn {number}, sample {sample}"
            if len(place.keys) != len(place.values):
                raise CodecError(f"{where}: {len(place.values)} values for {len(place.keys)} keys")
            if len(place.keys) != k and not (number == len(turns) and 0 < len(place.keys) < k):
                raise CodecError(f"{where}: {len(place.keys)} keys where the first turn has {k}")
            for key, value in zip(place.keys, place.values, strict=True):
                if dictionary.setdefault(key, value) != value:
                    raise CodecError(
                        f"{where}: {shown(key)} is {value}, and {dictionary[key]} in the dictionary"
                    )
            plans[sample - 1].extend(place.keys)
    checked_dictionary(dictionary, "the file")
    low, high = min(dictionary.values()), max(dictionary.values())
    told_low, told_high = (settings.experiment.get(f"{end}_input_value") for end in ("min", "max"))
    seed = settings.common.get("eval_seed")
    spec = TaskSpec(
        "dict-sum",
        turns=len(turns),
        turn_complexity=k,
        samples=samples,
        dict_size=len(dictionary),
        min_value=told_low if type(told_low) is int and told_low <= low else low,
        max_value=told_high if type(told_high) is int and told_high >= high else high,
        seed=seed if type(seed) is int else 0,
    )
    return Task(spec, dictionary, tuple(map(tuple, plans)))


def _controls(settings: Settings) -> Controls:
    told = settings.model
    provider, name = told.get("provider"), told.get("name") or told.get("model_name")
    model = "/".join(part for part in (provider, name) if type(part) is str and part.strip())
    # Only our own simulated models may be called so.
    model = f"imported/{model}" if not model or model.startswith("sim/") else model
    mode: AnswerMode = (
        "thinking" if told.get("thinking_mode") is True else "cot" if told.get("cot") is True else "direct"
    )
    window, votes = told.get("sliding_window_size"), told.get("majority_vote")
    pruning = Window(window) if type(window) is int and window > 0 else OFF
    return Controls(
        model=model[:1000] if model != "imported/" else "imported/unknown",
        mode=mode,
        votes=votes if type(votes) is int and 1 <= votes <= 1000 else 1,
        pruning=pruning,
    )


def _template(settings: Settings) -> PromptTemplate:
    """The prompt as it was, where the file tells it; else ours, which its requests then only resemble."""
    if not settings.system:
        return built_in_template()
    lead = settings.user_lead.replace("$", "$$")
    parts = {"system": settings.system.replace("$", "$$"), "user": f"{lead}$keys"}
    return read_template(parts, built_in_template(), "imported")


def _extra(turns: Sequence[HarnessTurn], settings: Settings) -> dict[str, str]:
    kept = (
        "fill_history",
        "incorrect_probability",
        "target_step",
        "early_stopping",
        "multi_turn",
        "majority_vote",
    )
    extra = {name: str(settings.model[name])[:200] for name in kept if settings.model.get(name) is not None}
    counted = [turn.tokens for turn in turns if turn.tokens is not None]
    if counted:
        extra["tokens_generated"] = str(sum(counted))
    return extra


def _events(turns: Sequence[HarnessTurn], settings: Settings, evaluator: Evaluator) -> list[Event]:
    events: list[Event] = [NoticeRaised(words, 0.0) for words in _notices(turns, settings, evaluator)]
    began = before = _moment(settings.started) or _moment(turns[0].ended)
    for number, turn in enumerate(turns, 1):
        ended = _moment(turn.ended) or before
        at = max(0.0, (ended - began).total_seconds()) if ended and began else 0.0
        latency = max(0.0, (ended - before).total_seconds()) if ended and before else 0.0
        events += [
            TurnFinished(sample, number, at, place.reply, latency=latency)
            for sample, place in enumerate(turn.places, 1)
        ]
        before = ended
    asked = settings.experiment.get("horizon_length")
    steps = sum(len(turn.places[0].keys) for turn in turns)
    events.append(RunFinished("stopped" if type(asked) is int and asked > steps else "completed", at))
    return events


def _notices(turns: Sequence[HarnessTurn], settings: Settings, evaluator: Evaluator) -> Iterator[str]:
    if evaluator == "saved" and settings.model.get("multi_turn") is False:
        yield (
            f"a single-turn run: one request asked for all {len(turns)} sums, and each turn here is one place of its "
            "reply"
        )
    elif not settings.system:
        yield "its file holds no prompt: requests are shown in the words of lhe-tui's own"
    if settings.dictionary is None:
        yield "its file holds no dictionary: only the keys that were asked for are known"


def _moment(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
