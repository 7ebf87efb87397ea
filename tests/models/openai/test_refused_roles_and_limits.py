"""Refusals that a client can mend by asking otherwise: a role for the task, a token limit that is too high."""

from __future__ import annotations

from typing import Any

import pytest

from lhe_tui.models.base import ChatRequest, ModelFailure, Sampling
from lhe_tui.models.openai.dialect import with_task_in_user
from lhe_tui.task.messages import Message
from tests.misbehaving_server import (
    DONE,
    MisbehavingServer,
    Reply,
    Request,
    error,
    event,
    refusing_system_role,
    sse,
)
from tests.model_asking import QUESTION, ask, ask_once, failure_of, model_at

FINE = Reply(*sse("fine"))
JINJA = (
    "\n------------\nWhile executing CallExpression at line 1, column 71 in source:\n"
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}\n"
    "Error: Jinja Exception: System role not supported"
)


def openai(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


ROLE_REFUSALS = {
    "gemma": error(400, openai("System role not supported")),
    "o1": error(
        400,
        openai(
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            param="messages[0].role",
            code="unsupported_value",
        ),
    ),
    "param": error(400, openai("bad value", param="messages[0].role")),
    "mistral": error(400, openai("Conversation roles must alternate user/assistant/user/assistant/...")),
    "gemini": error(
        400, [{"error": {"code": 400, "message": "Developer instruction is not enabled for gemma-3"}}]
    ),
    "llama.cpp": error(500, {"error": {"code": 500, "message": JINJA, "type": "server_error"}}),
    "text": error(500, "jinja2.exceptions.TemplateError: System role not supported"),
    "fastapi": error(
        422, {"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "Input should be 'user'"}]}
    ),
    "anthropic": error(400, openai('messages: Unexpected role "system". Use the top-level parameter')),
    "template": error(400, openai("Only user and assistant roles are supported!")),
    "sentence": error(400, openai("This model does not support system messages")),
    "in a 200": Reply(
        event({"error": {"message": "litellm.BadRequestError: System role not supported"}}), DONE
    ),
    "list in a 200": Reply(event([{"error": {"message": "roles must alternate", "code": 400}}]), DONE),
}


@pytest.mark.parametrize("refusal", ROLE_REFUSALS.values(), ids=ROLE_REFUSALS)
async def test_a_refused_system_role_is_learnt_once_and_said(refusal: Reply) -> None:
    async with MisbehavingServer(refusal, FINE, FINE) as server:
        model = model_at(server)
        first, second = await ask(model, Sampling(temperature=0.5)), await ask(model)
        await model.aclose()
    asked = [[(m["role"], m["content"]) for m in request.json["messages"]] for request in server.requests]
    moved = [("user", "Add up.\n\ngrape")]
    assert asked == [[("system", "Add up."), ("user", "grape")], moved, moved]
    assert [request.json.get("temperature") for request in server.requests] == [0.5, 0.5, None]
    assert first.notices == [
        f"{server.label}/test-model: the model refuses the role system: "
        "the task stands before the first user message from here on"
    ]
    assert (first.text, second.text, second.notices) == ("fine", "fine", [])


@pytest.mark.parametrize(
    "refusal",
    [
        error(400, openai("messages[3].role is odd", param="messages[3].role")),
        error(400, openai("messages[0] is odd", param="messages[0]")),
        error(400, openai("the operating system is on fire")),
        error(400, openai("role is a required property")),
    ],
)
async def test_other_refusals_move_no_task(refusal: Reply) -> None:
    async with MisbehavingServer(refusal) as server:
        assert (await failure_of(server)).kind == "rejected"
    assert len(server.requests) == 1


async def test_a_model_that_refuses_the_moved_task_too_fails_with_its_sentence() -> None:
    async with MisbehavingServer(*[ROLE_REFUSALS["mistral"]] * 3) as server:
        failure = await failure_of(server)
    assert "must alternate" in failure.message
    assert len(server.requests) == 2


async def test_a_long_history_is_moved_as_a_whole() -> None:
    past = [m for turn in range(1, 40) for m in (Message("user", f"u{turn}", "user", turn), ASSISTANT)]
    async with MisbehavingServer(refusing_system_role("fine")) as server:
        server.script *= 2
        model = model_at(server)
        _ = [chunk async for chunk in model.stream(ChatRequest([QUESTION[0], *past, QUESTION[1]]))]
        await model.aclose()
    sent = server.requests[-1].json["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant"] * 39 + ["user"]
    assert (sent[0]["content"], sent[-1]["content"]) == ("Add up.\n\nu1", "grape")


ASSISTANT = Message("assistant", "<answer>1</answer>", "own", 1)


def test_a_history_without_a_user_message_gets_one() -> None:
    assert with_task_in_user([QUESTION[0], ASSISTANT])[0] == Message("user", "Add up.", "system", 0)


LIMITS = [
    (
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, "
        "whereas you provided 100000.",
        16384,
    ),
    (
        "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-x-20241022",
        8192,
    ),
    ("`max_tokens` must be less than or equal to `32,768`, the maximum value for `max_tokens` is ...", 32768),
    ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192),
    (
        "max_tokens has a value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive)",
        65536,
    ),
]


@pytest.mark.parametrize(("words", "most"), LIMITS)
async def test_a_token_limit_that_is_too_high_is_lowered_to_the_one_named(words: str, most: int) -> None:
    no = error(400, openai(words, param="max_tokens", code="invalid_value"))
    async with MisbehavingServer(no, FINE, FINE, FINE) as server:
        model = model_at(server)
        heard = await ask(model, Sampling(max_tokens=100_000))
        await ask(model, Sampling(max_tokens=100_000))
        await ask(model, Sampling(max_tokens=50))
        await model.aclose()
    assert [request.json["max_tokens"] for request in server.requests] == [100_000, most, most, 50]
    assert f"at most {most:,} tokens" in heard.notices[0]


@pytest.mark.parametrize(
    "words", ["max_tokens is too large", "max_tokens must be at least 16", "max_tokens exceeds the maximum"]
)
async def test_a_token_limit_that_cannot_be_lowered_stops_with_the_servers_sentence(words: str) -> None:
    async with MisbehavingServer(error(400, openai(words, param="max_tokens"))) as server:
        failure = await failure_of(server, Sampling(max_tokens=9))
    assert words in failure.message
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 4500 tokens "
        "(4000 in the messages, 500 in the completion). Please reduce the length.",
        "'max_tokens' or 'max_completion_tokens' is too large: 500. This model's maximum context length is 4096 "
        "tokens and your request has 4000 input tokens (500 > 4096 - 4000).",
    ],
)
async def test_a_prompt_that_fits_without_the_asked_limit_is_asked_with_what_is_left(words: str) -> None:
    full = error(400, openai(words.replace("4000", "4096"), param="max_tokens"))
    async with MisbehavingServer(error(400, openai(words, param="max_tokens")), FINE, FINE, full) as server:
        model = model_at(server)
        heard = await ask(model, Sampling(max_tokens=500))
        await ask(model, Sampling(max_tokens=500))
        with pytest.raises(ModelFailure, match="context") as caught:
            await ask(model, Sampling(max_tokens=500))
        await model.aclose()
    assert [request.json["max_tokens"] for request in server.requests] == [500, 96, 500, 500]
    assert "nearly full" in heard.notices[0]
    assert caught.value.kind == "context"


async def test_a_server_that_always_names_a_smaller_limit_ends_in_a_failure() -> None:
    def lower(request: Request) -> Reply:
        return error(
            400, openai(f"max_tokens must be at most {request.json['max_tokens'] - 1}", param="max_tokens")
        )

    async with MisbehavingServer(*[lower] * 30) as server:
        await failure_of(server, Sampling(max_tokens=100))
    assert len(server.requests) == 12


async def test_sampling_without_a_limit_is_never_given_one() -> None:
    no = error(400, openai("max_tokens must be at most 9", param="max_tokens"))
    async with MisbehavingServer(no) as server:
        await failure_of(server)
    async with MisbehavingServer(FINE) as server:
        await ask_once(server)
    assert "max_tokens" not in server.requests[0].json
