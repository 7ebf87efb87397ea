"""A reply read from a server's bytes: its ends told apart. Pure: bytes in, chunks out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lhe_tui.models.base import (
    Chunk,
    FailureKind,
    Finished,
    FinishReason,
    ModelFailure,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from lhe_tui.models.openai.lenient_json import holds_surrogates, mend_surrogates
from lhe_tui.models.openai.reply_frames import (
    DONE,
    LONGEST_REPLY,
    BrokenFrameError,
    Frame,
    ReplyFrames,
    ReplyTooLongError,
)
from lhe_tui.models.openai.server_errors import ServerError, classify, clean_text, is_filtered, read_error
from lhe_tui.models.openai.usage_reading import read_usage
from lhe_tui.models.secret import Secret

NO_REASON = "[DONE]"
"""The word of a reply that ended without a finish reason and was taken all the same."""

_REASONS: dict[str, FinishReason] = {
    **dict.fromkeys(
        ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed"), "stop"
    ),
    **dict.fromkeys(
        ("length", "max_tokens", "model_length", "max_output_tokens", "max_new_tokens"), "length"
    ),
    **dict.fromkeys(("content_filter", "safety", "recitation", "refusal", "blocklist"), "content_filter"),
    **dict.fromkeys(("prohibited_content", "spii"), "content_filter"),
}
_TOOLS = frozenset({"tool_calls", "tool_call", "function_call", "tool_use"})
_FAILED = frozenset({"error", "insufficient_system_resource", "malformed_response"})
_CUT = frozenset({"abort", "aborted", "cancelled", "canceled"})

_Kind = type[TextDelta] | type[ReasoningDelta]


class ReplyReader:
    """Feed the body of a 200; `feed` and `end` return deltas, `finish` the one end that is an answer.

    Every other end is raised as `ModelFailure`: cut, failed, empty. `whole` turns true with a finish reason,
    `done` with `[DONE]`; bytes after `done` are not looked at.
    """

    def __init__(self, server: str, *, key: Secret | None = None, now: float = 0.0) -> None:
        self._server = server
        self._key = key
        self._now = now
        self._frames = ReplyFrames()
        self._characters = 0
        self._halves: dict[_Kind, str] = {}
        self._reason = ""
        self._usage = Usage()
        self._seen_event = False
        self._seen_delta = False
        self._seen_text = False
        self._seen_reasoning = False
        self._seen_tool_call = False
        self._details_only: bool | None = None
        self._refused = False
        self.done = False
        self.broken = False
        """Set by who reads: the body did not end as HTTP ends one."""
        self.error: ServerError | None = None
        """The error that the server sent inside its reply."""
        self.refusal = ""
        """What a content filter said in the middle of the reply."""
        self.progress = 0
        """Grows with every delta that holds more than white space."""

    @property
    def whole(self) -> bool:
        """Whether a finish reason was seen."""
        return bool(self._reason)

    @property
    def started(self) -> bool:
        """Whether any text or reasoning was seen."""
        return self._characters > 0

    @property
    def ended_by_done_alone(self) -> bool:
        """Whether a text came, `[DONE]` and a clean end of the body, but no finish reason."""
        return self.done and not (self._reason or self.broken) and self._seen_text

    def feed(self, data: bytes) -> list[Chunk]:
        """The deltas in the next bytes, neighbours of one kind joined."""
        chunks: list[Chunk] = []
        if not self.done:
            self._read(self._frames.feed(data), chunks)
        return chunks

    def end(self) -> list[Chunk]:
        """The deltas that the end of the body completes."""
        chunks: list[Chunk] = []
        if not self.done:
            self._read(self._frames.end(whole=self.whole), chunks)
        for kind in list(self._halves):
            self._add(kind, "", chunks, last=True)
        return chunks

    def finish(self, *, without_reason: bool = False) -> Finished:
        """The end of a whole reply; raises `ModelFailure` where there is none.

        `without_reason` takes a reply that ended with `[DONE]` alone.
        """
        if not self._seen_event:
            raise self._nothing_readable()
        if without_reason and self.ended_by_done_alone:
            return Finished("stop", self._usage, word=NO_REASON)
        if not self._reason:
            how = "with [DONE] and no finish reason" if self.ended_by_done_alone else "without finishing it"
            raise self._failure("cut", f"{self._server} ended the reply {how}")
        word = self._reason.lower().replace("-", "_")
        reason = self._finish_reason(word)
        if reason != "content_filter" and not self._seen_text:
            self._check_textless(reason, word)
        return Finished(
            reason, self._usage, word="" if word == reason else clean_text(self._reason, limit=40)
        )

    def unknown_word(self) -> str:
        """The finish reason, where it is none that is known; it counts as the reply's end."""
        word = self._reason.lower().replace("-", "_")
        return "" if word in _REASONS or word in _TOOLS else clean_text(self._reason, key=self._key, limit=40)

    def _finish_reason(self, word: str) -> FinishReason:
        if word in _FAILED or word.startswith("error"):
            text = (
                f"{self._server} ended the reply with an error ({clean_text(word, key=self._key, limit=40)})"
            )
            raise self._failure("server", text)
        if word in _CUT:
            raise self._failure("cut", f"{self._server} gave the reply up ({word})")
        return "content_filter" if self._refused else _REASONS.get(word, "stop")

    def _check_textless(self, reason: FinishReason, word: str) -> None:
        """A reply without text is one only where tokens were spent on it that are not shown."""
        if self._seen_tool_call or word in _TOOLS:
            text = f"{self._server} answered with a tool call and no text, though no tools were offered"
            raise self._failure("empty", text)
        tokens = self._usage.completion
        hidden = (self._usage.reasoning or 0) > 0 or (reason == "length" and tokens is None)
        if not (self._seen_reasoning or hidden) and (tokens or 0) <= 1:
            raise self._failure("empty", f"{self._server} finished without any text")

    # payloads

    def _read(self, frames: Iterable[Frame], chunks: list[Chunk]) -> None:
        try:
            for payload, marked in frames:
                self._seen_event = True
                if payload is DONE:
                    self.done = True
                    return
                self._read_payload(payload, chunks, marked=marked)
        except ReplyTooLongError:
            raise self._too_long() from None
        except BrokenFrameError as error:
            raise self._broken_frame(error) from None

    def _read_payload(self, payload: Any, chunks: list[Chunk], *, marked: bool) -> None:
        if marked or _is_error(payload):
            self._take_error(read_error(payload, now=self._now))
            return
        choices = payload.get("choices") if isinstance(payload, dict) else None
        if self._frames.document is not None and not isinstance(choices, list):
            said = self._quoted(self._frames.document[:2000].decode("utf-8", "replace"))
            raise self._failure("server", f"{self._server} answered with something that is no reply: {said}")
        if not isinstance(payload, dict):
            return
        usage = payload.get("usage") or _inner(payload.get("x_groq"), "usage")
        if isinstance(usage, dict):
            self._usage = read_usage(usage)
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (None, 0):
                self._read_choice(choice, chunks)

    def _take_error(self, error: ServerError) -> None:
        """An error inside the reply: a content filter's ends it as a refusal, every other fails it."""
        self.error = error
        failure = classify(error, server=self._server, status=None, key=self._key, now=self._now)
        if not is_filtered(error):
            raise failure
        self._reason, self.refusal = "content_filter", failure.message

    def _read_choice(self, choice: dict[str, Any], chunks: list[Chunk]) -> None:
        if isinstance(error := choice.get("error"), dict):
            self._take_error(read_error(error, now=self._now))
            return
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict) and delta:
            self._read_message(delta, chunks)
            self._seen_delta = self._seen_delta or self.started
        elif not self._seen_delta:
            # After its deltas some gateways send the whole message once more.
            if isinstance(message, dict):
                self._read_message(message, chunks)
            elif isinstance(text := choice.get("text"), str):
                self._add(TextDelta, text, chunks)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            self._reason = reason

    def _read_message(self, message: dict[str, Any], chunks: list[Chunk]) -> None:
        if reasoning := self._reasoning_of(message):
            self._add(ReasoningDelta, reasoning, chunks)
        if content := message.get("content"):
            self._read_content(content, chunks)
        if isinstance(refusal := message.get("refusal"), str) and refusal:
            self._refused = True
            self._add(TextDelta, refusal, chunks)
        if message.get("tool_calls") or message.get("function_call"):
            self._seen_tool_call = True

    def _reasoning_of(self, message: dict[str, Any]) -> str:
        """The reasoning in a delta, once: servers send it under two names, or as a list of details beside a text."""
        plain = message.get("reasoning_content") or message.get("reasoning")
        text = plain if isinstance(plain, str) else ""
        details = "" if text else _details_text(message.get("reasoning_details"))
        if (text or details) and self._details_only is None:
            # The first delta that brings reasoning says where all of it is read.
            self._details_only = not text
        return details if self._details_only else text

    def _read_content(self, content: object, chunks: list[Chunk]) -> None:
        """A string, or Mistral's and Anthropic's list of typed parts."""
        if isinstance(content, str):
            self._add(TextDelta, content, chunks)
            return
        if not isinstance(content, list):
            # To leave it out, or to guess what was meant, would be to write the reply.
            said = self._quoted(str(content)[:200])
            raise self._failure("server", f"{self._server} sent a piece of text that is no text: {said}")
        for part in content:
            if not isinstance(part, dict):
                continue
            if isinstance(text := part.get("text"), str):
                self._add(TextDelta, text, chunks)
            thinking = part.get("thinking")
            for piece in thinking if isinstance(thinking, list) else [thinking]:
                text = _inner(piece, "text") if isinstance(piece, dict) else piece
                if isinstance(text, str):
                    self._add(ReasoningDelta, text, chunks)

    def _add(self, kind: _Kind, text: str, chunks: list[Chunk], *, last: bool = False) -> None:
        if self._halves or holds_surrogates(text):
            text = self._joined_halves(kind, text, last=last)
        if not text:
            return
        self._characters += len(text)
        if self._characters > LONGEST_REPLY:
            raise self._too_long()
        if kind is ReasoningDelta:
            self._seen_reasoning = True
        if not text.isspace():
            self.progress += 1
            self._seen_text = self._seen_text or kind is TextDelta
        if chunks and isinstance(before := chunks[-1], kind):
            chunks[-1] = kind(before.text + text)
        else:
            chunks.append(kind(text))

    def _joined_halves(self, kind: _Kind, text: str, *, last: bool) -> str:
        """`text` with a surrogate half that the last delta ended in; keeps a half at the end for the next."""
        text = self._halves.pop(kind, "") + text
        if not last and text and "\ud800" <= text[-1] <= "\udbff":
            self._halves[kind] = text[-1]
            text = text[:-1]
        return mend_surrogates(text)

    # failures

    def _broken_frame(self, error: BrokenFrameError) -> ModelFailure:
        if not error.half:
            said = self._quoted(error.sentence)
            return self._failure("server", f"{self._server} sent a piece that cannot be read: {said}")
        half = (
            "sent half a reply"
            if self._frames.document is not None
            else "ended the reply in the middle of a piece"
        )
        return self._failure("cut", f"{self._server} {half}")

    def _nothing_readable(self) -> ModelFailure:
        stray = b" ".join(self._frames.stray)
        if not stray:
            hint = "it does so when a prompt is longer than its context, or when it was interrupted"
            return self._failure("empty", f"{self._server} answered with an empty body ({hint})")
        said = self._quoted(read_error(stray.decode("utf-8", "replace")).message)
        if said.startswith("a web page"):
            text = f"{self._server} answered with {said} and no reply: is the base URL right? It mostly ends in /v1"
            return ModelFailure("rejected", text, retryable=False)
        return self._failure("server", f"{self._server} answered with something that is no reply: {said}")

    def _too_long(self) -> ModelFailure:
        text = f"the reply of {self._server} passed {LONGEST_REPLY // 2**20} MB and was stopped; set --max-tokens"
        return ModelFailure("server", text, retryable=False)

    def _failure(self, kind: FailureKind, message: str) -> ModelFailure:
        return ModelFailure(kind, message, retryable=True)

    def _quoted(self, text: str) -> str:
        return clean_text(text, key=self._key, limit=120)


def _is_error(payload: object) -> bool:
    """Whether a payload is an error in one of the shapes that come under a 200."""
    if isinstance(payload, list):
        return bool(payload and isinstance(payload[0], dict) and payload[0].get("error"))
    if not isinstance(payload, dict):
        return False
    detail = payload.get("detail") and not payload.get("choices")
    return bool(payload.get("error") or payload.get("object") == "error" or detail)


def _details_text(details: object) -> str:
    """The text of OpenRouter's `reasoning_details`: parts of text or summary; encrypted ones have none."""
    parts = details if isinstance(details, list) else []
    texts = (part.get("text") or part.get("summary") for part in parts if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _inner(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None
