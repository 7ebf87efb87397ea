"""Shards: a run cut by its samples into sessions of their own, and put together again as if it had been one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from hashlib import blake2b
from heapq import merge as merge_sorted
from pathlib import Path
from typing import Final, TypeVar

from lhe_tui.engine.events import (
    Event,
    NoteAdded,
    NoticeRaised,
    RunFinished,
    RunStarted,
    TurnFinished,
)
from lhe_tui.errors import LheError
from lhe_tui.record.read import Recording
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.spec import Task

Placed = TypeVar("Placed", bound=TurnFinished | NoticeRaised | NoteAdded)
WHOLE: Final = "samples_of_run"
"""Where a shard's header keeps how many samples the whole run has."""
_OF_EACH: Final = ("session", "created", "task", "sample_ids")
"""What shards of one run need not have in common; their tasks differ in samples alone."""


class ShardError(LheError, ValueError):
    """Sessions that are no shards of one run, or a shard that cannot be; the message says why."""


def shard_of(header: RunStarted, number: int, of: int) -> RunStarted:
    """The header of shard `number` of `of`: every sample keeps its plan, its corruption and its draws.

    Raises ShardError.
    """
    task, samples = header.task, header.task.spec.samples
    if not 1 <= number <= of <= samples:
        raise ShardError(
            f"shard {number}/{of}: {samples} samples are cut into at most {samples} shards, from 1"
        )
    places = range(samples * (number - 1) // of, samples * number // of)
    spec = replace(task.spec, samples=len(places))
    return replace(
        header,
        task=Task(spec, task.dictionary, tuple(task.plans[place] for place in places)),
        sample_ids=tuple(header.sample_id(place + 1) for place in places),
        extra={**header.extra, WHOLE: str(samples)},
    )


def merged(shards: Sequence[Recording]) -> list[Event]:
    """The events of the session that shards come to, its samples in the order of their numbers. Raises ShardError."""
    first = shards[0]
    for other in shards[1:]:
        _check_same(first, other)
    header, numbers = _header(shards)
    streams = [_renumbered(shard, number) for shard, number in zip(shards, numbers, strict=True)]
    timed = merge_sorted(*streams, key=lambda event: event.at)
    notes = [
        _placed(note, number)
        for shard, number in zip(shards, numbers, strict=True)
        for note in shard.state.notes
    ]
    return [header, *first.state.changes, *timed, *_end(shards), *notes]


def write_merged(shards: Sequence[Recording], out: Path) -> RunStarted:
    """Write the session that shards come to, whole or not at all; its header. Raises ShardError or SessionError."""
    header, *events = merged(shards)
    assert isinstance(header, RunStarted)
    SessionWriter.create(out, header, events).close()
    return header


def _check_same(first: Recording, other: Recording) -> None:
    one, two = first.header, other.header
    differing = [
        f.name for f in fields(one) if f.name not in _OF_EACH and getattr(one, f.name) != getattr(two, f.name)
    ]
    spec, others = one.task.spec, two.task.spec
    differing += [n for n in spec.__slots__ if n != "samples" and getattr(spec, n) != getattr(others, n)]
    if list(one.task.dictionary.items()) != list(two.task.dictionary.items()):
        differing.append("dictionary")
    if _changes(first) != _changes(other):
        differing.append("changes of controls")
    if one.reference is not None:
        raise ShardError(f"{first.path} was imported: only runs of lhe-tui are cut into shards")
    if differing:
        names = ", ".join(name.replace("_", " ") for name in differing)
        raise ShardError(f"{other.path} is no shard of the same run as {first.path}: they differ in {names}")


def _changes(shard: Recording) -> list[tuple[object, ...]]:
    return [(change.turn, change.change, change.source) for change in shard.state.changes]


def _header(shards: Sequence[Recording]) -> tuple[RunStarted, list[dict[int, int]]]:
    """(the header, for each shard its samples' numbers there). Raises ShardError."""
    found: dict[int, tuple[int, int]] = {}
    for place, shard in enumerate(shards):
        for sample in range(1, len(shard.state.samples) + 1):
            number = shard.header.sample_id(sample)
            if number in found:
                raise ShardError(f"sample {number} is in {shards[found[number][0]].path} and in {shard.path}")
            found[number] = place, sample
    ids = tuple(sorted(found))
    numbers: list[dict[int, int]] = [{} for _ in shards]
    for rank, number in enumerate(ids, 1):
        place, sample = found[number]
        numbers[place][sample] = rank
    first = shards[0].header
    plans = tuple(
        shards[place].header.task.plans[sample - 1] for place, sample in (found[number] for number in ids)
    )
    names = " ".join(sorted(shard.header.session for shard in shards))
    header = replace(
        first,
        session=blake2b(names.encode(errors="replace"), digest_size=6).hexdigest(),
        extra=dict(first.extra),
        created=min(shard.header.created for shard in shards),
        task=Task(replace(first.task.spec, samples=len(ids)), first.task.dictionary, plans),
        sample_ids=() if ids == tuple(range(1, len(ids) + 1)) else ids,
    )
    if not missing_samples(header):
        header.extra.pop(WHOLE, None)
    return header, numbers


def missing_samples(header: RunStarted) -> int:
    """How many samples of the whole run a shard, or shards put together, do not hold."""
    whole = header.extra.get(WHOLE, "")
    return int(whole) - header.task.spec.samples if whole.isdecimal() and len(whole) < 12 else 0


def _renumbered(shard: Recording, numbers: Mapping[int, int]) -> Iterator[TurnFinished | NoticeRaised]:
    for event in shard.events:
        if isinstance(event, TurnFinished | NoticeRaised):
            yield _placed(event, numbers)


def _placed(event: Placed, numbers: Mapping[int, int]) -> Placed:
    return event if event.sample is None else replace(event, sample=numbers[event.sample])


def _end(shards: Sequence[Recording]) -> list[RunFinished]:
    """How the whole ended: completed where all did; nothing where one was cut off."""
    statuses = {shard.state.status for shard in shards}
    at = max(shard.state.elapsed for shard in shards)
    if statuses == {"completed"}:
        return [RunFinished("completed", at)]
    return [RunFinished("stopped", at)] if statuses <= {"completed", "stopped"} else []
