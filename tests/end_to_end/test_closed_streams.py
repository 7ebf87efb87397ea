"""Streams that are closed, full, or of another encoding: the session is whole, and what can be said is said."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.command_line import TIMEOUT, CommandLine

RUN = ("run", "--turns", "3", "--samples", "2", "--out", "s.jsonl")
LINES = 8
"""Header, six turns, end."""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


class Shell:
    """Runs the command line under redirections."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lhe = CommandLine(folder)

    def __call__(self, redirections: str, *words: str) -> subprocess.CompletedProcess[str]:
        line = f"{shlex.join(self.lhe.line(*words))} {redirections}"
        return subprocess.run(
            ["/bin/sh", "-c", line],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env=self.lhe.env,
            timeout=TIMEOUT,
            check=False,
        )

    def lines(self) -> int:
        return len((self.folder / "s.jsonl").read_bytes().splitlines())


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("redirections", "said"),
    [(">&-", "stdout is closed"), (">/dev/full", "No space left"), (">&- 2>&- <&-", "")],
)
def test_a_run_whose_results_nobody_takes_leaves_a_whole_session(
    shell: Shell, redirections: str, said: str, as_json: tuple[str, ...]
) -> None:
    done = shell(redirections, *RUN, *as_json)
    assert (done.returncode, done.stdout, shell.lines()) == (1, "", LINES)
    assert done.stderr.count("\n") == bool(said)
    assert said in done.stderr


def test_a_run_without_stderr_prints_its_results_and_nothing_else(shell: Shell) -> None:
    done = shell("2>&- <&-", *RUN, "--json")
    assert (done.returncode, shell.lines()) == (0, LINES)
    assert json.loads(done.stdout)["samples"] == 2


@pytest.mark.parametrize(
    "words", [("report", "s.jsonl"), ("--help",), ("run", "--help"), ("--version",), ("doctor",)]
)
def test_a_closed_stdout_is_one_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    if "s.jsonl" in words:
        assert shell("", *RUN).returncode == 0
    done = shell(">&-", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "lhe-tui: the result cannot be written: stdout is closed\n"


def test_messages_are_dropped_where_stderr_is_closed(shell: Shell) -> None:
    done = shell("2>&-", "bogus")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_charts_and_marks_are_ascii_where_the_stream_is(shell: Shell) -> None:
    shell.lhe.env["PYTHONIOENCODING"] = "ascii"
    done = shell("", *RUN)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "?" not in done.stdout
    assert "=#= task accuracy" in done.stdout
