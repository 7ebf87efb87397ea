"""Hostile replies, names and files in the app, in a real pseudo-terminal: only Textual's own sequences come out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine
from tests.end_to_end.terminal import Terminal
from tests.hostile_session import hostile_events
from tests.hostile_texts import HOSTILE, HOSTILE_TEXTS
from tests.misbehaving_server import MisbehavingServer, Reply, error, sse
from tests.sessions import write

_COLOUR = rb"(?:[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|[34]9)"
OWN = re.compile(
    rb"\x1b\[(?:0|[1-9](?:;[1-9])*(?:;"
    + _COLOUR
    + rb")*|"
    + _COLOUR
    + rb"(?:;"
    + _COLOUR
    + rb")*)?m"  # styles
    rb"|\x1b\[\d+;\d+H"  # the cursor, to a place
    rb"|\x1b\[\?(?:25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048|7)[hl]"  # modes
    rb"|\x1b\[\?(?:2026|2048)\$p"  # questions to the terminal
    rb"|\x1b\[[<>]\d*u"  # the keyboard protocol
    rb"|\x1b\]22;(?:default|pointer|text)\x07"  # the mouse pointer's shape
)
CONTROLS = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")
SHORT = [text for text in HOSTILE_TEXTS if text.strip() and len(text) < 10_000]


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def strange(seen: bytes) -> list[bytes]:
    """What came out that Textual does not send of itself."""
    if seen.count(b"\x1b[?1049l") > seen.count(b"\x1b[?1049h"):
        return [b"the alternate screen is left before its time"]
    rest = OWN.sub(b"", seen)
    found = [rest[max(0, match.start() - 20) : match.end() + 20] for match in CONTROLS.finditer(rest)]
    # What reorders or vanishes: overrides, isolates, marks, zero width, tags.
    text = rest.decode("utf-8", "replace")
    return found + [
        char.encode()
        for char in text
        if char in "\u202a\u202b\u202d\u202e\u2066\u2067\u200b\u200e\ufeff\U000e0041"
    ]


def leave(terminal: Terminal) -> None:
    terminal.type("\x11")
    terminal.until(lambda: terminal.process.poll() is not None or b"Quit?" in terminal.seen[-20_000:])
    if terminal.process.poll() is None:
        terminal.type("y")
    assert terminal.end() == 0
    assert terminal.as_before == []


def test_the_judge_sees_what_a_reply_could_smuggle() -> None:
    acting = [
        text for name, text in HOSTILE.items() if name.startswith(("CSI", "OSC", "DCS", "APC", "reset"))
    ]
    for text in acting:
        assert strange(b"before" + text.encode() + b"after"), text


def test_a_live_run_of_hostile_replies_sends_nothing_of_its_own(lhe: CommandLine) -> None:
    script = [lambda request, text=text: Reply(*sse(text)) for text in SHORT]  # type: ignore[misc]  # bound now
    refusal = error(401, {"error": {"message": "".join(SHORT)[:20_000]}})
    with MisbehavingServer(*script, *[refusal] * 50).in_thread() as server:
        words = ("--turns", str(len(SHORT) + 1), "--samples", "1", "--base-url", server.url)
        terminal = Terminal(lhe, "run", "--watch", *words, "--model", "[b]m$x[/nope]", "--out", "s.jsonl")
        try:
            terminal.until("Paused by a fault")
            for keys in ("\x1b[H", "\r"):  # home, enter: the inspector on the first turn
                terminal.type(keys)
                terminal.until(lambda: True)
            terminal.until("started from")
            for _ in range(len(SHORT)):
                terminal.type("n")
                terminal.catch_up()
            for keys in ("d", "o", "x"):
                terminal.type(keys)
                terminal.catch_up()
            terminal.until(lambda: f"{len(SHORT)}".encode() in terminal.seen)
            terminal.until(lambda: "␛".encode() in terminal.seen)
            terminal.type("\x1b")
            leave(terminal)
        finally:
            terminal.close()
    assert strange(terminal.seen) == []
    assert "␛".encode() in terminal.seen
    assert b"[/nope]" in terminal.seen


def test_a_replay_and_a_list_of_hostile_sessions_send_nothing_of_their_own(lhe: CommandLine) -> None:
    folder = lhe.folder / "sessions"
    folder.mkdir()
    write(folder / "s.jsonl", hostile_events())
    for name, text in HOSTILE.items():
        if "/" not in text and "\0" not in text and 0 < len(text) < 100:
            try:
                (folder / f"{text}.jsonl").write_text(f"{name}: no session\n")
            except UnicodeEncodeError:
                continue
    terminal = Terminal(lhe, "replay", folder / "s.jsonl", "--speed", "1000000")
    try:
        terminal.until("End of the recording")
        terminal.type("\x1b[13~\x1bOR")  # F3 in two spellings
        terminal.until("Sessions")
        for _ in range(60):
            terminal.type("\x1b[B")
            terminal.catch_up()
        # The list is read in the background: on a busy machine its rows come later than the keys.
        terminal.until(lambda: "␛".encode() in terminal.seen)
        leave(terminal)
    finally:
        terminal.close()
    assert strange(terminal.seen) == []
    assert "␛".encode() in terminal.seen
