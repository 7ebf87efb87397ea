"""Reading session files: what can be read is read, and what cannot is named."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lhe_tui.engine.events import ControlsChanged, Event, RunFinished, RunPaused, RunResumed, TurnFinished
from lhe_tui.record.annotations import annotate
from lhe_tui.record.codec import encode
from lhe_tui.record.read import SessionError, read_session
from lhe_tui.record.report import report
from lhe_tui.record.scan import is_completed, scan_session
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.scoring import accuracies, horizon_length
from tests.sessions import header, turns, whole_run, write

HEAD = header(samples=2, turns=4)
EVENTS = whole_run(HEAD)
LINES = [encode(event) for event in EVENTS]


def read_lines(path: Path, lines: list[bytes]) -> tuple[list[Event], list[str]]:
    path.write_bytes(b"".join(lines))
    recording = read_session(path)
    return recording.events, recording.damage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_a_torn_last_line_is_dropped_with_a_word(path: Path) -> None:
    path.write_bytes(b"".join(LINES[:4]) + LINES[4][:-5])
    recording = read_session(path)
    assert recording.torn
    assert recording.events == EVENTS[:4]
    assert recording.damage == []
    assert "cut off" in recording.warnings[0]


def test_a_garbled_line_is_named_and_the_rest_is_read(path: Path) -> None:
    events, damage = read_lines(path, [*LINES[:-2], b"{garbage\n", *LINES[-2:]])
    assert events == EVENTS
    assert [words.partition(":")[0] for words in damage] == [f"line {len(LINES) - 1}"]


def test_a_duplicated_line_is_named_and_skipped(path: Path) -> None:
    events, damage = read_lines(path, [*LINES[:3], LINES[2], *LINES[3:]])
    assert events == EVENTS
    assert len(damage) == 1
    assert damage[0].startswith("line 4: turn 1 of sample 2")


def test_a_second_header_is_named_and_skipped(path: Path) -> None:
    events, damage = read_lines(path, [LINES[0], *LINES])
    assert events == EVENTS
    assert "header" in damage[0]


def test_reordered_turns_are_read_in_their_order(path: Path) -> None:
    events, damage = read_lines(path, [LINES[0], *reversed(LINES[1:-1]), LINES[-1]])
    assert sorted(map(repr, events)) == sorted(map(repr, EVENTS))
    assert damage
    assert read_session(path).state.complete_turns == 4


def test_a_lost_turn_costs_only_the_later_turns_of_its_sample(path: Path) -> None:
    events, damage = read_lines(path, LINES[:3] + LINES[4:])
    state = read_session(path).state
    assert [len(sample.turns) for sample in state.samples] == [1, 4]
    assert len(damage) == 2
    assert "turn 2 before it is missing" in damage[0]
    assert len(events) == len(EVENTS) - 3


def test_turns_that_a_resumed_process_did_not_know_stay_left_out(path: Path) -> None:
    again = [
        replace(event, at=99.0) for event in EVENTS if isinstance(event, TurnFinished) and event.sample == 1
    ]
    lines = LINES[:3] + LINES[4:-1] + [encode(RunResumed(98.0, process=True)), *map(encode, again[1:])]
    events, damage = read_lines(path, lines)
    assert [event for event in events if isinstance(event, TurnFinished) and event.sample == 1] == [
        EVENTS[1],
        *again[1:],
    ]
    assert len(damage) == 2


def test_a_header_that_is_not_first_is_found_and_named(path: Path) -> None:
    events, damage = read_lines(path, [LINES[1], LINES[0], *LINES[2:]])
    assert events == EVENTS
    assert "header" in damage[0]


def test_a_change_that_comes_after_its_turn_holds_from_the_next_one(path: Path) -> None:
    late = ControlsChanged(1, (("inject", 0.5),))
    _, damage = read_lines(path, [*LINES[:5], encode(late), *LINES[5:]])
    state = read_session(path).state
    assert [turn for turn, _ in state.timeline] == [1, 3]
    assert len(damage) == 1


@pytest.mark.parametrize(
    "event",
    [
        ControlsChanged(9, (("warp", 9),)),
        ControlsChanged(9, (("inject", 7),)),
        TurnFinished(3, 1, 0.0, ""),
        TurnFinished(1, 99, 0.0, ""),
    ],
)
def test_an_event_that_cannot_be_is_named_and_skipped(path: Path, event: Event) -> None:
    events, damage = read_lines(path, [LINES[0], encode(event), *LINES[1:]])
    assert events == EVENTS
    assert len(damage) == 1
    assert damage[0].startswith("line 2: ")


def test_an_unknown_event_of_this_version_is_named_and_skipped(path: Path) -> None:
    events, damage = read_lines(path, [LINES[0], b'{"event":"wormhole"}\n', *LINES[1:]])
    assert events == EVENTS
    assert "wormhole" in damage[0]


def test_damage_without_end_is_counted(path: Path) -> None:
    _, damage = read_lines(path, [LINES[0], *[b"?\n"] * 1000, *LINES[1:]])
    assert len(damage) == 201
    assert damage[-1] == "and 800 more damaged lines"


def test_a_failed_turn_that_was_asked_again_is_replaced(path: Path) -> None:
    failed = TurnFinished(1, 1, 0.5, "", finish="failed", error="down")
    events, damage = read_lines(path, [LINES[0], encode(failed), encode(RunPaused("", 1.0)), *LINES[1:]])
    assert damage == []
    assert len(events) == len(EVENTS) + 2


def test_progress_ends_at_one(path: Path) -> None:
    write(path, EVENTS)
    told: list[float] = []
    read_session(path, progress=told.append)
    assert told[-1] == 1.0


NEWER = json.dumps(json.loads(LINES[0]) | {"format": "lhe-session/9"}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"\n\n", "empty first line"),
        (b"\x00" * 4096, "empty file|empty first line"),
        (b"hello\n", "expected a session"),
        (b'{\n  "a": 1\n}\n', "expected a session"),
        (b'{"a": 1}\n', "expected a session"),
        (b"[1, 2]\n", "expected a session"),
        (b"[" * 200_000, "nested"),
        (LINES[0][:200], "header that was cut off"),
        (LINES[1], "lost its header"),
        (NEWER, "newer version"),
        (b"\x89PNG\r\n\x1a\n\x00", "expected a session"),
    ],
)
def test_a_file_that_is_no_session_gets_one_sentence(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    for reader in (read_session, scan_session):
        with pytest.raises(SessionError, match=said) as caught:
            reader(path)
        assert "\n" not in str(caught.value)


def test_folders_pipes_and_missing_files_get_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("pipe", "is a pipe"),
        (".", "folder"),
        ("gone", "no file"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(SessionError, match=said):
            read_session(tmp_path / name)


# ---- scanning


@pytest.mark.parametrize("seed", range(5))
def test_a_scan_agrees_with_the_fold(path: Path, seed: int) -> None:
    head = header(samples=6, turns=30)
    events = whole_run(head, 0.05, seed)
    write(path, events[: len(events) - 40 * (seed % 2)])
    state, summary = read_session(path).state, scan_session(path)
    assert summary.turns_done == state.finished_turns
    assert summary.last_turn == len(state.tallies)
    assert summary.horizon == horizon_length(state.tallies, 0.5).turn
    assert list(summary.curve) == accuracies(state.tallies, "turn")
    assert summary.status == ("unfinished" if seed % 2 else "completed")


def test_a_scan_passes_over_damage_and_failed_turns(path: Path) -> None:
    head = header(samples=3, turns=10)
    events: list[Event] = [head, TurnFinished(1, 1, 0.5, "", finish="failed", error="down"), *turns(head)]
    events.append(RunFinished("stopped", 1000.0))
    lines = [encode(event) for event in events]
    path.write_bytes(b"".join([*lines[:5], b"??\n", lines[3], *lines[5:]]))
    state, summary = read_session(path).state, scan_session(path)
    assert summary.turns_done == state.finished_turns == 30
    assert summary.status == "stopped"


def test_a_scan_pools_the_turns_of_a_long_curve_into_40_numbers(path: Path) -> None:
    write(path, whole_run(header(samples=2, turns=1000), 0.3))
    curve = scan_session(path).curve
    tallies = read_session(path).state.tallies
    assert len(curve) == 40
    assert sum(curve) / 40 == pytest.approx(sum(tally.correct for tally in tallies) / 2000)


def test_a_scan_tells_title_tags_notes_and_controls(path: Path) -> None:
    write(path, whole_run(header(controls=Controls(injection=Injection(0.5, "truth")))))
    for text, kind in (("A title", "title"), ("keep", "tag"), ("look", "note")):
        annotate(path, [text], kind)
    found = scan_session(path)
    assert (found.title, found.tags, found.notes) == ("A title", ("keep",), "look")
    assert found.controls == "injection 50 % truth"


def test_the_end_of_a_file_tells_whether_it_completed(path: Path) -> None:
    for events, completed in (
        (whole_run(header()), True),
        (whole_run(header())[:-1], False),
        ([header(), RunFinished("stopped", 1.0)], False),
    ):
        write(path, events)
        assert is_completed(path) == completed
        annotate(path, ["a note"])
        assert is_completed(path) == completed


def test_the_order_of_a_lines_keys_and_its_spaces_mean_nothing(path: Path) -> None:
    write(path, EVENTS)
    before = scan_session(path)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    turned = [json.dumps(dict(reversed(line.items())), indent=None) + "\n" for line in lines]
    path.write_text("".join([json.dumps(lines[0]) + "\n", *turned[1:]]))
    assert is_completed(path)
    assert scan_session(path) == before


# ---- what a whole-looking file has lost


def without(lines: list[bytes], part: bytes) -> list[bytes]:
    return [line for line in lines if part not in line]


def test_a_completed_session_that_lost_turns_says_how_many(path: Path) -> None:
    lines = without(LINES, b'"sample":2,')
    read_lines(path, lines)
    recording = read_session(path)
    assert recording.damage == []
    assert recording.warnings == [
        "the session says that it completed, but 4 turns are missing: its file has lost lines"
    ]
    assert report(recording.state)["missing_turns"] == 4
    assert scan_session(path).missing == 4
    read_lines(path, LINES)
    assert read_session(path).warnings == []
    assert (report(read_session(path).state)["missing_turns"], scan_session(path).missing) == (0, 0)


def test_a_sample_that_stands_still_for_want_of_a_reply_lacks_nothing(path: Path) -> None:
    lines = without(LINES, b'"sample":2,')
    lines.insert(-1, encode(TurnFinished(2, 1, 0.5, "", finish="failed", error="down")))
    read_lines(path, lines)
    assert read_session(path).warnings == []
    assert scan_session(path).missing == 0


def test_a_header_that_was_changed_later_is_noticed(path: Path) -> None:
    doc = json.loads(LINES[0])
    doc["task"]["plans"][1][2] = doc["task"]["plans"][1][1]
    damage = read_lines(path, [json.dumps(doc).encode() + b"\n", *LINES[1:]])[1]
    assert damage == ["line 1: the header was changed after it was written: its sums may not be the run's"]


def test_a_header_written_anew_with_the_same_words_is_the_same(path: Path) -> None:
    doc = json.loads(LINES[0])
    same = {name: doc[name] for name in reversed(doc)}
    assert (
        read_lines(path, [json.dumps(same, indent=None, separators=(", ", ": ")).encode() + b"\n"])[1] == []
    )
    doc["task"]["dictionary"] = dict(reversed(doc["task"]["dictionary"].items()))
    assert len(read_lines(path, [json.dumps(doc).encode() + b"\n"])[1]) == 1


def test_a_header_with_words_and_numbers_beyond_orjson_keeps_its_digest(path: Path) -> None:
    head = replace(HEAD, draw_seed=2**80, extra={"note": "\ud83d é"})
    assert read_lines(path, [encode(head), *LINES[1:]])[1] == []


def test_an_old_header_whose_plan_lacks_a_key_is_doubted(path: Path) -> None:
    head = header(samples=2, turns=2, k=3)
    doc = json.loads(encode(head))
    del doc["digest"]
    doc["task"]["plans"][1].pop()
    path.write_bytes(json.dumps(doc).encode() + b"\n")
    assert read_session(path).warnings == [
        "the plan of sample 2 holds 5 keys and not 6: its last turn is short, or keys were lost"
    ]
