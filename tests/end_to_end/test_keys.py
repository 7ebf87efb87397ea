"""A canary key goes through everything that handles keys: found nowhere but in the request's header."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from tests.end_to_end.command_line import TIMEOUT, CommandLine
from tests.end_to_end.terminal import Terminal
from tests.misbehaving_server import CLOSE, HANG, MisbehavingServer, Reply, Request, delta, error, sse

CANARY = "sk-canary-7f3a9b2c5d8e1f40"
TASK = ("--turns", "4", "--samples", "2", "--model", "m", "--api-key-env", "MY_KEY")
ELSEWHERE = "http://192.0.2.7:9/v1"
"""Another machine: an address for documentation, never reached."""


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.env["MY_KEY"] = CANARY
    return line


def traces(folder: Path, *printed: str | bytes) -> list[str]:
    """Where the canary, or a long piece of it, is found."""
    pieces = [CANARY[start : start + 12].encode() for start in range(len(CANARY) - 11)]
    texts = {f"printed {number}": _bytes(text) for number, text in enumerate(printed, 1)}
    texts |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    texts |= {f"the name {path}": bytes(path) for path in folder.rglob("*")}
    return [name for name, text in texts.items() if any(piece in text for piece in pieces)]


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def echoing() -> list[Reply]:
    """Servers that say the key back, each in another place."""
    words = f"the key {CANARY} is wrong"
    return [
        error(401, {"error": {"message": words}}),
        error(403, words),
        error(400, {"error": {"message": words, "param": CANARY, "code": CANARY}}),
        error(500, {"detail": words}),
        error(429, words, {"Retry-After": CANARY, "X-Key": CANARY}),
        error(302, "", {"Location": f"http://192.0.2.7/{CANARY}?key={CANARY}"}),
        error(307, words, {"Location": f"https://{CANARY}@192.0.2.7/v1"}),
        error(401, words, {"WWW-Authenticate": f"Bearer {CANARY}", "Content-Encoding": CANARY}),
        Reply(delta("<answer>1"), b'data: {"error": {"message": "' + words.encode() + b'"}}\n\n'),
        Reply(*sse("<answer>1</answer>")[:-2], CLOSE, headers={"Set-Cookie": CANARY}),
    ]


def test_a_server_that_says_the_key_back_gets_it_onto_no_screen_and_into_no_file(lhe: CommandLine) -> None:
    def told(number: int, reply: Reply) -> tuple[str, str]:
        with MisbehavingServer(*[reply] * 2, error(401, f"still {CANARY}")).in_thread() as server:
            done = lhe("run", *TASK, "--base-url", server.url, "--out", f"{number}.jsonl")
            assert done.returncode == 1, done.stderr
            assert [request for request in server.requests if CANARY in str(request.headers)]
            assert not [request for request in server.requests if CANARY in request.path]
        return done.stdout, done.stderr

    # Most of the time is spent in waiting before the next attempt.
    with ThreadPoolExecutor(4) as pool:
        printed = [text for texts in pool.map(told, count(), echoing()) for text in texts]
    assert traces(lhe.folder, *printed) == []


def test_a_run_with_a_key_leaves_it_in_no_export_and_no_report(lhe: CommandLine) -> None:
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        done = lhe("run", *TASK, "--base-url", server.url, "--out", "s.jsonl")
    assert done.returncode == 0, done.stderr
    printed = [done.stdout, done.stderr]
    for words in (("report",), ("report", "--json"), ("inspect",), ("inspect", "--turn", "2", "--full")):
        shown = lhe(words[0], "s.jsonl", *words[1:])
        assert shown.returncode == 0, shown.stderr
        printed += [shown.stdout, shown.stderr]
    for words in (("doctor",), ("paths",), ("models",)):
        shown = lhe(*words, env={"OPENAI_API_KEY": CANARY})
        printed += [shown.stdout, shown.stderr]
    for form in ("csv", "json", "svg", "html", "dataset"):
        shown = lhe("export", "s.jsonl", "--to", form, "--out", f"out-{form}")
        printed += [shown.stdout, shown.stderr]
    assert traces(lhe.folder, *printed) == []


def test_the_app_shows_and_keeps_no_key_that_a_server_says_back(lhe: CommandLine) -> None:
    refusal = error(401, {"error": {"message": f"no such key: {CANARY}"}})
    with MisbehavingServer(*[refusal] * 20).in_thread() as server:
        terminal = Terminal(lhe, "run", "--watch", *TASK, "--base-url", server.url, "--out", "s.jsonl")
        try:
            terminal.until("no such key")
            terminal.type("\x11")
            terminal.until("Quit?")
            terminal.type("y")
            assert terminal.end() == 0
        finally:
            terminal.close()
    assert traces(lhe.folder, terminal.seen) == []


@pytest.mark.parametrize("variable", ["MY_KEY", "MY_PASSPHRASE"])
def test_a_crash_writes_no_key_down(lhe: CommandLine, variable: str) -> None:
    del lhe.env["MY_KEY"]
    lhe.env[variable] = CANARY
    # The crash happens where the key is at hand: in the very call that sends it.
    (lhe.folder / "sitecustomize.py").write_text(
        "import httpx\n"
        "async def broken(self, request, **how):\n"
        "    key = request.headers['authorization']\n"
        "    if request.method == 'POST':\n"
        "        raise RuntimeError('broken with ' + key)\n"
        "    raise httpx.ConnectError('no')\n"
        "httpx.AsyncClient.send = broken\n"
    )
    lhe.env["PYTHONPATH"] = str(lhe.folder)
    with MisbehavingServer().in_thread() as server:
        words = (*TASK[:-1], variable, "--base-url", server.url, "--out", "s.jsonl")
        done = lhe("run", *words)
    assert done.returncode == 1
    assert "a fault of lhe-tui itself" in done.stderr
    assert "RuntimeError" in done.stderr
    (report,) = lhe.folder.rglob("crash-*")
    assert oct(report.stat().st_mode & 0o777) == "0o600"
    assert oct(report.parent.stat().st_mode & 0o777) == "0o700"
    assert traces(lhe.folder, done.stdout, done.stderr) == []


def test_the_process_list_shows_no_key(lhe: CommandLine) -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("the process list is read from /proc")
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(HANG)

    with MisbehavingServer(hang).in_thread() as server:
        process = lhe.start("run", *TASK, "--base-url", server.url, "--out", "s.jsonl")
        assert hanging.wait(TIMEOUT)
        shown = (
            Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/comm").read_bytes()
        )
        process.kill()
        process.communicate(timeout=TIMEOUT)
    assert b"lhe_tui" in shown
    assert CANARY.encode() not in shown


def test_a_key_as_a_word_of_the_command_line_is_no_option(lhe: CommandLine) -> None:
    done = lhe("run", "--api-key", "whatever")
    assert done.returncode == 2


def test_a_key_goes_over_plain_http_to_another_machine_only_where_that_is_asked_for(lhe: CommandLine) -> None:
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as proxy:
        # The way to the other machine leads through a proxy, which is this server.
        lhe.env |= {"http_proxy": f"http://{proxy.label}", "no_proxy": "", "NO_PROXY": ""}
        for words in (
            ("run", *TASK, "--base-url", ELSEWHERE, "--out", "s.jsonl"),
            ("models", ELSEWHERE, "--api-key-env", "MY_KEY"),
        ):
            done = lhe(*words)
            assert done.returncode == 2, done.stderr
            assert "unencrypted" in done.stderr
            assert "--allow-insecure-key" in done.stderr
        assert not proxy.requests
        assert not (lhe.folder / "s.jsonl").exists()
        done = lhe("run", *TASK, "--base-url", ELSEWHERE, "--allow-insecure-key", "--out", "s.jsonl")
        assert done.returncode == 0, done.stderr
        assert {request.headers["authorization"] for request in proxy.requests} == {f"Bearer {CANARY}"}
        shown = lhe("models", ELSEWHERE, "--api-key-env", "MY_KEY", "--allow-insecure-key")
        assert "test-model" in shown.stdout
    # Going on with the session asks again: what was allowed once is not written down.
    assert lhe("run", "--resume", "s.jsonl").returncode == 2
