"""Refusals of real servers: what they mean, whether asking again may help, what of them is shown."""

from __future__ import annotations

from typing import Any

import pytest

from lhe_tui.models.base import ModelFailure
from lhe_tui.models.openai.server_errors import clean_text
from tests.misbehaving_server import MisbehavingServer, Reply, error
from tests.model_asking import failure_of


async def failure_from(reply: Reply) -> ModelFailure:
    async with MisbehavingServer(reply) as server:
        return await failure_of(server)


def openai(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "some_error", "param": None, "code": None, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (400, openai("bad", type="invalid_request_error"), "rejected", False),
        (
            400,
            {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error", "n_ctx": 4096}},
            "context",
            False,
        ),
        (
            400,
            openai("This model's maximum context length is 8192 tokens", code="context_length_exceeded"),
            "context",
            False,
        ),
        (400, openai("prompt is too long: 220000 tokens > 200000 maximum"), "context", False),
        (
            400,
            {"error": {"message": "Invalid model name passed in model=x", "code": "400"}},
            "no_model",
            False,
        ),
        (
            401,
            {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}},
            "auth",
            False,
        ),
        (401, {"detail": "Invalid API key"}, "auth", False),
        (402, {"error": {"message": "Insufficient Balance", "type": "unknown_error"}}, "quota", False),
        (403, openai("Country not supported"), "auth", False),
        (404, openai("model 'x' not found, try pulling it first"), "no_model", False),
        (
            404,
            openai("The model `x` does not exist or you do not have access to it.", code="model_not_found"),
            "no_model",
            False,
        ),
        (404, "Not Found", "rejected", False),
        (408, "", "server", True),
        (413, "too large", "context", False),
        (
            422,
            {"detail": [{"loc": ["body", "messages"], "msg": "Field required", "type": "missing"}]},
            "rejected",
            False,
        ),
        (429, openai("Rate limit reached", code="rate_limit_exceeded"), "overloaded", True),
        (
            429,
            openai("You exceeded your current quota", code="insufficient_quota", type="insufficient_quota"),
            "quota",
            False,
        ),
        (
            429,
            [{"error": {"code": 429, "message": "quota, check billing", "status": "RESOURCE_EXHAUSTED"}}],
            "overloaded",
            True,
        ),
        (500, "'NoneType' is not a number", "server", True),
        (500, "x is not a local folder and is not a valid model identifier", "no_model", False),
        (
            500,
            {"object": "error", "message": "boom", "type": "InternalServerError", "code": 500},
            "server",
            True,
        ),
        (501, "", "server", False),
        (502, "<html><head><title>502 Bad Gateway</title></head></html>", "server", True),
        (
            503,
            {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}},
            "overloaded",
            True,
        ),
        (504, "", "server", True),
        (522, "", "server", True),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "overloaded",
            True,
        ),
        (418, "I am a teapot", "rejected", False),
    ],
)
async def test_each_refusal_is_told_by_its_kind(
    status: int, body: object, kind: str, retryable: bool
) -> None:
    failure = await failure_from(error(status, body))
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert str(status) in failure.message


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (429, {"Retry-After": "7"}, {}, 7),
        (503, {"retry-after": "1.5"}, {}, 1.5),
        (503, {}, {}, None),
        (429, {"llm_provider-retry-after": "60"}, {"error": {"message": "x", "code": "429"}}, 60),
        (429, {"retry-after-ms": "250"}, {}, 0.25),
        (429, {"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-reset-tokens": "1s"}, {}, 360),
        (
            429,
            {
                "x-ratelimit-reset-requests": "6m0s",
                "x-ratelimit-remaining-requests": "12",
                "x-ratelimit-reset-tokens": "1s",
                "x-ratelimit-remaining-tokens": "0",
            },
            {},
            1,
        ),
        (429, {"Retry-After": "nonsense"}, {}, None),
        (429, {"Retry-After": "0"}, {}, None),
        (429, {"Retry-After": "0.0"}, {}, None),
        (429, {"Retry-After": "1000000001"}, {}, None),
        (429, {"Retry-After": "1600000000000"}, {}, None),
        (429, {"retry-after-ms": "0", "Retry-After": "7"}, {}, None),
        (429, {}, {"error": {"message": "Please try again in 0s."}}, None),
        (429, {"Retry-After": "-5"}, {}, None),
        (429, {"Retry-After": "9" * 400}, {}, None),
        (429, {"Retry-After": "999999"}, {}, 86_400),
        (429, {}, {"error": {"message": "Please try again in 1m2s."}}, 62),
        (
            429,
            {},
            [{"error": {"message": "x", "details": [{"@type": "RetryInfo", "retryDelay": "34s"}]}}],
            34,
        ),
        (429, {}, {"error": {"message": "x", "code": 429, "metadata": {"headers": {"Retry-After": "3"}}}}, 3),
        (401, {"Retry-After": "7"}, {}, None),
    ],
)
async def test_the_servers_wish_to_wait_is_read(
    status: int, headers: dict[str, str], body: object, seconds: float
) -> None:
    assert (await failure_from(error(status, body, headers))).retry_after == seconds


