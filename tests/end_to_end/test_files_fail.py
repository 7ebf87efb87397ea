"""Disks that fill, folders that go away, names with tricks: one clear word, and what was written stays whole."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import CommandLine
from tests.end_to_end.terminal import Terminal
from tests.misbehaving_server import MisbehavingServer, Reply, Request, sse

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="disks are made small by means of Linux")
ROOM = 256 * 1024
LONG = ("--turns", "1000", "--samples", "4", "--model", "sim/medium")


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not _mount("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)):
        pytest.skip("only root can mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def _mount(*words: str) -> bool:
    mount = shutil.which("mount")
    return (
        mount is not None
        and subprocess.run([mount, *words], capture_output=True, check=False).returncode == 0
    )


def make_room(disk: Path) -> None:
    assert _mount("-o", f"remount,size={ROOM * 1000}", str(disk))


def whole(path: Path) -> int:
    """How many turns a session holds; that nothing in it is damaged or torn."""
    recording = read_session(path)
    assert not recording.damage
    assert not recording.torn
    return recording.state.finished_turns


def test_a_full_disk_ends_a_headless_run_with_a_word_and_the_session_goes_on_once_there_is_room(
    lhe: CommandLine, small_disk: Path
) -> None:
    path = small_disk / "s.jsonl"
    done = lhe("run", *LONG, "--out", path)
    assert done.returncode == 1
    assert "the session cannot be written: No space left on device" in done.stderr
    assert f"lhe-tui run --resume {path}" in done.stderr
    before = path.read_bytes()
    turns = whole(path)
    assert 0 < turns < 4_000
    make_room(small_disk)
    document = lhe.json("run", "--resume", path, "--json")
    assert sum(document["outcomes"].values()) == 4_000
    assert path.read_bytes().startswith(before)


def test_a_full_disk_pauses_the_app_and_space_goes_on_once_there_is_room(
    lhe: CommandLine, small_disk: Path
) -> None:
    path = small_disk / "s.jsonl"
    terminal = Terminal(lhe, "run", "--watch", *LONG, "--speed", "100000", "--out", path)
    try:
        terminal.until("No space left")
        turns = whole(path)
        assert turns > 0
        before = path.read_bytes()
        make_room(small_disk)
        terminal.type(" ")
        terminal.until(lambda: whole(path) > turns + 100)
        assert path.read_bytes().startswith(before)
        terminal.type("\x11")
        terminal.until("Quit?")
        terminal.type("y")
        assert terminal.end() == 0
        assert terminal.as_before == []
    finally:
        terminal.close()
    document = lhe.json("report", path, "--json")
    assert "failed" not in {name for name, count in document["outcomes"].items() if count}


def test_a_limit_on_a_files_size_is_met_like_a_full_disk(lhe: CommandLine) -> None:
    path = lhe.folder / "s.jsonl"
    terminal = Terminal(lhe, "run", "--watch", *LONG, "--speed", "100000", "--out", path)
    try:
        terminal.until("✓")
        _, hard = resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (path.stat().st_size + 5000, hard))
        terminal.until("File too large")
        turns = whole(path)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        terminal.type(" ")
        terminal.until(lambda: whole(path) > turns + 100)
    finally:
        terminal.close()


def test_a_disk_that_is_full_from_the_start_leaves_no_file_and_says_so(
    lhe: CommandLine, small_disk: Path
) -> None:
    (small_disk / "ballast").write_bytes(b"x" * ROOM)
    done = lhe("run", *LONG, "--out", small_disk / "s.jsonl")
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_asked(
    lhe: CommandLine, small_disk: Path
) -> None:
    assert _mount("-o", "remount,ro", str(small_disk))
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        words = ("--turns", "3", "--model", "m", "--base-url", server.url)
        done = lhe("run", *words, "--out", small_disk / "s.jsonl")
        assert not [request for request in server.requests if request.path.endswith("completions")]
    assert done.returncode == 2
    assert "Read-only file system" in done.stderr


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_session_that_is_deleted_while_it_is_written_is_said_and_written_anew_next_to_it(
    lhe: CommandLine, what: str
) -> None:
    folder = lhe.folder / "runs"
    gone = threading.Event()

    def answer(request: Request) -> Reply:
        if len(requests) == 5 and not gone.is_set():
            shutil.rmtree(folder) if what == "folder" else (folder / "s.jsonl").unlink()
            gone.set()
        requests.append(request)
        return Reply(*sse("<answer>1</answer>"))

    requests: list[Request] = []
    with MisbehavingServer(*[answer] * 100).in_thread() as server:
        words = ("--turns", "50", "--samples", "2", "--model", "m", "--base-url", server.url)
        done = lhe("run", *words, "--out", folder / "s.jsonl")
    assert done.returncode == 0
    assert "the session file was deleted or replaced: " in done.stderr
    [fresh] = folder.iterdir()
    assert f"Session {fresh}" in done.stdout
    assert read_session(fresh).state.finished_turns == 100


def test_another_process_that_writes_a_session_is_named_to_who_would_watch_it(lhe: CommandLine) -> None:
    terminal = Terminal(lhe, "run", "--watch", "--turns", "2000", "--out", "s.jsonl")
    try:
        terminal.until("✓")
        for words in (("run", "--resume", "s.jsonl"), ("run", "--watch", "--resume", "s.jsonl")):
            second = Terminal(lhe, *words)
            assert second.end() == 2
            assert b"another process is writing" in second.seen
            second.close()
    finally:
        terminal.close()
    whole(lhe.folder / "s.jsonl")


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "/etc/passwd",
        "..",
        "x" * 250,
        "~/x",
        "-rf",
        "a b",
        "‮evil",
    ],
)
def test_no_model_name_leads_a_session_out_of_its_folder(lhe: CommandLine, name: str) -> None:
    before = set(lhe.folder.rglob("*"))
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        words = ("--turns", "1", "--samples", "1", f"--model={name}", "--base-url", server.url)
        done = lhe("run", *words)
    files = {path for path in lhe.folder.rglob("*") if path.is_file()} - before
    if done.returncode == 2:
        assert not files
        return
    assert done.returncode == 0, done.stderr
    (session,) = files
    assert session.parent == lhe.folder / "data" / "lhe-tui" / "sessions"
    assert session.name.isascii()
    assert not set(session.name) & set("/\\$() ~")
    assert len(session.name) < 100
    assert oct(session.stat().st_mode & 0o777) == "0o600"
    assert oct(session.parent.stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("name", ["a\nb", "x" * 301, " ", "\x1b[31m"])
def test_a_model_name_that_is_none_is_refused_in_one_line(lhe: CommandLine, name: str) -> None:
    done = lhe("run", "--turns", "1", "--model", name)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "\x1b" not in done.stderr


def test_permissions_do_not_hang_on_the_umask(lhe: CommandLine) -> None:
    before = os.umask(0)
    try:
        lhe.json("run", "--turns", "2", "--json", "--out", "deep/er/s.jsonl")
    finally:
        os.umask(before)
    modes = [
        oct((lhe.folder / name).stat().st_mode & 0o777) for name in ("deep", "deep/er", "deep/er/s.jsonl")
    ]
    assert modes == ["0o700", "0o700", "0o600"]
