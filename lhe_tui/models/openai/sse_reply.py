"""A reply read from a server's bytes: the four ends told apart. Pure: bytes in, chunks out."""

from __future__ import annotations

from typing import Any

from lhe_tui.models.base import Chunk, Finished, FinishReason, ModelFailure, ReasoningDelta, TextDelta, Usage
from lhe_tui.models.openai.lenient_json import NOT_JSON, holds_surrogates, mend_surrogates, parse_json
from lhe_tui.models.openai.server_errors import ServerError, classify, clean_text, read_error
from lhe_tui.models.openai.sse_lines import EventLines, LineTooLongError, field_of
from lhe_tui.models.openai.usage_reading import read_usage
from lhe_tui.models.secret import Secret

LONGEST_REPLY = 8 * 2**20
"""Characters of text and reasoning; also the bytes of one line."""
MOST_BYTES = 512 * 2**20
"""Decoded bytes of a whole stream: one small chunk per token makes some 300 bytes per token."""

_LENGTH = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "max_new_tokens"})
_FILTERED = frozenset(
    {
        "content_filter",
        "content-filter",
        "safety",
        "recitation",
        "refusal",
        "blocklist",
        "prohibited_content",
        "spii",
    }
)
_FAILED = frozenset({"error", "insufficient_system_resource", "malformed_response"})
_CUT = frozenset({"abort", "aborted", "cancelled", "canceled"})
_BOM = b"\xef\xbb\xbf"


