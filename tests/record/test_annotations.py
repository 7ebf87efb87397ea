"""Titles, tags and notes are appended to a session's file, and change nothing else of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.engine.events import NoteAdded
from lhe_tui.engine.state import RunState
from lhe_tui.record.annotations import AnnotationError, annotate, annotations_of
from lhe_tui.record.errors import SessionBusy
from lhe_tui.record.exporting.exporters import export_data
from lhe_tui.record.read import read_session
from lhe_tui.record.replay import Replay
from lhe_tui.record.report import report
from lhe_tui.record.session_file import SessionWriter
from lhe_tui.tui.run.transcript_rows import TranscriptRows
from tests.hostile_texts import HOSTILE_TEXTS, forbidden
from tests.sessions import header, turns, whole_run, write

ANNOTATION_KEYS = {"title", "tags", "notes"}


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl", whole_run(header(samples=3, turns=6)))


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert run_command_line([str(word) for word in words]) == 0
    return capsys.readouterr().out


def test_what_was_written_is_read_back_with_time_and_author(session: Path) -> None:
    annotate(session, ["First"], "title", author="ada")
    annotate(session, ["Second"], "title", author="ada")
    annotate(session, ["good", "odd"], "tag", author="ada")
    annotate(session, ["odd"], "untag", author="bob")
    annotate(session, ["look here"], sample=2, turn=3, author="bob")
    found = annotations_of(read_session(session).state.notes)
    assert (found.title, found.tags) == ("Second", ("good",))
    assert [(note.text, note.author) for note in found.of(2, 3)] == [("look here", "bob")]
    assert found.notes[0].time[:2] == "20"
    assert found.of(2, 4) == found.of(1, 3) == []


def test_an_annotation_changes_no_figure_and_no_line_before_it(session: Path) -> None:
    before, figures = session.read_bytes(), report(read_session(session).state)
    annotate(session, ["x"], "title")
    annotate(session, ["on a sample"], sample=1)
    assert session.read_bytes().startswith(before)
    recording = read_session(session)
    assert recording.warnings == []
    after = report(recording.state)
    assert {k: v for k, v in after.items() if k not in ANNOTATION_KEYS} == {
        k: v for k, v in figures.items() if k not in ANNOTATION_KEYS
    }


def test_a_session_that_is_being_written_is_refused(session: Path) -> None:
    before = session.read_bytes()
    with SessionWriter.append(session), pytest.raises(SessionBusy, match="another process is writing"):
        annotate(session, ["x"])
    assert session.read_bytes() == before


def test_a_run_goes_on_after_a_note_in_the_middle(tmp_path: Path) -> None:
    head = header(samples=2, turns=4)
    events = turns(head)
    path = write(tmp_path / "half.jsonl", [head, *events[:3]])
    annotate(path, ["half way"])
    with SessionWriter.append(path) as writer:
        for event in events[3:]:
            writer.write(event)
    state = read_session(path).state
    assert state.finished_turns == 8
    assert annotations_of(state.notes).notes[0].text == "half way"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "--turn", "2", "x"), "a note on a turn says of which sample"),
        (("note", "--sample", "9", "x"), "sample 9: this session has samples 1 to 3"),
        (("note", "--sample", "1", "--turn", "0", "x"), "turn 0: this session has turns 1 to 6"),
        (("note", " "), "a note needs words"),
        (("title", "two\nlines"), "a title is one line"),
        (("title", "x" * 201), "a title holds at most 200 characters, not 201"),
        (("tag", "two words"), "a tag is one plain word, not 'two words'"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(
    session: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    before = session.read_bytes()
    command, *rest = words
    assert run_command_line([command, str(session), *rest]) == 2
    assert said in capsys.readouterr().err
    assert session.read_bytes() == before


def test_a_file_that_is_no_session_gets_no_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    assert run_command_line(["note", str(tmp_path / "x.jsonl"), "hello"]) == 2
    assert "is no session" in capsys.readouterr().err
    assert (tmp_path / "x.jsonl").read_text() == "{}\n"


def test_report_inspect_and_html_show_what_was_written(
    session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "title", session, "The cure")
    run(capsys, "tag", session, "demo", "keep")
    run(capsys, "note", session, "--sample", "2", "--turn", "3", "--author", "ada", "a digit slip")
    run(capsys, "note", session, "about it all")
    said = run(capsys, "report", session)
    assert "The cure" in said
    assert "demo keep" in said
    assert "sample 2, turn 3: a digit slip (ada, 20" in said
    assert "session: about it all" in said
    assert "about it all" in run(capsys, "inspect", session)
    assert "a digit slip" in run(capsys, "inspect", session, "--sample", "2", "--turn", "3")
    turn = json.loads(run(capsys, "inspect", session, "--sample", "2", "--turn", "3", "--json"))
    assert [note["text"] for note in turn["notes"]] == ["a digit slip"]
    other = json.loads(run(capsys, "inspect", session, "--sample", "2", "--turn", "4", "--json"))
    assert other["notes"] == []
    page = run(capsys, "export", session, "--to", "html", "--out", "-")
    for words in ("<h1>The cure</h1>", "demo · keep", "a digit slip", 'id="notes"'):
        assert words in page


def test_a_replay_marks_a_noted_turn_before_the_note_is_reached(session: Path) -> None:
    annotate(session, ["here"], sample=1, turn=2)
    replay = Replay(read_session(session))
    replay.seek(3)
    rows = TranscriptRows(replay.state, 1)
    rows.sync()
    assert [(row.kind, row.turn) for row in rows.rows if row.kind == "note"] == [("note", 2)]
    replay.seek(2)
    assert [note.text for note in replay.state.notes] == ["here"]


@pytest.mark.parametrize("text", HOSTILE_TEXTS[:40])
def test_no_note_can_act_on_the_page_or_the_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    state = RunState(header())
    state.apply(NoteAdded(text, text[:50], text[:50], "note", 1, 1))
    state.apply(NoteAdded(text, "", "", "title"))
    state.apply(NoteAdded(text, "", "", "tag"))
    from lhe_tui.cli.summary import print_summary

    print_summary(state, report(state))
    assert forbidden(capsys.readouterr().out, newlines=True) == []
    page = str(export_data(state, "html"))
    assert "<script" not in page
    assert forbidden(page, newlines=True) == []


def test_a_title_that_cannot_be_is_an_error_of_its_own(session: Path) -> None:
    with pytest.raises(AnnotationError):
        annotate(session, ["x"], "tag", sample=4)
