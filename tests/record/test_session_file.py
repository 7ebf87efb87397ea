"""Writing session files: durable per event, never over another file, never two writers, whole after any fault."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lhe_tui.engine.events import ControlsChanged, Event, RunFinished, RunPaused
from lhe_tui.engine.state import RunState
from lhe_tui.record import session_file
from lhe_tui.record.codec import encode
from lhe_tui.record.read import SessionBusy, SessionError, read_session
from lhe_tui.record.scan import scan_session
from lhe_tui.record.session_file import SessionWriter, new_session_path
from lhe_tui.task.controls import Controls
from tests.sessions import header, turns, whole_run, write

HEAD = header()
TURNS = turns(HEAD)


def test_a_new_session_and_its_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "run.jsonl"
    os.umask(os.umask(0o022))
    with SessionWriter.create(path, HEAD):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [
        0o700
    ] * 2


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("precious")
    with pytest.raises(SessionError, match="exists already"):
        SessionWriter.create(path, HEAD)
    assert path.read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="cannot be created"):
        SessionWriter.create(tmp_path / "file" / "run.jsonl", HEAD)
    with pytest.raises(SessionError, match="cannot be created"):
        SessionWriter.create(tmp_path / "a\0b", HEAD)


def test_an_event_can_be_read_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        for count, event in enumerate(TURNS, 1):
            writer.write(event)
            assert len(read_session(path).events) == count + 1


def test_two_writers_of_one_session_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD):
        with pytest.raises(SessionBusy, match="another process"):
            SessionWriter.append(path)
        other = "import sys; from lhe_tui.record.session_file import *; SessionWriter.append(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", other, path], capture_output=True, text=True, check=False
        )
        assert "SessionBusy" in done.stderr
    SessionWriter.append(path).close()


def test_resuming_drops_a_torn_line_and_keeps_every_whole_one(tmp_path: Path) -> None:
    path = write(tmp_path / "run.jsonl", [HEAD, *TURNS[:3]])
    whole = path.read_bytes()
    path.write_bytes(whole + encode(TURNS[3])[:-9])
    with SessionWriter.append(path) as writer:
        assert path.read_bytes() == whole
        writer.write(TURNS[3])
    assert read_session(path).events == [HEAD, *TURNS[:4]]


def test_resuming_completes_a_line_that_lacks_nothing_but_its_newline(tmp_path: Path) -> None:
    path = write(tmp_path / "run.jsonl", [HEAD, *TURNS[:3]])
    path.write_bytes(path.read_bytes()[:-1])
    with SessionWriter.append(path) as writer:
        writer.write(TURNS[3])
    assert read_session(path).events == [HEAD, *TURNS[:4]]


def test_a_torn_line_longer_than_a_chunk_is_found_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_file, "_CHUNK", 16)
    path = write(tmp_path / "run.jsonl", [HEAD, *TURNS[:2]])
    whole = path.read_bytes()
    path.write_bytes(whole + encode(TURNS[2])[:-1])
    SessionWriter.append(path).close()
    assert path.read_bytes() == whole + encode(TURNS[2])
    path.write_bytes(whole + encode(TURNS[2])[:-2])
    SessionWriter.append(path).close()
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"no session", b'{"event":"header","format":"lhe-se'])
def test_resuming_a_file_that_is_no_session_changes_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(SessionError):
        SessionWriter.append(path)
    assert path.read_bytes() == content


def test_resuming_a_missing_file_or_a_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path):
        with pytest.raises(SessionError, match="cannot be opened"):
            SessionWriter.append(path)


class FullDisk:
    """os.write on a disk that takes `room` more bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self._write = os.write
        monkeypatch.setattr(os, "write", self)

    def __call__(self, descriptor: int, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._write(descriptor, data[: self.room])
        self.room -= written
        return written


def test_a_full_disk_raises_and_leaves_only_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        writer.write(TURNS[0])
        whole = path.read_bytes()
        disk = FullDisk(monkeypatch, 40)
        with pytest.raises(OSError, match="No space left"):
            writer.write(TURNS[1])
        assert path.read_bytes() == whole
        disk.room = 10**6
        writer.write(TURNS[1])
    assert read_session(path).events == [HEAD, *TURNS[:2]]


def test_what_cannot_be_cut_back_at_once_is_cut_back_before_the_next_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        disk = FullDisk(monkeypatch, 40)
        with monkeypatch.context() as broken:

            def refuse(descriptor: int, size: int) -> None:
                raise OSError(errno.EIO, "I/O error")

            broken.setattr(os, "ftruncate", refuse)
            with pytest.raises(OSError, match="No space left"):
                writer.write(TURNS[0])
        disk.room = 10**6
        writer.write(TURNS[0])
    assert read_session(path).events == [HEAD, TURNS[0]]


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.jsonl"
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    with SessionWriter.create(path, HEAD) as writer:
        writer.write(TURNS[0])
    assert read_session(path).events == [HEAD, TURNS[0]]


def test_a_full_disk_at_the_header_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FullDisk(monkeypatch, 10)
    with pytest.raises(SessionError, match="No space left"):
        SessionWriter.create(tmp_path / "run.jsonl", HEAD)
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_session_raises_and_is_not_written_into_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        path.unlink()
        with pytest.raises(OSError, match="deleted"):
            writer.write(TURNS[0])


def test_a_failed_sync_is_raised_at_the_next_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.jsonl"
    monkeypatch.setattr(session_file, "SYNC_EVERY", 0.0)
    with SessionWriter.create(path, HEAD) as writer:
        with monkeypatch.context() as broken:

            def refuse(descriptor: int) -> None:
                raise OSError(errno.EIO, "I/O error")

            broken.setattr(os, "fsync", refuse)
            writer.write(TURNS[0])
            with pytest.raises(OSError, match="I/O error"):
                writer.sync()
        writer.write(TURNS[1])
    assert read_session(path).events == [HEAD, *TURNS[:2]]


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    writer = SessionWriter.create(tmp_path / "run.jsonl", HEAD)
    writer.close()
    writer.close()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("sim/large", "20260102-030405_sim-large_a1b2c3.jsonl"),
        ("../../etc/passwd", "20260102-030405_etc-passwd_a1b2c3.jsonl"),
        ("a\x00\x1b[2J\nb", "20260102-030405_a-2J-b_a1b2c3.jsonl"),
        ("模型", "20260102-030405_a1b2c3.jsonl"),
        ("x" * 500, f"20260102-030405_{'x' * 40}_a1b2c3.jsonl"),
    ],
)
def test_a_session_name_is_readable_and_stays_in_its_folder(tmp_path: Path, model: str, name: str) -> None:
    path = new_session_path(tmp_path, replace(HEAD, controls=Controls(model=model)))
    assert path == tmp_path / name


