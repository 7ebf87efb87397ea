"""However the app dies, the terminal is given back, the session is whole and the way on is said."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import TIMEOUT, CommandLine
from tests.end_to_end.terminal import ALTERNATE_SCREEN, Terminal
from tests.misbehaving_server import HANG, MisbehavingServer, Reply, Request, delta, sse

ENDINGS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
RESUME = b"lhe-tui run --resume s.jsonl"
WATCHED = ("run", "--watch", "--turns", "2000", "--samples", "2", "--out", "s.jsonl")


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@contextmanager
def opened(lhe: CommandLine, *words: str, ignoring: tuple[signal.Signals, ...] = ()) -> Iterator[Terminal]:
    terminal = Terminal(lhe, *words, ignoring=ignoring)
    try:
        yield terminal
    finally:
        terminal.close()


def whole(lhe: CommandLine) -> int:
    """How many turns the session holds; that it is whole."""
    recording = read_session(lhe.folder / "s.jsonl")
    assert not recording.damage
    assert not recording.torn
    return recording.state.finished_turns


@pytest.mark.parametrize(("number", "code"), ENDINGS)
def test_a_signal_ends_a_watched_run_whole_and_gives_the_terminal_back(
    lhe: CommandLine, number: signal.Signals, code: int
) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")  # a turn is done
        terminal.signal(number)
        assert terminal.end() == code
        assert terminal.as_before == []
        assert RESUME in terminal.seen
    assert whole(lhe) > 0
    assert read_session(lhe.folder / "s.jsonl").state.status == "stopped"


@pytest.mark.parametrize(("number", "code"), ENDINGS[:2])
def test_a_signal_in_the_middle_of_a_reply_loses_nothing_but_that_reply(
    lhe: CommandLine, number: signal.Signals, code: int
) -> None:
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(delta("<answer>half of a rep", role="assistant"), HANG)

    good = [lambda request: Reply(*sse("<answer>1</answer>"))] * 3
    with MisbehavingServer(*good, hang, answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        words = ("run", "--watch", "--turns", "6", "--samples", "1", "--model", "m", "--base-url", server.url)
        with opened(lhe, *words, "--out", "s.jsonl") as terminal:
            terminal.until("half of a rep")
            assert hanging.is_set()
            terminal.signal(number)
            assert terminal.end() == code
            assert terminal.as_before == []
            assert RESUME in terminal.seen
        assert whole(lhe) == 3
        assert sum(lhe.json("run", "--resume", "s.jsonl", "--json")["outcomes"].values()) == 6


@pytest.mark.parametrize(("number", "code"), ENDINGS[:1])
def test_a_question_on_the_screen_holds_up_no_signal(
    lhe: CommandLine, number: signal.Signals, code: int
) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        terminal.type("\x11")
        terminal.until("Quit?")
        terminal.signal(number)
        assert terminal.end() == code
        assert terminal.as_before == []
        assert RESUME in terminal.seen
    whole(lhe)


@pytest.mark.parametrize(("number", "code"), ENDINGS)
def test_a_signal_while_the_app_starts_leaves_the_terminal_as_it_was(
    lhe: CommandLine, number: signal.Signals, code: int
) -> None:
    with opened(lhe) as terminal:
        terminal.until(lambda: ALTERNATE_SCREEN in terminal.modes)
        terminal.signal(number)
        assert terminal.end() == code
        assert terminal.as_before == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_the_app_is_there_leaves_the_terminal_as_it_was(
    lhe: CommandLine, number: signal.Signals
) -> None:
    for _ in range(3):
        with opened(lhe) as terminal:
            os.sched_yield()
            terminal.signal(number)
            assert terminal.end() in (-number, 128 + number)
            assert terminal.as_before == []


def test_a_terminal_that_is_gone_ends_the_app_and_the_session_is_whole(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        terminal.hang_up()
        assert terminal.process.wait(TIMEOUT) == 129
    assert whole(lhe) > 0
    assert read_session(lhe.folder / "s.jsonl").state.status == "stopped"
    assert not list(lhe.folder.rglob("crash-*"))


def test_an_interrupt_that_a_shell_has_switched_off_ends_the_app_all_the_same(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED, ignoring=(signal.SIGINT,)) as terminal:
        terminal.until("✓")
        terminal.signal(signal.SIGINT)
        assert terminal.end() == 130
        assert terminal.as_before == []


def test_several_signals_at_once_are_one(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        for number in (signal.SIGHUP, signal.SIGCONT, signal.SIGTERM, signal.SIGHUP):
            terminal.signal(number)
        assert terminal.end() in (129, 143)
        assert terminal.as_before == []
    assert read_session(lhe.folder / "s.jsonl").state.status == "stopped"


def test_a_terminal_that_is_gone_is_noticed_without_a_hang_up(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED, ignoring=(signal.SIGHUP,)) as terminal:
        terminal.until("✓")
        terminal.hang_up()
        assert terminal.process.wait(TIMEOUT) == 129
    assert whole(lhe) > 0
    assert not list(lhe.folder.rglob("crash-*"))


def test_an_idle_app_notices_that_its_terminal_is_gone(lhe: CommandLine) -> None:
    with opened(lhe, ignoring=(signal.SIGHUP,)) as terminal:
        terminal.until("Start")
        terminal.hang_up()
        assert terminal.process.wait(TIMEOUT) == 129


def test_a_terminal_that_takes_nothing_more_holds_up_no_signal(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        before = (lhe.folder / "s.jsonl").stat().st_size
        while (lhe.folder / "s.jsonl").stat().st_size == before:
            os.sched_yield()  # nobody reads what is drawn
        terminal.signal(signal.SIGTERM)
        assert terminal.process.wait(TIMEOUT) == 143
        assert terminal.end() == 143
        assert terminal.as_before == []
    whole(lhe)


FULL = """
import os, select, signal, threading
from lhe_tui.tui.terminal.terminal_driver import restore_terminal
signal.signal(signal.SIGWINCH, lambda *_: None)  # as Textual does
threading.Thread(target=os.write, args=(2, b"x" * 1_000_000), daemon=True).start()
while select.select([], [2], [], 0)[1]:
    os.sched_yield()
