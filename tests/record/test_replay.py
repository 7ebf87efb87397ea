"""A replay gives what was recorded, in order, at any speed, and can be sought through."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from lhe_tui.engine.events import (
    LIVE_EVENTS,
    ControlsChanged,
    Event,
    ReplyStreamed,
    RunFinished,
    RunPaused,
    RunResumed,
    TurnFinished,
    TurnStarted,
)
from lhe_tui.record.read import Recording, read_session
from lhe_tui.record.replay import END, Replay
from tests.sessions import header, turns, whole_run, write

HEAD = header(samples=3, turns=6)
RUN = whole_run(HEAD)


class Sleeper:
    """Sleeps at once, and counts for how long it would have slept."""

    def __init__(self) -> None:
        self.slept = 0.0

    async def __call__(self, seconds: float) -> None:
        self.slept += seconds
        await asyncio.sleep(0)


def recorded(tmp_path: Path, events: list[Event] = RUN) -> Recording:
    return read_session(write(tmp_path / "run.jsonl", events))


async def all_of(replay: Replay) -> list[Event]:
    return [event async for event in replay.events()]


@pytest.mark.parametrize("speed", [1.0, 16.0, 1e6, 0.0, math.inf])
async def test_the_recorded_events_come_in_order_at_any_speed(tmp_path: Path, speed: float) -> None:
    recording = recorded(tmp_path)
    replay = Replay(recording, speed=speed, sleep=Sleeper(), linger=False)
    events = await all_of(replay)
    assert [event for event in events if not isinstance(event, LIVE_EVENTS)] == recording.events[1:]
    assert replay.state.status == "completed"
    assert replay.state.outcomes == recording.state.outcomes


async def test_a_turn_starts_streams_its_whole_reply_and_ends(tmp_path: Path) -> None:
    long = TurnFinished(
        1, 1, 11.0, "r" * 500 + "<answer>1</answer>", "thinking" * 9, latency=6.0, first_token=1.0
    )
    replay = Replay(recorded(tmp_path, [HEAD, long]), sleep=Sleeper(), linger=False)
    events = await all_of(replay)
    assert isinstance(events[0], TurnStarted)
    assert events[0].at == 5.0
    assert events[-1] == long
    streamed = [event for event in events if isinstance(event, ReplyStreamed)]
    assert len(streamed) > 10
    assert "".join(event.text for event in streamed if event.reasoning) == long.reasoning
    assert "".join(event.text for event in streamed if not event.reasoning) == long.reply


async def test_playing_takes_the_recorded_time_divided_by_the_speed(tmp_path: Path) -> None:
    busy = [TurnFinished(1, turn, turn * 10.0, "x", latency=10.0) for turn in range(1, 6)]
    for speed in (1.0, 5.0):
        sleeper = Sleeper()
        await all_of(Replay(recorded(tmp_path, [HEAD, *busy]), speed=speed, sleep=sleeper, linger=False))
        assert sleeper.slept == pytest.approx(50 / speed, rel=0.01)


async def test_an_idle_hour_is_cut_to_two_seconds(tmp_path: Path) -> None:
    events = [HEAD, TurnFinished(1, 1, 1.0, "x", latency=1.0), TurnFinished(1, 2, 3601.0, "x", latency=1.0)]
    sleeper = Sleeper()
    await all_of(Replay(recorded(tmp_path, events), sleep=sleeper, linger=False))
    assert sleeper.slept == pytest.approx(4.0, abs=0.1)


def at_turn(replay: Replay) -> list[int]:
    return [len(sample.turns) for sample in replay.state.samples]


async def test_seeking_stands_where_every_sample_has_finished_the_turn(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), sleep=Sleeper())
    replay.pause()
    versions = []
    for turn in (4, 2, 0, 6, 3, 99):
        replay.seek(turn)
        assert min(at_turn(replay)) == min(turn, 6)
        versions.append((id(replay.state), replay.state.version))
    assert replay.state.status == "completed"
    assert len(set(versions)) == len(versions)


async def test_seeking_back_gives_a_new_state_whose_version_has_grown(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), sleep=Sleeper())
    replay.seek(5)
    before = replay.state
    version = before.version
    replay.seek(2)
    assert replay.state is not before
    assert replay.state.version > version
    assert before.complete_turns == 5


@pytest.mark.parametrize("target", range(7))
async def test_playing_on_from_anywhere_ends_like_the_recording(tmp_path: Path, target: int) -> None:
    recording = recorded(tmp_path)
    replay = Replay(recording, speed=100.0, sleep=Sleeper(), linger=False)
    replay.seek(6 - target)
    replay.seek(target)
    replay.resume()
    await all_of(replay)
    assert [[record.event for record in sample.turns] for sample in replay.state.samples] == [
        [record.event for record in sample.turns] for sample in recording.state.samples
    ]
    assert replay.state.status == "completed"


async def test_a_step_finishes_one_turn_in_every_sample_and_stands_still(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), sleep=Sleeper())
    for turn in (1, 2, 3):
        replay.step_turn()
        assert at_turn(replay) == [turn] * 3
        assert replay.state.status == "paused"
    replay.step_turn(99)
    assert replay.state.status == "completed"


async def test_a_step_goes_on_where_one_sample_was_cut_off_early(tmp_path: Path) -> None:
    events = [
        event
        for event in turns(HEAD)
        if not (isinstance(event, TurnFinished) and event.sample == 1 and event.turn > 2)
    ]
    replay = Replay(recorded(tmp_path, [HEAD, *events]), sleep=Sleeper())
    seen = []
    while not replay.ended:
        replay.step_turn()
        seen.append(at_turn(replay))
    assert seen == [[1, 1, 1], [2, 2, 2], [2, 3, 3], [2, 4, 4], [2, 5, 5], [2, 6, 6]]


async def test_pausing_holds_the_stream_and_resuming_goes_on(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), speed=1000.0, sleep=Sleeper(), linger=False)
    stream = replay.events()
    first = [await anext(stream) for _ in range(5)]
    replay.pause()
    assert replay.state.status == "paused"
    waiting = asyncio.ensure_future(anext(stream))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    replay.resume()
    assert replay.state.status == "running"
    rest = [await waiting] + [event async for event in stream]
    recorded_events = [event for event in first + rest if not isinstance(event, LIVE_EVENTS)]
    assert recorded_events == RUN[1:]


async def until_ended(replay: Replay) -> None:
    while not replay.ended:  # noqa: ASYNC110  the replay has nothing to wait on but its own stream, which is under test
        await asyncio.sleep(0)


async def test_the_stream_stays_open_at_the_end_until_it_is_stopped(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), speed=0, sleep=Sleeper())
    playing = asyncio.ensure_future(all_of(replay))
    await until_ended(replay)
    replay.seek(2)
    assert replay.state.status == "paused"
    replay.resume()
    await until_ended(replay)
    assert not playing.done()
    replay.stop()
    assert len(await playing) > len(RUN)


async def test_stopping_while_it_sleeps_ends_the_stream(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), sleep=Sleeper())

    async def stop(seconds: float) -> None:
        replay.stop()

    replay._sleep = stop
    assert len(await all_of(replay)) <= 2


async def test_a_run_that_was_cut_off_ends_paused_and_says_so(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path, RUN[:7]), speed=0, sleep=Sleeper(), linger=False)
    await all_of(replay)
    assert replay.state.status == "paused"
    assert replay.state.pause is not None
    assert replay.state.pause.reason == END


async def test_recorded_pauses_and_changes_are_played_too(tmp_path: Path) -> None:
    extra = [RunPaused("", 31.0), ControlsChanged(5, (("inject", 0.5),), "user", 32.0), RunResumed(90.0)]
    late = [event for event in turns(HEAD) if isinstance(event, TurnFinished)]
    events = [
        HEAD,
        *(e for e in late if e.turn < 3),
        *extra,
        *(e for e in late if e.turn >= 3),
        RunFinished("stopped", 99.0),
    ]
    replay = Replay(recorded(tmp_path, events), speed=50, sleep=Sleeper(), linger=False)
    played = [event for event in await all_of(replay) if not isinstance(event, LIVE_EVENTS)]
    assert played == events[1:]
    assert len(replay.state.changes) == 1
    assert replay.state.status == "stopped"


async def test_the_speed_may_change_on_the_way(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path), speed=1000.0, sleep=Sleeper(), linger=False)
    played: list[Event] = []
    async for event in replay.events():
        played.append(event)
        replay.set_speed((1000.0, 0.0, 3.0, math.inf)[len(played) % 4])
    assert [event for event in played if not isinstance(event, LIVE_EVENTS)] == RUN[1:]


async def test_a_session_without_turns_is_over_at_once(tmp_path: Path) -> None:
    replay = Replay(recorded(tmp_path, [HEAD]), linger=False)
    assert await all_of(replay) == []
    replay.seek(3)
    replay.step_turn()