async def test_a_retry_after_that_is_a_date_is_told_in_seconds() -> None:
    past = await failure_from(error(429, {}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}))
    future = await failure_from(error(429, {}, {"Retry-After": "Wed, 21 Oct 2215 07:28:00 GMT"}))
    assert (past.retry_after, future.retry_after) == (None, 86_400)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"error": {"message": "plainly said"}}, "plainly said"),
        ({"error": "plainly said"}, "plainly said"),
        ([{"error": {"message": "plainly said"}}], "plainly said"),
        ({"detail": "plainly said"}, "plainly said"),
        ({"detail": [{"loc": ["body", "x"], "msg": "plainly said"}]}, "plainly said: x"),
        ({"message": "plainly said", "object": "error"}, "plainly said"),
        ({"error": {"message": "outer", "metadata": {"raw": "plainly said"}}}, "outer: plainly said"),
        ("plainly said", "plainly said"),
        ("<html><title>502 Bad Gateway</title>", "a web page: 502 Bad Gateway"),
        (
            'Traceback (most recent call last):\n  File "/srv/a.py", line 1\nValueError: plainly said',
            "ValueError: plainly said",
        ),
    ],
)
async def test_an_error_of_any_shape_is_quoted(body: object, shown: str) -> None:
    assert (await failure_from(error(400, body))).message.endswith(f": {shown}")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x" * 10**6,
        "\x1b[31m\x00\r\n",
        {"error": {"message": {"a": 1}}},
        [],
        [[]],
        {"error": []},
        {"detail": [3]},
        7,
        None,
        "[" * 9999,
    ],
)
async def test_no_error_body_breaks_the_client_or_its_message(body: object) -> None:
    message = (await failure_from(error(400, body))).message
    assert len(message) < 400
    assert message.isprintable()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("cannot open /home/anna/models/secret.gguf: no such file", "cannot open …: no such file"),
        ("in /model.gguf and ~/a/b and ./x/y", "in … and … and …"),
        (r"C:\Users\anna\model.bin is gone", "… is gone"),
        ("server/routers/chat.py:33 failed", "… failed"),
        (
            "see https://platform.openai.com/docs/errors now",
            "see https://platform.openai.com/docs/errors now",
        ),
        (
            "POST /v1/chat/completions and 3/4 of meta-llama/Llama-3-8B",
            "POST /v1/chat/completions and 3/4 of meta-llama/Llama-3-8B",
        ),
        ("Incorrect API key provided: sk-proj-abc***xyz.", "Incorrect API key provided: [key]"),
    ],
)
def test_paths_and_keys_are_taken_out_of_foreign_text(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
