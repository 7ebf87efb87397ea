"""A turn's request as a curl command is the very request that the server got, and carries no key."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.engine.events import KEY_VARIABLE, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.record.curl import NoRequest, curl_line
from lhe_tui.record.read import read_session
from lhe_tui.task.controls import Controls
from tests.each import each
from tests.hostile_texts import HOSTILE_TEXTS
from tests.misbehaving_server import MisbehavingServer
from tests.sessions import header

SECRET = "sk-very-secret"


def asked(
    model: str, base_url: str | None = None, reply: str = "<answer>1</answer>", **extra: str
) -> RunState:
    """Two turns of a model, the second asked after `reply`."""
    head = replace(header(1, 3, controls=Controls(model, temperature=0.5)), base_url=base_url, extra=extra)
    state = RunState(head)
    for turn in (1, 2):
        state.apply(TurnFinished(1, turn, float(turn), reply))
    return state


def body_of(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shlex.split(line)[-1])
    return found


def test_the_line_asks_what_the_server_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_KEY", SECRET)
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        task = ("--turns", "3", "--samples", "1", "--dict-size", "10", "--inject", "0.5", "--out", "s.jsonl")
        words = ["run", "--model", "m", "--base-url", server.url, "--api-key-env", "MY_KEY", *task]
        assert run_command_line([*words, "--temperature", "0.5", "--mode", "cot"]) == 0
        capsys.readouterr()
        state = read_session(tmp_path / "s.jsonl").state
        sent = [request for request in server.requests if request.method == "POST"]
        lines = [curl_line(state, 1, turn) for turn in (1, 2, 3)]
        assert [body_of(line) for line in lines] == [request.json for request in sent]
        assert run_command_line(["inspect", "s.jsonl", "--turn", "2", "--curl"]) == 0
        assert capsys.readouterr().out == lines[1] + "\n"
        assert run_command_line(["inspect", "s.jsonl", "--turn", "2", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["curl"] == lines[1]
        assert all(SECRET not in line for line in lines)
        if shutil.which("curl"):
            env = {**os.environ, "NO_PROXY": "*"}
            done = subprocess.run(
                ["sh", "-c", lines[2]], capture_output=True, text=True, env=env, check=False
            )
            assert done.returncode == 0, done.stderr
            again = server.requests[-1]
            assert (again.json, again.headers["authorization"]) == (sent[2].json, f"Bearer {SECRET}")
            assert done.stdout.startswith("data: ")


@pytest.mark.parametrize(
    ("model", "base_url", "url", "key"),
    [
        ("openrouter/a/b", None, "https://openrouter.ai/api/v1/chat/completions", "$OPENROUTER_API_KEY"),
        ("ollama/qwen3", None, "http://localhost:11434/v1/chat/completions", ""),
        ("localhost:9/m", None, "http://localhost:9/v1/chat/completions", ""),
        ("h:9/m", "http://h:9/v1", "http://h:9/v1/chat/completions", ""),
    ],
)
def test_a_providers_key_stands_there_by_its_variable(
    model: str, base_url: str | None, url: str, key: str
) -> None:
    line = curl_line(asked(model, base_url), 1, 2)
    words = shlex.split(line)
    assert url in words
    assert any(key in word for word in words) if key else not any("Bearer" in word for word in words)
    assert body_of(line)["model"] == ("a/b" if model.startswith("openrouter") else model.partition("/")[2])


@each("text", HOSTILE_TEXTS[:60])
def test_no_reply_or_variable_name_can_leave_its_quotes(text: str) -> None:
    line = curl_line(asked("localhost:9/m", None, text, **{KEY_VARIABLE: text}), 1, 2)
    assert line.isascii()
    if len(line) < 100_000:
        assert line.isprintable()
        words = shlex.split(line)
        assert len(words) == (7 if text == "" else 9)
        assert "$(" not in words[6]
        assert len(body_of(line)["messages"]) == 4


def test_a_long_body_is_read_from_the_lines_below() -> None:
    line = curl_line(asked("localhost:9/m", None, "'EOF\nEOF\n" * 20_000), 1, 2)
    head, text, end = line.split("\n")
    assert head.endswith("--data-binary @- <<'EOF'")
    assert end == "EOF"
    assert len(json.loads(text)["messages"]) == 4


def test_where_no_server_was_asked_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NoRequest, match="sim/large is simulated and has no server: there is no request"):
        curl_line(asked("sim/large"), 1, 1)
    with pytest.raises(NoRequest, match="does not say where nowhere/m is served"):
        curl_line(asked("nowhere/m"), 1, 1)
    given = RunState(header(1, 3, controls=Controls("localhost:9/m")))
    given.apply(TurnFinished(1, 1, 0.0, "<answer>1</answer>", edited=True))
    with pytest.raises(NoRequest, match="was given and not asked"):
        curl_line(given, 1, 1)
