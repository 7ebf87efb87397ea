"""What real servers do to a right answer, each as a reply of `MisbehavingServer`, for every road to a server."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.misbehaving_server import (
    CLOSE,
    DONE,
    MisbehavingServer,
    Raw,
    Reply,
    Request,
    delta,
    error,
    event,
    json_reply,
    refusing_empty_messages,
    refusing_system_role,
    sse,
    usage,
)

Behaviour = Callable[[Request, str], Reply]
MODEL = "test-model"
ASKED_TOKENS = 100_000
MOST_TOKENS = 512
_PAIR = re.compile(r"^([a-z]+): (-?\d+)$", re.MULTILINE)
_ANSWER = re.compile(r"<answer>(-?\d+)</answer>")


def right_answer(request: Request) -> str:
    """The right next sum, read from the messages alone, wherever the task stands in them."""
    messages = request.json["messages"]
    values = {key: int(value) for key, value in _PAIR.findall(messages[0]["content"])}
    sums = [m["content"] for m in messages if m["role"] == "assistant"]
    before = int(_ANSWER.findall(sums[-1])[-1]) if sums else 0
    keys = messages[-1]["content"].splitlines()[-1].split(", ")
    return f"<answer>{before + sum(values[key] for key in keys)}</answer>"


def _plain(request: Request, text: str) -> Reply:
    return Reply(*sse(text))


def _repeated(request: Request, text: str) -> Reply:
    message = {"role": "assistant", "content": text}
    last = {"choices": [{"index": 0, "delta": {}, "message": message, "finish_reason": "stop"}]}
    return Reply(delta("", role="assistant"), delta(text[:4]), delta(text[4:]), event(last), DONE)


def _limited(request: Request, text: str) -> Reply:
    asked = request.json.get("max_tokens", 0)
    if asked > MOST_TOKENS:
        words = (
            f"max_tokens is too large: {asked}. This model supports at most {MOST_TOKENS} completion tokens"
        )
        return error(400, {"error": {"message": words, "param": "max_tokens", "code": "invalid_value"}})
    return Reply(*sse(text))


def _reasoning_details(request: Request, text: str) -> Reply:
    part = {"type": "reasoning.text", "text": "let me see: <answer>7</answer>"}
    thought = delta("", reasoning="let me see: <answer>7</answer>", reasoning_details=[part])
    return Reply(thought, delta(text, finish="stop"), DONE)


def _keep_alives(request: Request, text: str) -> Reply:
    return Reply(b": ping\n\n", b"\n\n", b": OPENROUTER PROCESSING\n\n", *sse(text))


def _whole(request: Request, text: str) -> Reply:
    return json_reply(
        {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
    )


def _unknown_parameter(request: Request, text: str) -> Reply:
    if "stream_options" in request.json:
        return error(
            422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}
        )
    return Reply(*sse(text))


def _cached(request: Request, text: str) -> Reply:
    return Reply(*sse(text, done=False), usage(30, 5, prompt_tokens_details={"cached_tokens": 20}), DONE)


ANSWERING: dict[str, Behaviour] = {
    "is well-behaved": _plain,
    "repeats the whole message in its last frame": _repeated,
    "refuses the role system": lambda request, text: refusing_system_role(text)(request),
    "refuses empty messages": lambda request, text: refusing_empty_messages(text)(request),
    "names the most tokens": _limited,
    "reasons in details": _reasoning_details,
    "keeps the connection alive": _keep_alives,
    "answers in one document": _whole,
    "refuses a parameter": _unknown_parameter,
    "tells cached tokens": _cached,
    "ends with a word of its own": lambda request, text: Reply(*sse(text, finish="tool_calls")),
    "tells no [DONE]": lambda request, text: Reply(*sse(text, done=False)),
    "closes after each reply": lambda request, text: Reply(*sse(text), keep_alive=False),
}
"""Whatever they do, the answer comes, and is right."""

_FILTERED = {"error": {"code": "content_filter", "message": "The response was filtered"}}
REFUSING: dict[str, Reply] = {
    "refuses by status": error(400, _FILTERED),
    "refuses by its finish reason": Reply(*sse("I must not.", finish="content_filter")),
    "refuses by a delta": Reply(delta(refusal="I must not."), delta(finish="stop"), DONE),
    "refuses inside a 200": Reply(event(_FILTERED), DONE),
}
"""A content filter: every turn is `refused`, and nothing stops."""

FAILING: dict[str, tuple[Reply, str]] = {
    "does not speak HTTP": (Reply(Raw(b"SSH-2.0-x\r\n\r\n"), CLOSE, head=False), "does not speak HTTP"),
    "says that the key is wrong": (error(401, {"detail": "no"}), "the key is missing, wrong or not allowed"),
    "has no credit": (error(402, {"error": {"message": "Insufficient Balance"}}), "no credit left"),
    "does not know the model": (error(404, {"error": {"code": "model_not_found"}}), "no such model"),
    "is full": (error(400, {"error": {"type": "exceed_context_size_error"}}), "does not fit"),
    "refuses for good": (error(400, {"error": {"message": "I do not like you"}}), "I do not like you"),
    "redirects": (error(307, "", {"Location": "http://elsewhere.invalid/v1"}), "a redirect to"),
    "has moved to a web page": (Reply(b"<!doctype html><title>Sign in</title>"), "a web page: Sign in"),
}
"""No answer comes, at once and for good: one sentence."""


class OneWay(MisbehavingServer):
    """A server that lists its model, and answers every chat by one function."""

    def __init__(self, chat: Callable[[Request], Reply]) -> None:
        super().__init__(models=(MODEL,))
        self._chat = chat

    def _reply(self, request: Request) -> Reply:
        return super()._reply(request) if request.path.endswith("/models") else self._chat(request)


def answering(behaviour: Behaviour) -> OneWay:
    """A server that gives the right answer, and misbehaves in one way."""
    return OneWay(lambda request: behaviour(request, right_answer(request)))