restore_terminal(2, None)
os._exit(0)
"""


def test_a_terminal_that_is_full_is_given_back_past_the_thread_that_waits_for_it() -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", FULL], stdin=slave, stderr=slave)
    os.close(slave)
    assert process.wait(TIMEOUT) == 0
    written = b""
    with suppress(OSError):  # the other end is closed
        while piece := os.read(master, 65536):
            written += piece
    os.close(master)
    assert written.endswith(b"\x1b[?1049l\x1b[?25h")


@pytest.mark.parametrize("by_key", [True, False])
def test_a_suspended_app_gives_the_terminal_back_and_goes_on_when_it_is_resumed(
    lhe: CommandLine, by_key: bool
) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        if by_key:
            terminal.type("\x1a")
        else:
            terminal.signal(signal.SIGTSTP)
        terminal.until(lambda: not terminal.modes[ALTERNATE_SCREEN])
        stopped = os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)
        assert stopped is not None
        terminal.catch_up()
        assert terminal.as_before == []
        turns = whole(lhe)
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda: terminal.modes[ALTERNATE_SCREEN])
        terminal.until(lambda: whole(lhe) > turns)
        terminal.type("\x11")
        terminal.until("Quit?")
        terminal.type("y")
        assert terminal.end() == 0
        assert terminal.as_before == []
        assert RESUME in terminal.seen


@pytest.mark.parametrize("stop", [signal.SIGTSTP, signal.SIGSTOP, None])
def test_a_screen_that_stands_still_is_drawn_anew_after_a_stop(
    lhe: CommandLine, stop: signal.Signals | None
) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        terminal.type(" ")
        terminal.until("paused")
        if stop is not None:
            terminal.signal(stop)
            assert os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOWAIT)
            terminal.catch_up()
        terminal.signal(signal.SIGCONT)
        terminal.until("samples × turns")
        terminal.until(lambda: terminal.modes[ALTERNATE_SCREEN])
        terminal.type("\x11")
        terminal.until("Quit?")
        terminal.type("y")
        assert terminal.end() == 0
        assert terminal.as_before == []


def test_quitting_by_ctrl_c_asks_and_gives_the_terminal_back(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        terminal.type("\x03")
        terminal.until("Quit?")
        terminal.type("y")
        assert terminal.end() == 0
        assert terminal.as_before == []
        assert RESUME in terminal.seen
    assert whole(lhe) > 0


def test_bytes_that_are_no_text_end_nothing(lhe: CommandLine) -> None:
    with opened(lhe, *WATCHED) as terminal:
        terminal.until("✓")
        for typed in (b"\xff", b"\xc3(", b"\xe2\x82", b"\x1b[200~\xff\xfe\x1b[201~", b"\xf0\x9f"):
            os.write(terminal.master, typed)
        # Nothing is waited for here: help opens after all of them.
        terminal.type("\x1bOP")
        terminal.until("Stop the run, after a question")
        terminal.signal(signal.SIGTERM)
        assert terminal.end() == 143
