import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from lhe_tui.text.visible import _PLAIN, MARKS_PER_LETTER, html_text, safe_error, visible, visible_path
from lhe_tui.text.widths import cells, clip, pad
from tests.each import each
from tests.hostile_texts import HOSTILE, HOSTILE_TEXTS, forbidden


@each("text", HOSTILE_TEXTS)
def test_nothing_that_acts_vanishes_or_reorders_comes_out(text: str) -> None:
    assert forbidden(visible(text)) == []
    assert forbidden(visible(text, multiline=True), newlines=True) == []
    assert forbidden(clip(text, 40)) == []
    assert forbidden(html_text(text)) == []
    assert forbidden(visible_path(text.encode("utf-8", "surrogatepass"))) == []
    assert forbidden(safe_error(ValueError(text))) == []


@each("text", HOSTILE_TEXTS)
def test_a_visible_text_is_never_shorter_than_its_source_and_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert len(shown) >= len(text)
    assert visible(shown) == shown


@pytest.mark.parametrize("width", [0, 1, 2, 7, 40])
@each("text", HOSTILE_TEXTS)
def test_a_clipped_text_keeps_to_its_cells(text: str, width: int) -> None:
    assert cells(clip(text, width)) <= width
    assert cells(pad(text, width)) == width


def test_every_character_of_unicode_is_harmless_once_visible() -> None:
    # The planes between hold ideographs and unassigned characters only, like the parts that are read here.
    every = "".join("x" + chr(code) for code in [*range(0x20000), *range(0xE0000, 0xE1000)])
    assert forbidden(visible(every)) == []


def test_the_characters_let_through_unread_are_all_harmless() -> None:
    passed = "".join(chr(code) for code in range(sys.maxunicode + 1) if _PLAIN(chr(code)))
    assert forbidden(passed) == []
    assert not [char for char in passed if unicodedata.category(char) in ("Mn", "Me")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x7fb", "a␡b"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("answer \u202e212", "answer ⟨U+202E⟩212"),
        ("1\u200b2", "1⟨U+200B⟩2"),
        ("a\tb", "a␉b"),
        ("סכ 2", "⟨U+05E1⟩⟨U+05DB⟩ 2"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u0301x", "⟨U+0301⟩x"),
        ("−63 ✓ é 漢字\u3000[/x]", "−63 ✓ é 漢字\u3000[/x]"),
    ],
)
def test_a_character_that_cannot_be_drawn_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_newlines_stay_only_where_there_are_lines() -> None:
    assert visible("a\r\nb") == "a␍␊b"
    assert visible("a\r\nb", multiline=True) == "a␍\nb"
    assert visible("é\r\nb", multiline=True) == "é␍\nb"
    assert visible("a\nb\tc", multiline=True, tab="    ") == "a\nb    c"


def test_a_letter_keeps_three_marks_and_the_rest_is_named() -> None:
    assert visible("e\u0301") == "e\u0301"
    assert visible("e" + "\u0301" * 5) == "e" + "\u0301" * MARKS_PER_LETTER + "⟨U+0301⟩" * 2


def test_a_cut_says_how_much_it_left_out() -> None:
    assert visible("x" * 1500, limit=10) == "x" * 10 + "… (+1,490 characters)"
    assert visible("\x1b" * 12, limit=10) == "␛" * 10 + "… (+2 characters)"
    assert visible("short", limit=10) == "short"
    assert visible("abc", limit=0) == "… (+3 characters)"


def test_clip_counts_wide_characters_twice() -> None:
    assert clip("hello", 5) == "hello"
    assert clip("hello!", 5) == "hell…"
    assert clip("漢字かな", 8) == "漢字かな"
    assert clip("漢字かな!", 8) == "漢字か …"
    assert clip("e\u0301" * 6, 6) == "e\u0301" * 6


def test_an_error_is_one_visible_line_even_when_its_message_is_hostile() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert safe_error(ValueError("bad\nthing \x1b[2J")) == "ValueError: bad␊thing ␛[2J"
    assert safe_error(KeyError()) == "KeyError"
    assert safe_error(Mute()) == "Mute (its message cannot be shown)"


def test_a_path_of_any_bytes_can_be_shown() -> None:
    assert visible_path(Path("sessions/a\x1b.jsonl")) == "sessions/a␛.jsonl"
    assert visible_path(b"a\xff") == "a⟨U+DCFF⟩"


def test_html_is_escaped_after_it_is_made_visible() -> None:
    assert html_text('<b a="\'">\x1b&') == "&lt;b a=&quot;&#x27;&quot;&gt;␛&amp;"
    assert "<" not in html_text(HOSTILE["HTML"])


def test_showing_a_text_loads_neither_textual_nor_rich() -> None:
    code = (
        "import sys; from lhe_tui.text.visible import visible, html_text, safe_error, visible_path\n"
        "from lhe_tui.text.widths import clip\n"
        "visible('\\x1b é'); clip('abc', 2); html_text('<'); safe_error(ValueError('x'))\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('textual', 'rich', 'plotext')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
