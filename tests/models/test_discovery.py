"""Finding servers on this machine, and reading model lists that may lie."""

from __future__ import annotations

import json

import pytest

from lhe_tui.models.base import ModelFailure, ModelInfo
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.models.discovery import find_local_servers, list_models
from lhe_tui.models.openai.model_list import MOST_MODELS, read_model_list
from tests.misbehaving_server import CLOSE, HANG, MisbehavingServer, Raw, Reply, error, json_reply
from tests.model_asking import model_at


def listed(body: object) -> list[ModelInfo]:
    return read_model_list(json.dumps(body).encode(), server="s")


async def test_servers_that_run_are_found_with_their_models() -> None:
    async with MisbehavingServer(models=["b", "a"]) as one, MisbehavingServer(models=[]) as two:
        found = await find_local_servers(5.0, base_urls=[one.url, two.url])
    assert [server.base_url for server in found] == [one.url, two.url]
    assert [model.name for model in found[0].models] == [f"{one.label}/a", f"{one.label}/b"]
    assert all(model.local for model in found[0].models)


async def test_a_server_that_says_who_it_is_is_believed() -> None:
    owned = json_reply({"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 8192}]})
    async with MisbehavingServer(owned) as server:
        found = await find_local_servers(5.0, base_urls=[server.url])
    assert [(s.provider, s.models[0].name, s.models[0].context_length) for s in found] == [
        ("vllm", f"{server.label}/m", 8192)
    ]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(HANG, head=False),
        Reply(b"{", HANG),
        Reply(CLOSE, head=False),
        Reply(Raw(b"220 ftp ready\r\n"), HANG, head=False),
        Reply(b"<html>a router</html>"),
        error(404, "nothing here"),
        error(401, {"error": "key!"}),
        json_reply({"data": "none"}),
        json_reply(7),
        Reply(b" " * (9 * 2**20)),
    ],
)
async def test_what_is_no_model_server_is_not_found_and_harms_nobody(reply: Reply) -> None:
    async with MisbehavingServer(reply) as odd, MisbehavingServer() as good:
        # Two silences fit: one before the head and one in the body.
        found = await find_local_servers(0.3, base_urls=[odd.url, good.url])
    assert [server.base_url for server in found] == [good.url]


async def test_a_list_is_named_after_its_server_and_sorted() -> None:
    async with MisbehavingServer(models=["z", "a"]) as server:
        assert [m.name for m in await list_models(server.url, env={})] == [
            f"{server.label}/a",
            f"{server.label}/z",
        ]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, {"detail": "no"}), "auth"),
        (error(503, "Loading model"), "overloaded"),
        (Reply(b"hello"), "server"),
        (Reply(b" " * (9 * 2**20)), "server"),
        (Reply(CLOSE, head=False), "cut"),
    ],
)
async def test_a_list_that_cannot_be_had_is_a_clear_failure(reply: Reply, kind: str) -> None:
    async with MisbehavingServer(reply) as server:
        with pytest.raises(ModelFailure) as caught:
            await list_models(server.url, env={})
    assert caught.value.kind == kind
    assert server.label in caught.value.message


async def test_the_key_goes_along_where_one_is_named() -> None:
    async with MisbehavingServer() as server:
        await list_models(server.url, env={"K": "sk-0123456789"}, api_key_env="K")
    assert server.requests[0].headers["authorization"] == "Bearer sk-0123456789"


@pytest.mark.parametrize(
    ("what", "words"),
    [("opnai", "unknown provider"), ("openai", "set OPENAI_API_KEY"), ("http://", "base URL")],
)
async def test_a_list_nobody_can_give_is_said_in_one_sentence(what: str, words: str) -> None:
    with pytest.raises(ModelNotAvailable, match=words):
        await list_models(what, env={}, use_keyring=False)


def test_context_and_prices_are_read_where_they_are_told() -> None:
    [router] = listed(
        {
            "data": [
                {
                    "id": "a/b",
                    "context_length": 131072,
                    "pricing": {"prompt": "0.0000003", "completion": "0.000001"},
                }
            ]
        }
    )
    assert (router.context_length, router.price_prompt, router.price_completion) == (131072, 0.3, 1.0)
    [together] = listed([{"id": "x", "pricing": {"input": 0.2, "output": 0.6}}])
    assert (together.price_prompt, together.price_completion) == (0.2, 0.6)
    [llama] = listed({"data": [{"id": "x", "meta": {"n_ctx": 4096}}]})
    assert llama.context_length == 4096
    [gemini] = listed({"data": [{"id": "models/gemini-x"}]})
    assert gemini.name == "gemini-x"


@pytest.mark.parametrize(
    "entry",
    [None, 5, [], {}, {"id": None}, {"id": ""}, {"id": "x" * 999}, {"id": "a\x1b[2Jb"}, {"id": {"a": 1}}],
)
def test_entries_that_make_no_sense_are_left_out(entry: object) -> None:
    assert [m.name for m in listed({"data": [entry, {"id": "good"}]})] == ["good"]


def test_numbers_that_cannot_be_are_not_taken() -> None:
    odd = {"context_length": -5, "max_model_len": "many", "pricing": {"prompt": "-1", "completion": "nan"}}
    [model] = listed({"data": [{"id": "x", **odd}]})
    assert (model.context_length, model.price_prompt, model.price_completion) == (None, None, None)


def test_ten_thousand_models_are_cut_and_doubles_are_dropped() -> None:
    assert len(listed({"data": [{"id": f"m{number}"} for number in range(10_000)]})) == MOST_MODELS
    assert len(listed({"data": [{"id": "same"}] * 50})) == 1


async def test_a_model_can_learn_its_context_from_its_server() -> None:
    reply = json_reply({"data": [{"id": "test-model", "max_model_len": 2048}]})
    async with MisbehavingServer(reply) as server:
        model = model_at(server)
        info = await model.describe()
        await model.aclose()
    assert (info.name, info.context_length) == (f"{server.label}/test-model", 2048)
    assert model.info is info
