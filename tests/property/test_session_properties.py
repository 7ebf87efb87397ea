"""Session files under any events and any damage."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhe_tui.engine.events import (
    Attempt,
    ControlsChanged,
    Event,
    NoticeRaised,
    RunFinished,
    RunPaused,
    RunResumed,
    TurnFinished,
)
from lhe_tui.models.base import FailureKind
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.errors import CodecError
from lhe_tui.record.read import SessionError, read_session
from lhe_tui.record.scan import scan_session
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.task.controls import CONTROL_NAMES
from tests.sessions import header, whole_run

# Every code point there is, lone surrogates included.
any_text = st.text(st.characters(exclude_categories=()), max_size=60)
seconds = st.floats(0, 1e9)
count = st.none() | st.integers(0, 10**15)
number = st.integers(1, 8) | st.integers(1, 10**9)
attempt = st.builds(Attempt, st.sampled_from(get_args(FailureKind)), any_text, seconds)
turn = st.builds(
    TurnFinished,
    sample=number,
    turn=number,
    at=seconds,
    reply=any_text,
    reasoning=any_text,
    finish=st.sampled_from(["stop", "length", "content_filter", "failed"]),
    error=any_text,
    prompt_tokens=count,
    completion_tokens=count,
    reasoning_tokens=count,
    cost=st.none() | seconds,
    first_token=st.none() | seconds,
    latency=seconds,
    attempts=st.lists(attempt, max_size=3).map(tuple),
    ballots=st.lists(any_text, max_size=3).map(tuple),
    draft=any_text,
    slip=st.none() | any_text,
    edited=st.booleans(),
)
scalar = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9) | any_text
setting = scalar | st.sampled_from(
    ["0.5", "truth", "window:2", "state-card", "drop-wrong", "cot", "nan", "1e999"]
)
change = st.lists(st.tuples(st.sampled_from(CONTROL_NAMES) | any_text, setting), max_size=4).map(tuple)
event = st.one_of(
    turn,
    st.builds(ControlsChanged, number, change, st.sampled_from(["user", "script", "fork"]), seconds),
    st.builds(RunPaused, any_text, seconds, st.booleans()),
    st.builds(RunResumed, seconds, st.booleans()),
    st.builds(NoticeRaised, any_text, seconds, st.none() | number, st.none() | number),
    st.builds(RunFinished, st.sampled_from(["completed", "stopped"]), seconds),
)


@given(event)
def test_every_event_survives_its_line(written: Event) -> None:
    line = encode(written)
    assert line.index(b"\n") == len(line) - 1
    assert decode(line) == written


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_sentence(line: bytes) -> None:
    try:
        decode(line)
    except CodecError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said


HEAD = header(samples=3, turns=6)
RUN = whole_run(HEAD)
DATA = b"".join(encode(part) for part in RUN)
HEADER_END = len(encode(HEAD))


def opened(data: bytes) -> int:
    """Turns read from a file of these bytes; -1 where it is refused. Anything else that is raised is a failure."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        path.write_bytes(data)
        try:
            scan_session(path)
            recording = read_session(path)
        except SessionError:
            return -1
        assert recording.state.finished_turns <= 18
        # Whatever was read can be resumed, and then reads the same and whole.
        with SessionWriter.append(path):
            pass
        again = read_session(path)
        assert again.events == recording.events
        assert not again.torn
        return recording.state.finished_turns


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, len(DATA)))
def test_a_file_cut_anywhere_loses_at_most_the_turn_that_was_cut(cut: int) -> None:
    turns = opened(DATA[:cut])
    if cut < HEADER_END - 1:
        assert turns == -1
    else:
        assert turns in (DATA[:cut].count(b'"event":"turn"'), DATA[:cut].count(b'"event":"turn"') - 1)
        assert turns >= min(18, DATA[HEADER_END:cut].count(b"\n"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, len(DATA) - 1), st.binary(min_size=1, max_size=6))
def test_a_file_garbled_anywhere_never_crashes(place: int, junk: bytes) -> None:
    opened(DATA[:place] + junk + DATA[place + len(junk) :])


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(DATA.splitlines(keepends=True)), max_size=40))
def test_lines_in_any_order_and_number_never_crash(lines: list[bytes]) -> None:
    opened(b"".join(lines))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(event, max_size=20))
def test_well_formed_events_in_any_order_never_crash(events: list[Event]) -> None:
    opened(encode(HEAD) + b"".join(encode(part) for part in events))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(range(1, len(RUN))))
def test_turns_in_any_order_fold_to_the_same_run(order: list[int]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        path.write_bytes(encode(HEAD) + b"".join(encode(RUN[place]) for place in order))
        state = read_session(path).state
    path_in_order = [record.event for sample in state.samples for record in sample.turns]
    assert path_in_order == sorted(
        (part for part in RUN if isinstance(part, TurnFinished)), key=lambda part: (part.sample, part.turn)
    )