class ReplyReader:
    """Feed the body of a 200; `feed` and `end` return deltas, `finish` the one end that is an answer.

    Every other end is raised as `ModelFailure`: cut, failed, empty. `whole` turns true with a finish reason,
    `done` with `[DONE]`; bytes after `done` are not looked at.
    """

    def __init__(self, server: str, *, key: Secret | None = None, now: float = 0.0) -> None:
        self._server = server
        self._key = key
        self._now = now
        self._lines = EventLines(LONGEST_REPLY)
        self._head: bytes | None = b""
        self._json_body: list[bytes] | None = None
        self._open_data: list[bytes] = []
        self._open_size = 0
        self._event = b""
        self._stray: list[bytes] = []
        self._bytes = 0
        self._characters = 0
        self._halves: dict[type[TextDelta] | type[ReasoningDelta], str] = {}
        self._reason = ""
        self._usage = Usage()
        self._seen_event = False
        self._seen_text = False
        self._seen_reasoning = False
        self._refused = False
        self.done = False

    @property
    def whole(self) -> bool:
        """Whether a finish reason was seen."""
        return bool(self._reason)

    @property
    def started(self) -> bool:
        """Whether any text or reasoning was seen."""
        return self._characters > 0

    def feed(self, data: bytes) -> list[Chunk]:
        """The deltas in the next bytes, neighbours of one kind joined."""
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            raise self._too_long()
        if self._head is not None:
            data = self._head + data
            if not (start := data.removeprefix(_BOM).lstrip()):
                self._head = data[:64]
                return []
            self._head = None
            data = start
            if start[:1] in b"{[":
                self._json_body = []
        if self._json_body is not None:
            return self._feed_json(data)
        chunks: list[Chunk] = []
        try:
            for line in self._lines.feed(data):
                self._read_line(line, chunks)
        except LineTooLongError:
            raise self._too_long() from None
        return chunks

    def end(self) -> list[Chunk]:
        """The deltas that the end of the body completes."""
        chunks: list[Chunk] = []
        if self._json_body is not None:
            self._read_json_body(b"".join(self._json_body), chunks)
        else:
            for line in self._lines.flush():
                self._read_line(line, chunks)
            self._read_last_data(chunks)
        for kind in list(self._halves):
            self._add(kind, "", chunks, last=True)
        return chunks

    def finish(self) -> Finished:
        """The end of a whole reply; raises `ModelFailure` where there is none."""
        if not self._seen_event:
            raise self._nothing_readable()
        if not self._reason:
            raise self._failure("cut", f"{self._server} ended the reply without finishing it")
        reason = self._finish_reason()
        if reason != "content_filter" and not self._seen_text and not self._seen_reasoning:
            tokens = self._usage.completion
            hidden = (self._usage.reasoning or 0) > 0 or (reason == "length" and tokens is None)
            if not hidden and (tokens or 0) <= 1:
                raise self._failure("empty", f"{self._server} finished without any text")
        return Finished(reason, self._usage)

    def _finish_reason(self) -> FinishReason:
        word = self._reason.lower()
        if word in _FAILED or word.startswith("error"):
            text = f"{self._server} ended the reply with an error ({clean_text(word, limit=40)})"
            raise self._failure("server", text)
        if word in _CUT:
            raise self._failure("cut", f"{self._server} gave the reply up ({word})")
        if word in _FILTERED or self._refused:
            return "content_filter"
        return "length" if word in _LENGTH else "stop"

    # lines and payloads

    def _read_line(self, line: bytes, chunks: list[Chunk]) -> None:
        if self.done:
            return
        if not line:
            self._end_event(chunks)
            return
        found = field_of(line)
        if found is None:
            return
        name, value = found
        if name == b"data":
            self._read_data(value, chunks)
        elif name == b"event":
            self._event = value.strip()
        elif name not in (b"id", b"retry"):
            self._read_stray(line)

    def _read_data(self, value: bytes, chunks: list[Chunk]) -> None:
        text = value.strip()
        if text == b"[DONE]":
            self._seen_event = True
            self.done = True
        elif self._open_data:
            self._open_data.append(value)
            self._open_size += len(value) + 1
            if self._open_size > LONGEST_REPLY:
                raise self._too_long()
        elif text:
            # One line is one payload with every known server, also where the blank lines between are missing.
            payload = parse_json(text)
            if payload is NOT_JSON:
                self._open_data, self._open_size = [value], len(value)
            else:
                self._read_payload(payload, chunks)

    def _end_event(self, chunks: list[Chunk]) -> None:
        if self._open_data:
            data, self._open_data = b"\n".join(self._open_data), []
            payload = parse_json(data)
            if payload is NOT_JSON:
                said = clean_text(data[:20_000].decode("utf-8", "replace"), key=self._key, limit=120)
                raise self._failure("server", f"{self._server} sent a piece that cannot be read: {said}")
            self._read_payload(payload, chunks)
        self._event = b""

    def _read_last_data(self, chunks: list[Chunk]) -> None:
        """An event that no blank line ends: read if it is complete, of no matter once the reply is whole."""
        payload = parse_json(b"\n".join(self._open_data)) if self._open_data else NOT_JSON
        if payload is not NOT_JSON:
            self._read_payload(payload, chunks)
        elif self._open_data and not self.whole:
            raise self._failure("cut", f"{self._server} ended the reply in the middle of a piece")

    def _read_stray(self, line: bytes) -> None:
        """A line that is no event: an error object without `data:` fails the reply, the rest is kept to be shown."""
        if line[:1] in b"{[":
            payload = parse_json(line)
            if isinstance(payload, dict) and (payload.get("error") or payload.get("detail")):
                raise self._classified(read_error(payload, now=self._now))
        if len(self._stray) < 20:
            self._stray.append(line[:1000])

    def _read_payload(self, payload: Any, chunks: list[Chunk]) -> None:
        self._seen_event = True
        if self._event == b"error":
            raise self._classified(read_error(payload, now=self._now))
        if not isinstance(payload, dict):
            if (
                isinstance(payload, list)
                and payload
                and isinstance(payload[0], dict)
                and payload[0].get("error")
            ):
                raise self._classified(read_error(payload, now=self._now))
            return
        choices = payload.get("choices")
        if (
            payload.get("error")
            or payload.get("object") == "error"
            or (payload.get("detail") and not choices)
        ):
            raise self._classified(read_error(payload, now=self._now))
        usage = payload.get("usage") or _inner(payload.get("x_groq"), "usage")
        if isinstance(usage, dict):
            self._usage = read_usage(usage)
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (None, 0):
                self._read_choice(choice, chunks)

    def _read_choice(self, choice: dict[str, Any], chunks: list[Chunk]) -> None:
        if isinstance(error := choice.get("error"), dict):
            raise self._classified(read_error(error, now=self._now))
        delta = choice.get("delta")
        if not isinstance(delta, dict) or not delta:
            delta = choice.get("message")
        if isinstance(delta, dict):
            # Some servers send the same reasoning under both names.
            reasoning = delta.get("reasoning_content") or delta.get("reasoning")
            if isinstance(reasoning, str) and reasoning:
                self._add(ReasoningDelta, reasoning, chunks)
            self._read_content(delta.get("content"), chunks)
            if isinstance(refusal := delta.get("refusal"), str) and refusal:
                self._refused = True
                self._add(TextDelta, refusal, chunks)
        elif isinstance(text := choice.get("text"), str) and text:
            self._add(TextDelta, text, chunks)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            self._reason = reason

    def _read_content(self, content: object, chunks: list[Chunk]) -> None:
        """A string, or Mistral's and Anthropic's list of typed parts."""
        if isinstance(content, str):
            if content:
                self._add(TextDelta, content, chunks)
            return
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict):
                continue
            if isinstance(text := part.get("text"), str) and text:
                self._add(TextDelta, text, chunks)
            thinking = part.get("thinking")
            for piece in thinking if isinstance(thinking, list) else [thinking]:
                text = _inner(piece, "text") if isinstance(piece, dict) else piece
                if isinstance(text, str) and text:
                    self._add(ReasoningDelta, text, chunks)

    def _add(
        self,
        kind: type[TextDelta] | type[ReasoningDelta],
        text: str,
        chunks: list[Chunk],
        *,
        last: bool = False,
    ) -> None:
        if self._halves or holds_surrogates(text):
            text = self._joined_halves(kind, text, last=last)
        if not text:
            return
        self._characters += len(text)
        if self._characters > LONGEST_REPLY:
            raise self._too_long()
        if kind is TextDelta:
            self._seen_text = self._seen_text or not text.isspace()
        else:
            self._seen_reasoning = True
        if chunks and isinstance(before := chunks[-1], kind):
            chunks[-1] = kind(before.text + text)
        else:
            chunks.append(kind(text))

    def _joined_halves(self, kind: type[TextDelta] | type[ReasoningDelta], text: str, *, last: bool) -> str:
        """`text` with a surrogate half that the last delta ended in; keeps a half at the end for the next."""
        text = self._halves.pop(kind, "") + text
        if not last and text and "\ud800" <= text[-1] <= "\udbff":
            self._halves[kind] = text[-1]
            text = text[:-1]
        return mend_surrogates(text)

    # a body that is one JSON document

    def _feed_json(self, data: bytes) -> list[Chunk]:
        if self._bytes > LONGEST_REPLY:
            raise self._too_long()
        if self._json_body is not None:
            self._json_body.append(data)
        return []

    def _read_json_body(self, body: bytes, chunks: list[Chunk]) -> None:
        payload = parse_json(body)
        if payload is NOT_JSON:
            raise self._failure("cut", f"{self._server} sent half a reply")
        self._read_payload(payload, chunks)
        if not isinstance(payload, dict) or not isinstance(payload.get("choices"), list):
            said = clean_text(body[:2000].decode("utf-8", "replace"), key=self._key, limit=120)
            raise self._failure("server", f"{self._server} answered with something that is no reply: {said}")

    # failures

    def _nothing_readable(self) -> ModelFailure:
        stray = b" ".join(self._stray)
        if not stray:
            hint = "it does so when a prompt is longer than its context, or when it was interrupted"
            return self._failure("empty", f"{self._server} answered with an empty body ({hint})")
        said = clean_text(read_error(stray.decode("utf-8", "replace")).message, key=self._key, limit=120)
        if said.startswith("a web page"):
            text = f"{self._server} answered with {said} and no reply: is the base URL right? It mostly ends in /v1"
            return ModelFailure("rejected", text, retryable=False)
        return self._failure("server", f"{self._server} answered with something that is no reply: {said}")

    def _too_long(self) -> ModelFailure:
        text = f"the reply of {self._server} passed {LONGEST_REPLY // 2**20} MB and was stopped; set --max-tokens"
        return ModelFailure("server", text, retryable=False)

    def _failure(self, kind: Any, message: str) -> ModelFailure:
        return ModelFailure(kind, message, retryable=True)

    def _classified(self, error: ServerError) -> ModelFailure:
        return classify(error, server=self._server, status=None, key=self._key, now=self._now)


def _inner(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None
