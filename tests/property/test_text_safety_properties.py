import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from lhe_tui.text.visible import MARKS_PER_LETTER, html_text, visible
from lhe_tui.text.widths import cells, clip
from tests.hostile_texts import HOSTILE_TEXTS, forbidden

ANY_CHARACTER = st.characters(codec=None, categories=None, exclude_categories=())
MARKS = st.sampled_from("\u0301\u0308\u0323\u20dd\u1161")
PIECES = st.sampled_from([text for text in HOSTILE_TEXTS if len(text) < 500])
TEXTS = st.one_of(
    st.text(ANY_CHARACTER, max_size=60),
    st.lists(st.one_of(PIECES, MARKS, st.text(max_size=5)), max_size=12).map("".join),
)


@given(TEXTS)
@settings(max_examples=400)
def test_no_character_that_acts_comes_out(text: str) -> None:
    assert forbidden(visible(text)) == []
    assert forbidden(visible(text, multiline=True), newlines=True) == []


@given(TEXTS)
def test_showing_twice_is_showing_once(text: str) -> None:
    for multiline in (False, True):
        shown = visible(text, multiline=multiline)
        assert visible(shown, multiline=multiline) == shown


@given(TEXTS)
def test_harmless_characters_come_out_in_their_order_and_all_others_leave_a_trace(text: str) -> None:
    shown = visible(text)
    rest = iter(shown)
    for char in text:
        trace = (char, "⟨", chr(0x2400 + ord(char)) if ord(char) < 32 else "␡")
        assert next(found for found in rest if found in trace)


@given(TEXTS)
def test_no_letter_carries_more_than_its_share_of_marks(text: str) -> None:
    run = 0
    for char in visible(text):
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        assert run <= MARKS_PER_LETTER


@given(TEXTS, st.integers(0, 80))
def test_clip_keeps_to_its_width_and_cuts_only_when_it_must(text: str, width: int) -> None:
    clipped, shown = clip(text, width), visible(text)
    assert cells(clipped) <= width
    assert forbidden(clipped) == []
    if cells(shown) <= width:
        assert clipped == shown
    elif width:
        assert clipped.endswith("…")


@given(TEXTS, st.integers(0, 80))
def test_a_limit_counts_exactly_what_it_left_out(text: str, limit: int) -> None:
    shown = visible(text, limit=limit)
    if len(text) > limit:
        assert shown == visible(text[:limit]) + f"… (+{len(text) - limit:,} characters)"
    else:
        assert shown == visible(text)


@given(TEXTS)
def test_html_never_opens_a_tag_or_ends_an_attribute(text: str) -> None:
    assert not set(html_text(text)) & set("<>\"'")
