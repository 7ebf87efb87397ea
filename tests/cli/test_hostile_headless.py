"""Hostile sessions, servers and file names through every command that prints: nothing of them acts on a terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.cli.commands import COMMANDS
from tests.hostile_session import hostile_events
from tests.hostile_texts import HOSTILE_TEXTS, ONE_OF_EACH, forbidden
from tests.misbehaving_server import MisbehavingServer, Reply, Request, error, sse
from tests.sessions import write

SAMPLES = 4
TURNS = -(-len(HOSTILE_TEXTS) // SAMPLES)
NAMES = [
    name
    for name, text in ONE_OF_EACH.items()
    if 0 < len(text) < 200 and not {"/", "\0"} & set(text) and text not in (".", "..")
]
NOT_PRINTING = {
    "demo",
    "docs",
    "web",
    "prompt",
    "run",
    "replay",
    "ladder",
    "experiment",
    "dataset",
    "import",
    "export",
    "paths",
    "doctor",
    "schema",
    "title",
    "tag",
    "note",
    "merge",
}
"""Shown elsewhere: run and models below, replay in a pseudo-terminal, exports by the tests of each form."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "s.jsonl"
    write(path, hostile_events(SAMPLES))
    return path


@pytest.fixture(scope="module")
def short_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "s.jsonl"
    write(path, hostile_events(40))
    return path


def printed(capfd: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What a command prints, judged; and that it neither crashes nor hangs."""
    code = run_command_line([str(word) for word in words])
    out, err = capfd.readouterr()
    assert code in (0, 1, 2), words
    assert "a fault of lhe-tui itself" not in err, err
    assert forbidden(out + err, newlines=True) == [], words
    return out + err


def test_every_command_is_looked_at() -> None:
    assert len(set(COMMANDS)) == len(COMMANDS)
    assert set(COMMANDS) - NOT_PRINTING == {"inspect", "report", "compare", "models"}


def test_reports_and_overviews_of_a_hostile_session_act_on_nothing(
    session: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = session.with_name("other.jsonl")
    shutil.copy(session, other)
    shown = "".join(
        printed(capfd, *words)
        for words in (
            ("report", session),
            ("report", session, "--rules", "reference"),
            ("inspect", session),
            ("compare", session, other),
        )
    )
    assert "<script>" in shown


@pytest.mark.parametrize("sample", range(1, SAMPLES + 1))
def test_turns_of_a_hostile_session_are_printed_whole_and_harmless(
    session: Path, sample: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for turn in range(sample, TURNS + 1, SAMPLES):
        printed(capfd, "inspect", session, "--sample", str(sample), "--turn", str(turn))


def test_long_messages_are_printed_whole_and_harmless(
    session: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    printed(capfd, "inspect", session, "--sample", "4", "--turn", str(TURNS), "--full")


@pytest.mark.parametrize("name", NAMES)
def test_no_file_name_acts_on_the_terminal(
    short_session: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        named = tmp_path / f"{ONE_OF_EACH[name]}.jsonl"
        named.write_text("no session\n")
    except (UnicodeEncodeError, OSError):
        pytest.skip("no file can have that name here")
    assert printed(capfd, "report", named)
    assert printed(capfd, "inspect", tmp_path / "absent" / named.name)
    assert printed(capfd, "run", "--resume", named)
    shutil.copy(short_session, named)
    printed(capfd, "report", named)


def test_what_a_lying_server_says_of_its_models_acts_on_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    entries = [{"id": text[:300], "owned_by": text[:300], "context_length": 4096} for text in HOSTILE_TEXTS]
    with MisbehavingServer(models=entries).in_thread() as server:
        shown = printed(capfd, "models", server.url)
    assert "context 4,096" in shown


@pytest.mark.parametrize("start", range(0, len(ONE_OF_EACH), 20))
def test_what_a_lying_server_answers_and_refuses_acts_on_nothing(
    start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sessions").mkdir()
    # A reply of nothing is asked again after a wait, and is tested where replies are.
    texts = [text for text in [*ONE_OF_EACH.values()][start : start + 20] if text.strip()]

    def answer(text: str) -> object:
        def reply(request: Request) -> Reply:
            return Reply(*sse(text))

        return reply

    with MisbehavingServer(*[answer(text) for text in texts]).in_thread() as server:  # type: ignore[arg-type]
        words = (
            "run",
            "--turns",
            str(len(texts)),
            "--samples",
            "1",
            "--model",
            "m",
            "--base-url",
            server.url,
        )
        printed(capfd, *words, "--out", "s.jsonl")
        for text in texts:
            server.script = [error(401, {"error": {"message": text}})]
            printed(capfd, *words)