def test_a_whole_run_comes_back(tmp_path: Path) -> None:
    events = whole_run(HEAD)
    with SessionWriter.create(tmp_path / "run.jsonl", HEAD) as writer:
        for event in events[1:]:
            writer.write(event)
    recording = read_session(tmp_path / "run.jsonl")
    assert recording.events == events
    assert recording.state.status == "completed"
    assert isinstance(events[-1], RunFinished)
    assert recording.warnings == []


def writing(path: Path, events: list[Event]) -> tuple[SessionWriter, RunState, list[str]]:
    """A writer that keeps its run whole, after some events, its state, and what it will say."""
    said: list[str] = []
    state = RunState(HEAD)
    writer = SessionWriter.create(path, HEAD)
    writer.keep_whole(state, said.append)
    for event in events:
        state.apply(event)
        writer.write(event)
    return writer, state, said


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 40)


def add_to(path: Path) -> None:
    path.write_bytes(path.read_bytes() + encode(TURNS[0]))


def replace_file(path: Path) -> None:
    path.with_name("edited").write_bytes(path.read_bytes())
    path.with_name("edited").rename(path)


@pytest.mark.parametrize(
    ("meddle", "named"),
    [(cut, "cut"), (add_to, "added to"), (replace_file, "replaced"), (Path.unlink, "deleted")],
)
def test_a_file_that_another_program_changes_is_left_and_a_fresh_one_takes_the_whole_run(
    tmp_path: Path, meddle: Callable[[Path], None], named: str
) -> None:
    path = tmp_path / "run.jsonl"
    change = ControlsChanged(3, (("inject", 0.5),), "user", 22.5)
    events = [*TURNS[:4], change]
    writer, state, said = writing(path, events)
    meddle(path)
    left = path.read_bytes() if path.exists() else None
    for event in (*TURNS[4:], RunFinished("completed", 1000.0)):
        state.apply(event)
        writer.write(event)
    writer.close()
    assert len(said) == 1
    assert named in said[0]
    assert str(path) in said[0]
    assert writer.path == tmp_path / "run-2.jsonl"
    assert str(writer.path) in said[0]
    assert left is None or path.read_bytes() == left
    recording = read_session(writer.path)
    assert recording.damage == []
    assert recording.state.status == "completed"
    assert recording.state.changes == [change]
    assert [s.turns[-1].event for s in recording.state.samples] == [s.turns[-1].event for s in state.samples]
    assert recording.state.tallies == state.tallies


def test_a_changed_file_pauses_a_writer_that_knows_no_run(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        writer.write(TURNS[0])
        cut(path)
        with pytest.raises(OSError, match="another program has cut"):
            writer.write(TURNS[1])


def test_a_fresh_file_takes_a_name_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    (tmp_path / "run-2.jsonl").write_text("precious")
    writer = writing(path, TURNS[:2])[0]
    cut(path)
    writer.write(RunPaused("", 500.0))
    writer.close()
    assert writer.path.name == "run-3.jsonl"
    assert read_session(writer.path).state.status == "paused"


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="only the descriptors of Linux tell a file's name"
)
def test_a_session_that_is_moved_meanwhile_is_found_again(tmp_path: Path) -> None:
    path, moved = tmp_path / "run.jsonl", tmp_path / "elsewhere.jsonl"
    with SessionWriter.create(path, HEAD) as writer:
        path.rename(moved)
        writer.write(TURNS[0])
    assert writer.path == moved
    assert read_session(moved).state.finished_turns == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_session_that_an_editor_saved_is_read(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "run.jsonl", whole_run(HEAD))
    state = read_session(path).state
    path.write_bytes((path.read_text().replace("\n", "\r\n") + "\r\n  \r\n").encode(encoding))
    recording = read_session(path)
    assert (recording.damage, recording.torn) == ([], False)
    assert recording.state.tallies == state.tallies
    assert scan_session(path).turns_done == state.finished_turns
    if encoding == "utf-16":
        before = path.read_bytes()
        with pytest.raises(SessionError, match="saved as UTF-8"):
            SessionWriter.append(path)
        assert path.read_bytes() == before
    else:
        with SessionWriter.append(path) as writer:
            writer.write(RunFinished("stopped", 2000.0))
        assert read_session(path).state.status == "stopped"
