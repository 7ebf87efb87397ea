"""A killed run goes on where it was: no finished turn is lost, and none is asked twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from lhe_tui.record.read import read_session
from lhe_tui.task.prompts import shown_keys
from tests.end_to_end.command_line import TIMEOUT, CommandLine
from tests.misbehaving_server import HANG, MisbehavingServer, Reply, Request, delta, sse

TURNS, SAMPLES = 6, 3
TASK = ("--turns", str(TURNS), "--samples", str(SAMPLES), "--dict-size", "20", "--min-value", "1")
Asked = tuple[str, ...]
"""A turn as the server sees it: the user messages of its conversation so far."""


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def asked_turns(requests: list[Request]) -> list[Asked]:
    return [
        tuple(message["content"] for message in request.json["messages"] if message["role"] == "user")
        for request in requests
        if request.path.endswith("/chat/completions")
    ]


def recorded_turns(path: Path) -> list[Asked]:
    state = read_session(path).state
    return [
        tuple(shown_keys(state.task, number, turn) for turn in range(1, record.turn + 1))
        for number, sample in enumerate(state.samples, 1)
        for record in sample.turns
    ]


def all_turns(path: Path) -> set[Asked]:
    task = read_session(path).state.task
    return {
        tuple(shown_keys(task, sample, t) for t in range(1, turn + 1))
        for sample in range(1, SAMPLES + 1)
        for turn in range(1, TURNS + 1)
    }


@pytest.mark.parametrize(
    ("answered", "how"),
    [
        (0, signal.SIGKILL),
        (1, signal.SIGINT),
        (7, signal.SIGKILL),
        (7, signal.SIGINT),
        (TURNS * SAMPLES - 1, signal.SIGKILL),
    ],
)
def test_a_run_against_a_server_loses_only_the_replies_in_flight(
    lhe: CommandLine, answered: int, how: signal.Signals
) -> None:
    path = lhe.folder / "s.jsonl"
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(delta("<answer>1", role="assistant"), HANG)

    good = [lambda request: Reply(*sse("<answer>1</answer>"))] * answered
    with MisbehavingServer(*good, hang, answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        process = lhe.start("run", *TASK, "--model", "m", "--base-url", server.url, "--out", path.name)
        assert hanging.wait(TIMEOUT)
        process.send_signal(how)
        _, said = process.communicate(timeout=TIMEOUT)
        assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
        assert ("lhe-tui run --resume s.jsonl" in said) == (how == signal.SIGINT)
        kept = recorded_turns(path)
        assert len(kept) == answered
        before = len(asked_turns(server.requests))
        assert before == answered + 1

        document = lhe.json("run", "--resume", path, "--json")
        again = asked_turns(server.requests)[before:]
    assert len(again) == len(set(again)) == TURNS * SAMPLES - answered
    assert not set(again) & set(kept)
    assert set(again) | set(kept) == all_turns(path)
    assert sum(document["outcomes"].values()) == TURNS * SAMPLES
    assert not read_session(path).damage


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_killed_simulated_run_ends_as_if_nobody_had_killed_it(lhe: CommandLine, share: float) -> None:
    words = ("--model", "sim/medium", "--turns", "60", "--samples", "40", "--at", "20:inject=0.5")
    whole = lhe.json("run", *words, "--json", "--out", "whole.jsonl")
    path = lhe.folder / "killed.jsonl"
    process = lhe.start("run", *words, "--out", path.name)
    full_size = (lhe.folder / "whole.jsonl").stat().st_size
    while process.poll() is None and (not path.exists() or path.stat().st_size < share * full_size):
        os.sched_yield()
    process.kill()
    process.communicate(timeout=TIMEOUT)
    assert figures(lhe.json("run", "--resume", path.name, "--json")) == figures(whole)


def test_wherever_the_file_is_cut_the_run_goes_on_to_the_same_end(lhe: CommandLine) -> None:
    whole = lhe.json("run", *TASK, "--json", "--out", "whole.jsonl", "--at", "3:inject=1")
    data = (lhe.folder / "whole.jsonl").read_bytes()
    # The header and the scripted change are written in one piece.
    header_end = data.index(b"\n", data.index(b"\n") + 1) + 1
    path = lhe.folder / "cut.jsonl"
    for cut in (
        header_end,
        header_end + 1,
        header_end + (len(data) - header_end) // 2,
        len(data) - 90,
        len(data) - 1,
    ):
        path.write_bytes(data[:cut])
        assert figures(lhe.json("run", "--resume", path.name, "--json")) == figures(whole), cut


def test_a_torn_last_line_is_dropped_with_a_word(lhe: CommandLine) -> None:
    lhe.json("run", *TASK, "--json", "--out", "s.jsonl")
    path = lhe.folder / "s.jsonl"
    path.write_bytes(path.read_bytes()[:-120])
    done = lhe("run", "--resume", "s.jsonl")
    assert done.returncode == 0
    assert "was cut short and is dropped" in done.stderr


def test_a_finished_session_has_nothing_left_to_ask(lhe: CommandLine) -> None:
    whole = lhe.json("run", *TASK, "--json", "--out", "s.jsonl")
    assert figures(lhe.json("run", "--resume", "s.jsonl", "--json")) == figures(whole)


def test_a_damaged_session_is_not_gone_on_with(lhe: CommandLine) -> None:
    lhe.json("run", *TASK, "--json", "--out", "s.jsonl")
    path = lhe.folder / "s.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = b"".join([*lines[:3], b"garbage\n", *lines[4:]])
    path.write_bytes(damaged)
    done = lhe("run", "--resume", "s.jsonl")
    assert done.returncode == 2
    assert "damaged" in done.stderr
    assert path.read_bytes() == damaged


def test_two_processes_never_write_one_session(lhe: CommandLine) -> None:
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(delta("<answer>1", role="assistant"), HANG)

    with MisbehavingServer(hang).in_thread() as server:
        process = lhe.start("run", *TASK, "--model", "m", "--base-url", server.url, "--out", "s.jsonl")
        assert hanging.wait(TIMEOUT)
        done = lhe("run", "--resume", "s.jsonl")
        stop(process)
    assert done.returncode == 2
    assert "another process is writing" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_leave_a_whole_session_and_their_own_code(
    lhe: CommandLine, number: signal.Signals, code: int
) -> None:
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(HANG)

    with MisbehavingServer(hang).in_thread() as server:
        process = lhe.start("run", *TASK, "--model", "m", "--base-url", server.url, "--out", "s.jsonl")
        assert hanging.wait(TIMEOUT)
        process.send_signal(number)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == code
    assert read_session(lhe.folder / "s.jsonl").state.status == "stopped"


def test_a_resumed_run_can_be_given_further_changes_but_none_for_the_past(lhe: CommandLine) -> None:
    lhe.json("run", *TASK, "--json", "--out", "s.jsonl")
    path = lhe.folder / "s.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if _is_before(line, turn=4)))
    late = lhe("run", "--resume", "s.jsonl", "--at", "2:inject=1")
    assert late.returncode == 2
    assert "turn 2 has been asked already" in late.stderr
    document = lhe.json("run", "--resume", "s.jsonl", "--at", "5:inject=1", "--json")
    assert document["injected"]["asked"] > 0


def _is_before(line: bytes, turn: int) -> bool:
    event = json.loads(line)
    return bool(event["event"] == "header" or (event["event"] == "turn" and event["turn"] < turn))


def figures(document: dict[str, object]) -> dict[str, object]:
    """What a report says of the run, without when and where it was made."""
    own = ("session", "session_id", "created", "seconds")
    return {name: value for name, value in document.items() if name not in own}


def stop(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=TIMEOUT)
