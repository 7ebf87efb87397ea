"""The list of sessions is read once, kept on the disk, and never wrong."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lhe_tui.record.annotations import annotate
from lhe_tui.record.session_index import SessionEntry, SessionIndex
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec, generate
from tests.hostile_texts import HOSTILE_TEXTS
from tests.sessions import header, whole_run, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "sessions"
    place.mkdir()
    for number in range(3):
        write(place / f"{number}.jsonl", whole_run(replace(header(), session=f"{number:012}")))
        os.utime(place / f"{number}.jsonl", (1, 100 - number))
    (place / "broken.jsonl").write_text("no session\n")
    (place / "notes.txt").write_text("no session either")
    return place


def index(folder: Path, **more: Path) -> SessionIndex:
    return SessionIndex([folder, folder / "nowhere"], store=folder.parent / "index", **more)


def told(shelf: SessionIndex) -> list[SessionEntry]:
    return list(shelf.entries())


def test_every_session_is_listed_the_newest_first(folder: Path) -> None:
    names = [entry.path.name for entry in told(index(folder))]
    assert names == ["broken.jsonl", "0.jsonl", "1.jsonl", "2.jsonl"]


def test_nothing_is_read_twice_by_one_process_or_the_next(folder: Path) -> None:
    first = index(folder)
    before = told(first)
    assert first.read_files == 4
    assert all(one is again for one, again in zip(before, told(first), strict=True))
    second = index(folder)
    assert told(second) == before
    assert second.read_files == 0


def test_what_is_kept_can_be_deleted_or_damaged_at_any_time(folder: Path) -> None:
    before = told(index(folder))
    (kept,) = (folder.parent / "index").iterdir()
    whole = json.loads(kept.read_bytes())
    wrong = {name: [known[0], {"session": 1}, known[2]] for name, known in whole["files"].items()}
    for damage in (
        "",
        "{",
        "[]",
        json.dumps({**whole, "files": wrong}),
        json.dumps({**whole, "format": "x"}),
    ):
        kept.write_text(damage)
        assert told(index(folder)) == before
    kept.unlink()
    assert told(index(folder)) == before


def test_a_file_that_changed_is_read_again_and_no_other(folder: Path) -> None:
    shelf = index(folder)
    told(shelf)
    annotate(folder / "1.jsonl", ["A title"], "title")
    (folder / "2.jsonl").unlink()
    write(folder / "new.jsonl", whole_run(header()))
    for again in (shelf, index(folder)):
        read = again.read_files
        summaries = {entry.path.name: entry.summary for entry in told(again)}
        assert set(summaries) == {"broken.jsonl", "0.jsonl", "1.jsonl", "new.jsonl"}
        found = summaries["1.jsonl"]
        assert found is not None
        assert found.title == "A title"
        assert again.read_files - read == (2 if again is shelf else 0)


def test_a_change_of_the_same_size_within_one_tick_of_the_clock_is_seen(folder: Path) -> None:
    path = folder / "0.jsonl"
    annotate(path, ["AAA"], "title", author="x")
    times = path.stat()
    told(index(folder))
    path.write_bytes(path.read_bytes().replace(b"AAA", b"BBB"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = {entry.path.name: entry.summary for entry in told(index(folder))}["0.jsonl"]
    assert found is not None
    assert found.title == "BBB"


def test_a_folder_given_by_two_names_is_listed_once(folder: Path) -> None:
    (folder.parent / "other").symlink_to(folder)
    shelf = SessionIndex([folder, folder.parent / "other"])
    assert len(told(shelf)) == 4


def test_a_story_is_a_session_with_a_title_that_ships(folder: Path, tmp_path: Path) -> None:
    stories = tmp_path / "stories"
    stories.mkdir()
    for name in ("told", "untold"):
        write(stories / f"{name}.jsonl", whole_run(header()))
    annotate(stories / "told.jsonl", ["The cure"], "title")
    annotate(folder / "1.jsonl", ["mine"], "title")
    found = told(SessionIndex([folder], stories=stories))
    assert [entry.path.name for entry in found if entry.story] == ["told.jsonl"]
    assert len(found) == 6


def test_a_store_that_cannot_be_written_costs_only_time(folder: Path) -> None:
    (folder.parent / "index").write_text("a file where a folder should be")
    assert len(told(index(folder))) == 4


def test_seeds_beyond_64_bits_and_texts_that_are_no_unicode_are_kept_exactly(folder: Path) -> None:
    head = header()
    spec = TaskSpec(turns=2, samples=1, dict_size=10, seed=10**30)
    task = generate(spec, tuple(head.task.dictionary))
    write(folder / "big.jsonl", [replace(head, task=task, session="big"), *whole_run(head)[1:1]])
    for number, text in enumerate(HOSTILE_TEXTS[:30]):
        odd = replace(header(controls=Controls(model=f"x/{text[:200]}")), session=f"odd {number}")
        write(folder / f"odd-{number}.jsonl", [odd])
    first, second = told(index(folder)), index(folder)
    assert told(second) == first
    assert second.read_files == 0


def test_a_search_looks_at_words_and_fields(folder: Path) -> None:
    annotate(folder / "1.jsonl", ["keep", "demo"], "tag")
    annotate(folder / "2.jsonl", ["turn 31 keeps failing"])
    entries = told(index(folder))

    def found(query: str) -> list[str]:
        return sorted(entry.path.stem for entry in entries if entry.matches(query.split()))

    assert found("keep") == ["1", "2"]
    assert found("tag:keep") == ["1"]
    assert found("note:failing") == ["2"]
    assert found("date:2026-01 model:sim/large") == ["0", "1", "2"]
    assert found("date:2027") == []
    assert found("task:dict-sum status:complete") == ["0", "1", "2"]
    assert found("file:broken") == ["broken"]
    assert found("nothing:here") == []
