"""Only what the user set is sent, and a parameter that a server refuses is given up once, and said."""

from __future__ import annotations

from typing import Any

import pytest

from lhe_tui.models.base import ModelFailure, Sampling
from lhe_tui.models.catalogue import PROVIDERS
from lhe_tui.models.openai.server_style import ServerStyle
from tests.misbehaving_server import MisbehavingServer, Reply, Request, Script, error, json_reply, sse
from tests.model_asking import ask, ask_once, model_at

FINE = Reply(*sse("fine"))


def refusal(message: str, *, status: int = 400, **more: Any) -> Reply:
    return error(status, {"error": {"message": message, "type": "invalid_request_error", **more}})


async def bodies(
    script: list[Script], sampling: Sampling, style: ServerStyle | None = None
) -> list[dict[str, Any]]:
    """What was asked, without model and messages, until an answer came."""
    async with MisbehavingServer(*script) as server:
        await ask_once(server, sampling, style=style)
    asked = [request.json for request in server.requests]
    return [
        {k: v for k, v in body.items() if k not in ("model", "messages", "stream", "stream_options")}
        for body in asked
    ]


async def test_only_what_the_user_set_is_sent() -> None:
    async with MisbehavingServer(FINE) as server:
        await ask_once(server)
    assert set(server.requests[0].json) == {"model", "messages", "stream", "stream_options"}
    everything = Sampling(temperature=0.0, top_p=0.9, max_tokens=5, seed=0)
    assert await bodies([FINE], everything) == [
        {"max_tokens": 5, "temperature": 0.0, "top_p": 0.9, "seed": 0}
    ]


async def test_max_tokens_is_renamed_once_and_the_new_name_is_remembered() -> None:
    no = refusal(
        "Unsupported parameter: 'max_tokens' ... Use 'max_completion_tokens' instead.",
        param="max_tokens",
        code="unsupported_parameter",
    )
    async with MisbehavingServer(no, FINE, FINE) as server:
        model = model_at(server)
        first, second = await ask(model, Sampling(max_tokens=9)), await ask(model, Sampling(max_tokens=9))
        await model.aclose()
    assert [("max_tokens" in r.json, r.json.get("max_completion_tokens")) for r in server.requests] == [
        (True, None),
        (False, 9),
        (False, 9),
    ]
    assert first.notices == [
        f"{server.label}/test-model: the server does not take max_tokens: asking with max_completion_tokens"
    ]
    assert second.notices == []


@pytest.mark.parametrize(
    "no",
    [
        refusal("'temperature' does not support 0.5", param="temperature", code="unsupported_value"),
        refusal("temperature is not supported", status=422),
        error(422, {"detail": [{"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"}]}),
        error(422, "Unexpected keys in the request: {'temperature'}"),
        error(400, [{"error": {"code": 400, "message": 'Unknown name "temperature": Cannot find field.'}}]),
    ],
)
async def test_a_refused_parameter_is_dropped_whatever_the_shape_of_the_refusal(no: Reply) -> None:
    asked = await bodies([no, FINE], Sampling(temperature=0.5, top_p=0.5))
    assert asked == [{"temperature": 0.5, "top_p": 0.5}, {"top_p": 0.5}]


async def test_usage_is_done_without_where_stream_options_are_refused() -> None:
    async with MisbehavingServer(refusal("Unknown field stream_options", status=422), FINE) as server:
        heard = await ask_once(server)
    assert ["stream_options" in r.json for r in server.requests] == [True, False]
    assert len(heard.notices) == 1


async def test_a_server_that_may_not_stream_is_asked_for_whole_replies() -> None:
    no = refusal(
        "Your organization must be verified to stream this model.", param="stream", code="unsupported_value"
    )
    whole = json_reply({"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]})
    async with MisbehavingServer(no, whole) as server:
        assert (await ask_once(server)).text == "fine"
    assert (server.requests[1].json["stream"], "stream_options" in server.requests[1].json) == (False, False)


@pytest.mark.parametrize(
    ("provider", "on", "off"),
    [
        ("openai", {"reasoning_effort": "medium"}, {"reasoning_effort": "none"}),
        ("ollama", {"reasoning_effort": "medium"}, {"reasoning_effort": "none"}),
        ("openrouter", {"reasoning": {"enabled": True}}, {"reasoning": {"enabled": False}}),
        ("deepseek", {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
        (
            "anthropic",
            {"thinking": {"type": "enabled", "budget_tokens": 4096}},
            {"thinking": {"type": "disabled"}},
        ),
        (
            "vllm",
            {"chat_template_kwargs": {"enable_thinking": True, "thinking": True}},
            {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}},
        ),
    ],
)
async def test_thinking_is_switched_in_each_providers_way(provider: str, on: object, off: object) -> None:
    style = PROVIDERS[provider].style
    assert await bodies([FINE], Sampling(thinking=True), style) == [on]
    assert await bodies([FINE], Sampling(thinking=False), style) == [off]
    assert await bodies([FINE], Sampling(), style) == [{}]


async def test_a_refused_reasoning_effort_is_lowered_until_none_is_left() -> None:
    no = refusal("Unsupported value: 'reasoning_effort'", param="reasoning_effort", code="unsupported_value")
    asked = await bodies([no, no, no, FINE], Sampling(thinking=False), ServerStyle(thinking="effort"))
    assert [body.get("reasoning_effort") for body in asked] == ["none", "minimal", "low", None]


async def test_a_model_that_cannot_think_is_asked_without_the_switch() -> None:
    no = refusal('"tiny" does not support thinking')
    asked = await bodies([no, FINE], Sampling(thinking=True), ServerStyle(thinking="thinking"))
    assert asked == [{"thinking": {"type": "enabled"}}, {}]


async def test_a_refusal_that_names_nothing_we_sent_is_a_failure() -> None:
    async with MisbehavingServer(
        *[refusal("messages[0] is odd; logprobs too", param="messages[0]")] * 2
    ) as server:
        with pytest.raises(ModelFailure, match="odd") as caught:
            await ask_once(server, Sampling(temperature=1.0))
    assert caught.value.kind == "rejected"
    assert len(server.requests) == 1


async def test_a_prompt_that_is_too_long_is_not_mistaken_for_a_bad_max_tokens() -> None:
    no = refusal(
        "max_tokens is too large: 500. This model's maximum context length is 4096 tokens", param="max_tokens"
    )
    async with MisbehavingServer(no) as server:
        with pytest.raises(ModelFailure) as caught:
            await ask_once(server, Sampling(max_tokens=500))
    assert caught.value.kind == "context"


async def test_a_server_that_refuses_everything_for_ever_ends_in_a_failure() -> None:
    def no(request: Request) -> Reply:
        names = [name for name in request.json if name not in ("model", "messages")]
        return refusal(f"no {names[-1]}", param=names[-1])

    async with MisbehavingServer(*[no] * 20) as server:
        with pytest.raises(ModelFailure):
            await ask_once(server, Sampling(temperature=1.0, top_p=1.0, seed=1, max_tokens=1, thinking=True))
    assert len(server.requests) < 12
