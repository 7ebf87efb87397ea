"""The reader of replies against streams cut up and bent in every way."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.models.base import Chunk, Finished, ModelFailure, ReasoningDelta, TextDelta
from lhe_tui.models.openai.reply_reader import ReplyReader
from lhe_tui.models.openai.retry_hints import LONGEST_WAIT, parse_wait, retry_after_seconds
from lhe_tui.models.openai.server_errors import classify, clean_text, read_error_bytes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "error", "usage", "message", "index", "finish_reason", "text"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def read(body: bytes, cuts: list[int]) -> list[Chunk]:
    reader = ReplyReader("server")
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    chunks = [chunk for a, b in pairwise(places) for chunk in reader.feed(body[a:b])]
    return [*chunks, *reader.end(), reader.finish()]


def outcome_of(body: bytes, cuts: list[int]) -> list[Chunk] | str:
    """The chunks, or the failure's message."""
    try:
        return read(body, cuts)
    except ModelFailure as failure:
        return failure.message


def joined(chunks: list[Chunk], kind: type[TextDelta] | type[ReasoningDelta]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, kind))


@given(
    st.lists(
        st.tuples(st.sampled_from(["content", "reasoning", "reasoning_content"]), st.text()), min_size=1
    ),
    st.lists(st.integers(0, 10_000), max_size=20),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", ": ping\n\n", "\n\n", "event: message\n", "id: 4\n"]),
    st.booleans(),
)
def test_a_reply_is_the_same_however_it_is_cut(
    parts: list[tuple[str, str]], cuts: list[int], line_end: str, noise: str, ascii_only: bool
) -> None:
    events: list[dict[str, object]] = [{"choices": [{"delta": {name: text}}]} for name, text in parts]
    events.append({"choices": [{"delta": {"content": "."}, "finish_reason": "stop"}]})
    lines = [f"{noise}data: {json.dumps(event, ensure_ascii=ascii_only)}\n\n" for event in events]
    chunks = read("".join(lines).replace("\n", line_end).encode(), cuts)
    assert joined(chunks, TextDelta) == "".join(text for name, text in parts if name == "content") + "."
    assert joined(chunks, ReasoningDelta) == "".join(text for name, text in parts if name != "content")
    assert isinstance(chunks[-1], Finished)


@given(
    st.lists(JSON | st.binary(max_size=20), max_size=6),
    st.lists(st.integers(0, 500), max_size=5),
    st.booleans(),
)
def test_no_stream_breaks_the_reader(payloads: list[object], cuts: list[int], events: bool) -> None:
    pieces = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in payloads]
    body = b"".join((b"data: %b\n\n" % piece) if events else piece for piece in pieces)
    outcome = outcome_of(body, cuts)
    if isinstance(outcome, str):
        assert len(outcome) < 500
        assert outcome.isprintable()
        return
    assert isinstance(outcome[-1], Finished)
    for chunk in outcome:
        if isinstance(chunk, TextDelta | ReasoningDelta):
            chunk.text.encode()


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.integers(300, 599) | st.none())
def test_no_error_body_breaks_its_reading(body: bytes, status: int | None) -> None:
    failure = classify(read_error_bytes(body), server="s", status=status)
    assert len(failure.message) < 400
    assert failure.message.isprintable()


@given(st.text(max_size=500))
def test_cleaned_text_is_short_and_printable(text: str) -> None:
    cleaned = clean_text(text, limit=100)
    assert len(cleaned) <= 100
    assert cleaned.isprintable()


@given(st.text(max_size=80) | st.from_regex(r"[0-9]{1,40}(\.[0-9]+)?(ms|s|m|h|d)?", fullmatch=True))
def test_every_wish_to_wait_is_bounded(value: str) -> None:
    for seconds in (parse_wait(value, now=1e9), retry_after_seconds({"retry-after": value}, now=1e9)):
        assert seconds is None or 0 <= seconds <= LONGEST_WAIT
