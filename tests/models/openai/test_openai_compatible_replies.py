"""Replies as real servers stream them: which end is an answer, and what is in it."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from lhe_tui.models.base import ModelFailure, Sampling, Usage
from tests.misbehaving_server import (
    CLOSE,
    DONE,
    HANG,
    RESET,
    MisbehavingServer,
    Raw,
    Reply,
    Step,
    delta,
    error,
    event,
    json_reply,
    sse,
    usage,
)
from tests.model_asking import Heard, ask, ask_once, failure_of, model_at

ANSWER = "<answer>−42</answer>"
MISTRAL_PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "let me see"}]},
    {"type": "text", "text": ANSWER},
]


async def heard_from(*steps: Step, **how: object) -> Heard:
    async with MisbehavingServer(Reply(*steps, **how)) as server:  # type: ignore[arg-type]  # options of any kind
        return await ask_once(server)


async def failed_from(*steps: Step, **how: object) -> tuple[str, bool, str]:
    async with MisbehavingServer(Reply(*steps, **how)) as server:  # type: ignore[arg-type]  # options of any kind
        failure = await failure_of(server)
        return failure.kind, failure.retryable, failure.message


@pytest.mark.parametrize(
    ("server", "steps"),
    [
        (
            "llama-server",
            [
                b":\n\n",
                event(
                    {"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]}
                ),
                delta(ANSWER),
                delta(finish="stop"),
                usage(10, 5),
                DONE,
            ],
        ),
        (
            "llama_cpp.server",
            [b": ping - 2026-11-01\n\n", delta(role="assistant"), delta(ANSWER), delta(finish="stop"), DONE],
        ),
        (
            "transformers serve",
            [
                event({"choices": [{"delta": {"role": "assistant"}, "index": 0}]}),
                event({"choices": [{"delta": {"content": ANSWER}, "index": 0}]}),
                event(
                    {
                        "choices": [{"delta": {}, "index": 0, "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 10},
                    }
                ),
            ],
        ),
        (
            "litellm",
            [
                delta(ANSWER),
                delta(finish="stop"),
                event(
                    {
                        "choices": [{"delta": {}, "index": 0}],
                        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
                    }
                ),
                DONE,
            ],
        ),
        (
            "OpenRouter",
            [b": OPENROUTER PROCESSING\n\n" * 3, delta(ANSWER, finish="stop"), usage(10, 5, cost=0.5), DONE],
        ),
        ("DeepSeek", [b"\n\n\n: keep-alive\n\n", delta(ANSWER), delta("", finish="stop"), DONE]),
        (
            "Azure",
            [event({"choices": [], "prompt_filter_results": []}), delta(ANSWER), delta(finish="stop"), DONE],
        ),
        ("Gemini", [delta(ANSWER, finish="STOP").replace(b"\n\n", b"\r\n\r\n"), DONE]),
    ],
)
async def test_each_servers_way_of_streaming_is_an_answer(server: str, steps: list[bytes]) -> None:
    heard = await heard_from(*steps)
    assert (heard.text, heard.end and heard.end.reason) == (ANSWER, "stop"), server


async def test_data_without_a_space_and_lines_of_any_end_are_read() -> None:
    stream = b"".join(sse(ANSWER)).replace(b"data: ", b"data:")
    for line_end in (b"\n", b"\r\n", b"\r"):
        assert (await heard_from(stream.replace(b"\n", line_end))).text == ANSWER


async def test_a_reply_split_at_every_byte_is_the_same_reply() -> None:
    text = "Zahl: −1 😀 字"
    stream = b"".join(event(json.loads(e[6:])) for e in sse(text)[:-1])
    plain = b"".join(
        b"data: " + json.dumps(json.loads(e[6:]), ensure_ascii=False).encode() + b"\n\n"
        for e in sse(text)[:-1]
    )
    for body in (stream, plain):
        heard = await heard_from(*(body[i : i + 1] for i in range(len(body))))
        assert heard.text == text


async def test_an_emoji_split_into_two_surrogate_deltas_is_joined() -> None:
    halves = [delta("a\ud83d"), delta("\ude00b\ud83d"), delta(finish="stop")]
    assert (await heard_from(*halves)).text == "a😀b\ufffd"


async def test_events_without_blank_lines_between_and_events_of_many_lines_are_read() -> None:
    tight = b"".join(sse(ANSWER)).replace(b"\n\n", b"\n")
    assert (await heard_from(tight)).text == ANSWER
    pretty = json.dumps({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}, indent=1)
    assert (
        await heard_from(b"".join(b"data: %b\n" % line.encode() for line in pretty.split("\n")) + b"\n")
    ).text == "x"


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/octet-stream", "text/event-stream;charset=x"]
)
async def test_the_content_type_is_not_believed(content_type: str | None) -> None:
    assert (await heard_from(*sse(ANSWER), content_type=content_type)).text == ANSWER


async def test_a_200_with_a_json_body_is_an_answer_too() -> None:
    message = {"role": "assistant", "content": ANSWER, "reasoning_content": "hm"}
    body = {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7},
    }
    async with MisbehavingServer(json_reply(body)) as server:
        heard = await ask_once(server)
    assert (heard.text, heard.reasoning, heard.end and heard.end.usage.prompt) == (ANSWER, "hm", 7)


@pytest.mark.parametrize(
    "steps",
    [
        [delta("<answer>1"), CLOSE],
        [delta("<answer>1"), RESET],
        [delta("<answer>1")],
        [delta("<answer>1"), DONE],
        [delta("<answer>1"), DONE, Raw(b"this is no chunk size\r\n")],
        [delta("<answer>12</answer>"), delta(finish="")],
        [delta("<answer>12</answer>"), delta(finish="abort")],
        [b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": "st'],
    ],
)
async def test_a_cut_stream_is_never_an_answer(steps: list[Step]) -> None:
    kind, retryable, _ = await failed_from(*steps)
    assert (kind, retryable) == ("cut", True)


@pytest.mark.parametrize(
    "ending", [[CLOSE], [RESET], [Raw(b"no chunk size\r\n")], [HANG], [DONE, HANG], [DONE, CLOSE]]
)
async def test_what_happens_after_the_finish_reason_loses_no_answer(ending: list[Step]) -> None:
    heard = await heard_from(delta(ANSWER), delta(finish="stop"), *ending)
    assert heard.text == ANSWER


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([delta("1"), event({"error": {"message": "upstream died", "code": "500"}})], "server"),
        (
            [
                delta("1"),
                event({"error": {"message": "no", "code": 502}, "choices": [{"finish_reason": "error"}]}),
                DONE,
            ],
            "server",
        ),
        ([delta("1"), event({"object": "error", "message": "engine dead", "code": 500})], "server"),
        ([delta("1"), event({"error": {"message": "Rate limit", "code": "429"}})], "overloaded"),
        ([delta("1"), b'event: error\ndata: {"message": "boom"}\n\n'], "server"),
        ([delta("1"), b"event: error\ndata: boom\n\n"], "server"),
        ([delta("1"), b'{"error": {"message": "boom"}}\n'], "server"),
        ([delta("1"), delta(finish="error")], "server"),
        ([delta("1"), delta(finish="stop"), event({"error": {"message": "boom"}})], "server"),
        ([event([{"error": {"message": "context length exceeded"}}])], "context"),
        ([event({"error": "insufficient_quota"})], "quota"),
        ([b'{"error": {"message": "overflow of the context window"}}'], "context"),
        ([b'{"status": "fine"}'], "server"),
        ([b'{"choices": [{"message": {"content": "1'], "cut"),
        ([b"data: not json\n\n"], "server"),
        ([b"<!doctype html><title>Sign in</title>"], "rejected"),
        ([b"hello"], "server"),
        ([b"\x00\xff\xfe"], "server"),
    ],
)
async def test_an_error_inside_a_200_is_a_failure(steps: list[bytes], kind: str) -> None:
    assert (await failed_from(*steps))[0] == kind


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [b"\n\n"],
        [b": ping\n\n"],
        [delta(finish="stop"), DONE],
        [delta(" \n", finish="stop"), usage(5, 1), DONE],
        [delta(finish="stop"), usage(5, 0), DONE],
        [delta(finish="length"), usage(5, 0), DONE],
    ],
)
async def test_a_finish_without_any_text_is_empty_and_may_be_asked_again(steps: list[bytes]) -> None:
    kind, retryable, _ = await failed_from(*steps)
    assert (kind, retryable) == ("empty", True)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([delta(finish="content_filter")], "content_filter"),
        ([delta(finish="stop"), usage(5, 9)], "stop"),
        (
            [delta(finish="length"), usage(5, 900, completion_tokens_details={"reasoning_tokens": 900})],
            "length",
        ),
        ([delta(reasoning_content="hm", finish="stop")], "stop"),
        ([delta(refusal="I must not."), delta(finish="stop")], "content_filter"),
    ],
)
async def test_a_finish_without_text_that_has_its_reason_is_a_whole_reply(
    steps: list[bytes], reason: str
) -> None:
    heard = await heard_from(*steps)
    assert heard.end is not None
    assert heard.end.reason == reason


@pytest.mark.parametrize(
    ("told", "reason", "word"),
    [
        ("stop", "stop", ""), ("STOP", "stop", ""), ("eos", "stop", "eos"), ("end_turn", "stop", "end_turn"),
        ("tool_calls", "stop", "tool_calls"), ("whatever", "stop", "whatever"),
        ("length", "length", ""), ("max_tokens", "length", "max_tokens"), ("MAX_TOKENS", "length", "MAX_TOKENS"),
        ("content_filter", "content_filter", ""), ("content-filter", "content_filter", ""),
        ("SAFETY", "content_filter", "SAFETY"), ("x\x1b[2J" * 99, "stop", "x [2Jx"),
    ],
)  # fmt: skip
async def test_finish_reasons_come_down_to_three_and_keep_their_word(
    told: str, reason: str, word: str
) -> None:
    heard = await heard_from(delta("x", finish=told))
    assert heard.end is not None
    assert heard.end.reason == reason
    assert (heard.end.word == word) if word.isidentifier() or not word else heard.end.word.startswith(word)
    assert len(heard.end.word) <= 40
    unknown = word.startswith(("what", "x"))
    assert [word in notice for notice in heard.notices] == ([True] if unknown else [])


TOOL_CALL = [{"index": 0, "id": "1", "function": {"name": "add", "arguments": "{}"}}]


@pytest.mark.parametrize(
    "steps",
    [
        [delta(tool_calls=TOOL_CALL), delta(finish="tool_calls")],
        [delta(tool_calls=TOOL_CALL), delta(finish="stop"), usage(5, 20)],
        [delta(finish="function_call"), usage(5, 20)],
    ],
)
async def test_a_reply_of_tool_calls_alone_is_a_fault_that_is_said(steps: list[bytes]) -> None:
    kind, retryable, message = await failed_from(*steps, DONE)
    assert (kind, retryable, "tool call" in message) == ("empty", True, True)


async def test_text_beside_a_tool_call_is_read() -> None:
    heard = await heard_from(delta(ANSWER, tool_calls=TOOL_CALL), delta(finish="tool_calls"))
    assert (heard.text, heard.end and heard.end.word) == (ANSWER, "tool_calls")


@pytest.mark.parametrize("content", [5, 5.5, True, {"a": "object"}])
async def test_text_that_is_no_text_fails_the_reply(content: object) -> None:
    kind, _, message = await failed_from(delta("<answer>", odd=1), delta(**{"content": content}), *sse("x"))
    assert (kind, "no text" in message) == ("server", True)


def whole_message(**more: object) -> bytes:
    """A last frame that repeats everything, as some gateways send it."""
    message = {"role": "assistant", "content": ANSWER, "reasoning": "let me see"}
    return event(
        {"choices": [{"index": 0, "delta": {}, "message": message, "finish_reason": "stop", **more}]}
    )


@pytest.mark.parametrize("more", [{}, {"delta": None}, {"text": ANSWER}, {"message": None, "text": ANSWER}])
async def test_a_last_frame_that_repeats_the_whole_message_adds_nothing(more: dict[str, object]) -> None:
    said = [delta(reasoning="let me see"), delta(ANSWER[:5]), delta(ANSWER[5:])]
    heard = await heard_from(*said, whole_message(**more), usage(7, 9), DONE)
    assert (heard.text, heard.reasoning) == (ANSWER, "let me see")
    assert heard.end is not None
    assert (heard.end.reason, heard.end.usage.completion) == ("stop", 9)


async def test_a_whole_message_without_deltas_is_the_reply() -> None:
    heard = await heard_from(delta("", role="assistant"), whole_message(), DONE)
    assert (heard.text, heard.reasoning) == (ANSWER, "let me see")


DETAILS = [{"type": "reasoning.text", "text": "let me "}, {"type": "reasoning.encrypted", "data": "xx"}]


@pytest.mark.parametrize(
    "deltas",
    [
        [delta("", reasoning_details=DETAILS), delta("", reasoning_details=[{"summary": "see"}])],
        [delta("", reasoning="let me ", reasoning_details=DETAILS), delta("", reasoning="see")],
        [delta("", reasoning="let me see"), delta("", reasoning_details=[*DETAILS, {"text": "see"}])],
        [delta("", reasoning_details=[*DETAILS, {"text": "see"}]), delta("", reasoning="let me see")],
        [delta("", reasoning_details=[*DETAILS, 5, None, {"text": 5}, {"summary": "see"}])],
    ],
)
async def test_reasoning_details_are_read_once(deltas: list[bytes]) -> None:
    heard = await heard_from(*deltas, delta("", reasoning_details="odd"), *sse(ANSWER))
    assert (heard.reasoning, heard.text) == ("let me see", ANSWER)


REFUSALS = [
    Reply(*sse("I must not.", finish="content_filter")),
    Reply(delta(refusal="I must not."), delta(finish="stop"), DONE),
    Reply(delta("I must not."), event({"error": {"code": "content_filter", "message": "no"}}), DONE),
    error(400, {"error": {"code": "content_filter", "message": "The response was filtered", "status": 400}}),
    error(400, {"error": {"message": "Output blocked by content filtering policy", "type": "invalid"}}),
    error(
        400, {"error": {"code": "invalid_prompt", "message": "flagged as potentially violating our policy"}}
    ),
    error(403, {"error": {"message": "input was flagged", "code": 403, "metadata": {"reasons": []}}}),
    error(400, {"code": "data_inspection_failed", "message": "may contain inappropriate content"}),
]


@pytest.mark.parametrize("reply", REFUSALS)
async def test_what_a_content_filter_refuses_is_a_finished_reply(reply: Reply) -> None:
    async with MisbehavingServer(reply) as server:
        heard = await ask_once(server, Sampling(max_tokens=5))
    assert heard.end is not None
    assert heard.end.reason == "content_filter"
    assert len(server.requests) == 1
    assert heard.notices or heard.text, "what the server said is said on"


DONE_ALONE = Reply(*sse(ANSWER, finish=None))


async def test_a_reply_that_ends_with_done_alone_is_asked_for_once_more_and_then_taken() -> None:
    async with MisbehavingServer(*[DONE_ALONE] * 4) as server:
        model = model_at(server)
        with pytest.raises(ModelFailure, match="no finish reason") as caught:
            await ask(model)
        taken, later = await ask(model), await ask(model)
        await model.aclose()
    assert (caught.value.kind, caught.value.retryable) == ("cut", True)
    for heard in (taken, later):
        assert (heard.text, heard.end and heard.end.reason, heard.end and heard.end.word) == (
            ANSWER,
            "stop",
            "[DONE]",
        )
    assert "marked" in taken.notices[0]
    assert len(server.requests) == 3, "a server that never tells the reason is not asked twice each time"


async def test_where_reasons_are_told_each_reply_without_one_is_asked_for_once_more() -> None:
    fine = Reply(*sse(ANSWER))
    async with MisbehavingServer(fine, DONE_ALONE, DONE_ALONE, DONE_ALONE, fine) as server:
        model = model_at(server)
        await ask(model)
        for _ in range(2):
            with pytest.raises(ModelFailure, match="no finish reason"):
                await ask(model)
            assert (await ask(model)).text == ANSWER
        await model.aclose()


@pytest.mark.parametrize("ending", [CLOSE, RESET, Raw(b"no chunk size\r\n")])
async def test_a_done_after_which_the_connection_breaks_is_never_taken(ending: Step) -> None:
    interrupted = Reply(delta("<answer>1"), DONE, ending, keep_alive=False)
    async with MisbehavingServer(*[interrupted] * 3) as server:
        model = model_at(server)
        for _ in range(3):
            with pytest.raises(ModelFailure):
                await ask(model)
        await model.aclose()


@pytest.mark.parametrize(
    "deltas",
    [
        [delta(reasoning_content="let me "), delta(reasoning_content="see"), delta(ANSWER)],
        [delta("", reasoning="let me "), delta("", reasoning="see"), delta(ANSWER)],
        [delta("", reasoning="let me see", reasoning_content="let me see"), delta(ANSWER)],
        [event({"choices": [{"delta": {"content": MISTRAL_PARTS}}]})],
    ],
)
async def test_the_reasoning_channel_is_read_under_all_its_names(deltas: list[bytes]) -> None:
    heard = await heard_from(*deltas, delta(finish="stop"))
    assert (heard.reasoning, heard.text) == ("let me see", ANSWER)


@pytest.mark.parametrize("text", ["<think>a</think>b", "a</think>b", "<think>a"])
async def test_think_tags_in_the_content_pass_through_as_they_are(text: str) -> None:
    assert (await heard_from(*sse(text))).text == text


async def test_choices_are_never_taken_blindly() -> None:
    odd = [
        event({"choices": None}), event({"choices": {}}), event({"choices": [None, 3]}),
        event({}), event(3), event(None),
        event({"choices": [{"delta": None}]}), event({"choices": [{"delta": {"content": []}}]}),
        event({"choices": [{"index": 1, "delta": {"content": "another choice"}}]}),
        event({"choices": [{"delta": {"content": [None, {"text": 4}]}, "finish_reason": 7}]}),
    ]  # fmt: skip
    assert (await heard_from(*odd, *sse(ANSWER))).text == ANSWER


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.25}, Usage(3, 4, None, 0.25)),
        ({"prompt_tokens": "3", "completion_tokens": -1, "cost": -2}, Usage()),
        ({"prompt_tokens": True, "completion_tokens": 1e300, "cost": "free"}, Usage()),
        ({"prompt_tokens": 10**30, "completion_tokens": [1], "completion_tokens_details": "x"}, Usage()),
        ({"prompt_tokens": 3.0, "completion_tokens_details": {"reasoning_tokens": 9}}, Usage(3, None, 9)),
        ({"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 20}}, Usage(30, cached=20)),
        ({"prompt_tokens": 30, "cache_read_input_tokens": 0}, Usage(30, cached=0)),
        ({"prompt_tokens": 30, "prompt_cache_hit_tokens": 20}, Usage(30, cached=20)),
        ({"prompt_tokens_details": {"cached_tokens": -1}, "prompt_cache_hit_tokens": "many"}, Usage()),
    ],
)
async def test_usage_that_cannot_be_true_is_not_taken(told: dict[str, object], read: Usage) -> None:
    heard = await heard_from(delta("x", finish="stop"), event({"choices": [], "usage": told}), DONE)
    assert heard.end is not None
    assert heard.end.usage == read


async def test_a_reply_of_a_megabyte_comes_whole() -> None:
    text = "0123456789abcdeé" * 65536
    assert (await heard_from(*sse(text, pieces=64))).text == text


async def test_a_reply_beyond_eight_megabytes_is_stopped() -> None:
    piece = delta("x" * 2**20)
    assert (await failed_from(*[piece] * 9, delta(finish="stop")))[0] == "server"
    kind, _, message = await failed_from(b"data: " + b"x" * (9 * 2**20))
    assert (kind, "8 MB" in message) == ("server", True)


async def test_compressed_replies_are_read_and_bombs_are_stopped() -> None:
    stream = b"".join(sse(ANSWER))
    for name, packed in (("gzip", gzip.compress(stream)), ("deflate", zlib.compress(stream))):
        assert (await heard_from(packed, headers={"Content-Encoding": name})).text == ANSWER
    bomb = gzip.compress(b"data: " + b" " * (64 * 2**20))
    kind, _, message = await failed_from(bomb, headers={"Content-Encoding": "gzip"})
    assert (kind, "8 MB" in message) == ("server", True)
    assert "cannot be decoded" in (await failed_from(b"garbage", headers={"Content-Encoding": "gzip"}))[2]
    assert "cannot be decoded" in (await failed_from(stream, headers={"Content-Encoding": "br"}))[2]


async def test_a_model_that_echoes_another_name_is_still_read() -> None:
    chunk = {"model": "something/else", "choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
    assert (await heard_from(event(chunk))).text == "x"


async def test_the_body_is_the_same_bytes_for_the_same_request() -> None:
    async with MisbehavingServer(answer=lambda messages: messages[-1]["content"]) as server:
        model = model_at(server)
        for _ in range(2):
            assert (await ask(model, Sampling(temperature=0.5, seed=1))).text == "grape"
        await model.aclose()
    first, second = server.requests
    assert first.body == second.body
    assert first.json["messages"] == [
        {"role": "system", "content": "Add up."},
        {"role": "user", "content": "grape"},
    ]
