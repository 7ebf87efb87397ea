"""Every sign that is drawn has an ASCII glyph, and only what a stream cannot encode is replaced."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest

from lhe_tui.text.ascii_glyphs import ERRORS, glyph, register

ROOT = Path(__file__).parents[2] / "lhe_tui"
PRINTING = ("cli", "charts", "task", "engine", "record", "experiments", "models", "launch")


def signs() -> set[str]:
    """Every character beyond ASCII that stands in a text of the packages that print."""
    found: set[str] = set()
    for package in PRINTING:
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = (
                n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            )
            found |= {character for text in texts for character in text if not character.isascii()}
    return {sign for sign in found if sign.isprintable() and not sign.isspace()}


def test_every_sign_that_is_printed_has_a_glyph() -> None:
    assert [sign for sign in sorted(signs()) if glyph(sign) == "?"] == []
    assert all(len(glyph(sign)) == 1 for sign in signs() - {"≠"})


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "3 x -5 | o v ?"), ("latin-1", "3 × -5 · o v é"), ("utf-8", "3 × −5 · ○ ✓ é")],
)
def test_a_stream_gets_what_it_can_encode(encoding: str, shown: str) -> None:
    register()
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors=ERRORS)
    stream.write("3 × −5 · ○ ✓ é")
    stream.flush()
    assert buffer.getvalue().decode(encoding) == shown


def test_strokes_of_braille_are_told_by_height_and_slope() -> None:
    assert [glyph(sign) for sign in "⠉⠒⠤⣀⠀⡇⢸⣿⢣⡜⠊"] == ["'", "-", "-", "_", " ", "|", "|", "|", "\\", "/", "'"]
    assert all(glyph(chr(0x2800 + dots)).isascii() for dots in range(256))
