"""A run cut into shards and put together again is the run in one piece."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.engine.events import ControlsChanged, RunStarted
from lhe_tui.engine.runner import Run
from lhe_tui.engine.state import RunState
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.record.annotations import annotate
from lhe_tui.record.read import read_session
from lhe_tui.record.report import report
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.record.shards import ShardError, merged, missing_samples, shard_of, write_merged
from lhe_tui.task.controls import Controls, Injection
from tests.sessions import header

OF_THE_FILE = ("session_id", "created", "seconds", "notes")
CHANGE = ControlsChanged(5, (("inject", 0.5),), "script")


def head(samples: int = 7) -> RunStarted:
    return header(samples, 8, controls=Controls("sim/medium", injection=Injection(0.25, "own", since=1)))


def run(path: Path, start: RunStarted, turns: int = 8) -> Path:
    """A session of the simulated model, stopped after so many turns."""

    async def ask() -> None:
        state = RunState(start).apply(CHANGE)
        with SessionWriter.create(path, start, [CHANGE]) as writer:
            running = Run(state, simulated_model, record=writer.write, live=False)
            async for _ in running.events():
                if state.complete_turns >= turns:
                    running.stop()

    asyncio.run(ask())
    return path


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    return [
        run(tmp_path / f"{n}.jsonl", replace(shard_of(head(), n, 3), session=f"shard {n}")) for n in (1, 2, 3)
    ]


def test_shards_together_are_the_run_in_one_piece(tmp_path: Path, shards: list[Path]) -> None:
    whole = read_session(run(tmp_path / "whole.jsonl", head()))
    out = tmp_path / "merged.jsonl"
    write_merged([read_session(path) for path in (shards[2], shards[0], shards[1])], out)
    found = read_session(out)
    assert found.warnings == []
    same = ("session", "created")
    assert replace(found.header, **{name: getattr(whole.header, name) for name in same}) == whole.header
    for one, other in zip(whole.state.samples, found.state.samples, strict=True):
        assert [r.event.reply for r in one.turns] == [r.event.reply for r in other.turns]
        assert [(r.outcome, r.basis) for r in one.turns] == [(r.outcome, r.basis) for r in other.turns]
    one, other = report(whole.state), report(found.state)
    assert {k: v for k, v in one.items() if k not in OF_THE_FILE} == {
        k: v for k, v in other.items() if k not in OF_THE_FILE
    }


def test_every_sample_is_in_one_shard() -> None:
    ids = [shard_of(head(), number, 3).sample_ids for number in (1, 2, 3)]
    assert ids == [(1, 2), (3, 4), (5, 6, 7)]
    for number, of in ((0, 3), (4, 3), (1, 8)):
        with pytest.raises(ShardError, match="7 samples are cut into at most 7 shards"):
            shard_of(head(), number, of)


def test_a_shard_that_is_missing_is_said_and_the_rest_keeps_its_numbers(
    tmp_path: Path, shards: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["merge", str(shards[0]), str(shards[2]), "--out", str(tmp_path / "part.jsonl")]
    assert run_command_line(words) == 0
    assert "2 of the run's samples are in none of the shards" in capsys.readouterr().err
    found = read_session(tmp_path / "part.jsonl").header
    assert found.sample_ids == (1, 2, 5, 6, 7)
    rest = merged([read_session(tmp_path / "part.jsonl"), read_session(shards[1])])[0]
    assert isinstance(rest, RunStarted)
    assert (rest.sample_ids, missing_samples(rest)) == ((), 0)


def test_a_shard_that_was_cut_off_leaves_the_whole_to_be_resumed(tmp_path: Path, shards: list[Path]) -> None:
    shards[1].write_bytes(b"".join(shards[1].read_bytes().splitlines(keepends=True)[:6]))
    write_merged([read_session(path) for path in shards], tmp_path / "m.jsonl")
    state = read_session(tmp_path / "m.jsonl").state
    assert (state.status, len(state.samples[0].turns)) == ("running", 8)
    assert len(state.samples[2].turns) < 8


def test_notes_stay_with_their_samples(tmp_path: Path, shards: list[Path]) -> None:
    annotate(shards[1], ["here"], sample=2, turn=3)
    write_merged([read_session(path) for path in shards], tmp_path / "m.jsonl")
    (note,) = read_session(tmp_path / "m.jsonl").state.notes
    assert (note.text, note.sample, note.turn) == ("here", 4, 3)


def test_what_is_no_shard_of_the_same_run_is_named(
    tmp_path: Path, shards: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    other = run(tmp_path / "other.jsonl", replace(shard_of(head(), 2, 3), injection_seed=9))
    for files, said in (
        ([shards[0], other], "they differ in injection seed"),
        ([shards[0], shards[0]], "sample 1 is in"),
        ([shards[0]], "merge takes two shards or more"),
        ([shards[0], tmp_path / "gone"], "there is no file"),
    ):
        code = run_command_line(["merge", *map(str, files), "--out", str(tmp_path / "m.jsonl")])
        assert (code, said in capsys.readouterr().err) == (2, True)
        assert not (tmp_path / "m.jsonl").exists()
