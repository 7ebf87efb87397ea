"""What a GGUF file says of itself, and what is said of a file that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhe_tui.models.local.gguf_file import GGUFError, GGUFFacts, read_facts
from tests.models.local.gguf_files import write_gguf


@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("context", [2048, None])
def test_context_and_template_are_read_past_the_vocabulary(
    tmp_path: Path, template: bool, context: int | None
) -> None:
    path = write_gguf(tmp_path / "tiny.gguf", context=context, template=template)
    assert read_facts(path) == GGUFFacts(context, template, path.stat().st_size)


def test_a_file_cut_short_anywhere_is_damaged_and_never_a_crash(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "whole.gguf", template=True).read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in range(4, len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(GGUFError, match="damaged or cut short"):
            read_facts(cut)


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 a zip file", b"hello"])
def test_another_file_is_said_to_be_no_gguf_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(content)
    with pytest.raises(GGUFError, match=r"is no GGUF file"):
        read_facts(path)


def test_a_version_of_the_future_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "later.gguf")
    path.write_bytes(b"GGUF\x63" + path.read_bytes()[5:])
    with pytest.raises(GGUFError):
        read_facts(path)


def test_a_count_beyond_all_reason_ends_soon(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00" + b"\xff" * 16 + b"\x00" * 64)
    with pytest.raises(GGUFError):
        read_facts(path)
