"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lhe_tui.record.whole_file import write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_byte_by_byte_as_its_text(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "é\r\nb\n", replace=False)
    assert (tmp_path / "a").read_bytes() == "é\r\nb\n".encode()
    assert names(tmp_path) == ["a"]


def test_a_new_file_has_the_rights_that_any_other_would_have(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "a", "x", replace=False)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "a")]
    assert modes[0] == modes[1]


def test_an_existing_file_is_replaced_only_where_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", "new", replace=False)
    assert (tmp_path / "a").read_text() == "old"
    write_whole(tmp_path / "a", "new", replace=True)
    assert (tmp_path / "a").read_text() == "new"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("replace", [True, False])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    if replace:
        (tmp_path / "a").write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a", "new", replace=replace)
    assert names(tmp_path) == (["a"] if replace else [])
    assert not replace or (tmp_path / "a").read_text() == "old"


def test_a_file_system_without_hard_links_serves_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(_old: str, _new: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    write_whole(tmp_path / "a", "x", replace=False)
    assert names(tmp_path) == ["a"]
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", "y", replace=False)
    assert (tmp_path / "a").read_text() == "x"
