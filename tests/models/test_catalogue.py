"""From a model's name to a model, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest

from lhe_tui.models.base import ModelFailure
from lhe_tui.models.catalogue import (
    PROVIDERS,
    ModelNotAvailable,
    find_key,
    provider_address,
    resolve_model,
    what_is_missing,
)
from lhe_tui.models.discovery import list_models
from lhe_tui.models.openai.client import OpenAICompatibleModel
from lhe_tui.models.openai.server_address import BadAddressError, parse_address
from tests.misbehaving_server import MisbehavingServer, error
from tests.model_asking import ask

KEYS = {variable: f"sk-{variable}-0123456789" for p in PROVIDERS.values() for variable in p.key_variables}


def resolved(name: str, **how: Any) -> OpenAICompatibleModel:
    how.setdefault("env", KEYS)
    model = resolve_model(name, use_keyring=False, **how)
    assert isinstance(model, OpenAICompatibleModel)
    return model


def refused(name: str, **how: Any) -> str:
    how.setdefault("env", {})
    with pytest.raises(ModelNotAvailable) as caught:
        resolve_model(name, use_keyring=False, **how)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_is_resolved_by_its_name(provider: str) -> None:
    model = resolved(f"{provider}/some/model")
    assert (model.info.name, model.server_model) == (f"{provider}/some/model", "some/model")
    assert model.info.local == PROVIDERS[provider].local


@pytest.mark.parametrize("provider", [p for p in PROVIDERS.values() if p.needs_key], ids=lambda p: p.name)
def test_a_missing_key_is_said_by_its_variable(provider: Any) -> None:
    assert f"set {provider.key_variables[0]}" in refused(f"{provider.name}/x")
    assert what_is_missing(provider, {}) == f"set {provider.key_variables[0]}"
    assert what_is_missing(provider, KEYS) is None
    assert what_is_missing(provider, {provider.key_variables[0]: "  "}) is not None


def test_the_second_variable_of_a_provider_counts_too() -> None:
    key = find_key(PROVIDERS["gemini"], {"GOOGLE_API_KEY": "abc"}, use_keyring=False)
    assert key is not None
    assert key.reveal() == "abc"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("opnai/gpt", ["opnai", "did you mean openai", "--base-url"]),
        ("gpt-4", ["unknown provider", "openrouter", "sim"]),
        ("openai/", ["which model of OpenAI"]),
        ("openai", ["which model of OpenAI"]),
        ("", ["provider/model"]),
        ("a\x1b[31m/b", ["provider/model"]),
        ("x" * 400, ["provider/model"]),
    ],
)
def test_a_name_that_is_none_gets_one_clear_sentence(name: str, words: list[str]) -> None:
    said = refused(name)
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("name", "shown", "asked"),
    [
        ("tiny-answers", "localhost:8101/tiny-answers", "tiny-answers"),
        ("localhost:8101/tiny-answers", "localhost:8101/tiny-answers", "tiny-answers"),
        ("ollama/llama3", "localhost:8101/ollama/llama3", "ollama/llama3"),
        ("sim/large", "localhost:8101/sim/large", "sim/large"),
    ],
)
def test_with_a_base_url_the_whole_name_is_the_servers(name: str, shown: str, asked: str) -> None:
    model = resolved(name, base_url="http://localhost:8101/v1", env={})
    assert (model.info.name, model.server_model, model.info.local) == (shown, asked, True)


def test_the_full_name_of_a_servers_model_leads_back_to_it() -> None:
    model = resolved("localhost:8101/tiny-answers", env={})
    assert (model.info.name, model.server_model) == ("localhost:8101/tiny-answers", "tiny-answers")


def test_a_providers_own_url_uses_its_key_and_no_other_url_does() -> None:
    assert resolved("gpt", base_url="https://api.openai.com/v1").info.name == "openai/gpt"
    assert "Secret" in repr(vars(resolved("gpt", base_url="https://api.openai.com/v1"))["_key"])
    assert vars(resolved("gpt", base_url="https://api.openai.com.evil.example/v1"))["_key"] is None
    assert vars(resolved("gpt", base_url="http://api.openai.com/v1"))["_key"] is None


def test_a_named_variable_that_is_not_set_is_said() -> None:
    assert "MY_KEY" in refused("m", base_url="http://localhost:1", api_key_env="MY_KEY")
    assert "MY_KEY" in refused("openai/m", api_key_env="MY_KEY", env={"OPENAI_API_KEY": "x"})


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "a\x00b"])
def test_a_key_that_cannot_be_sent_is_said_without_showing_it(key: str) -> None:
    said = refused("openai/m", env={"OPENAI_API_KEY": key})
    assert "OPENAI_API_KEY" in said
    assert key not in said


def test_the_keyring_is_asked_only_where_no_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get_password(service: str, name: str) -> str | None:
        asked.append(f"{service}:{name}")
        return "from-the-ring"

    ring = types.ModuleType("keyring")
    ring.get_password = get_password  # type: ignore[attr-defined]  # a stand-in for a foreign package
    monkeypatch.setitem(sys.modules, "keyring", ring)
    provider = PROVIDERS["openai"]
    assert find_key(provider, KEYS) is not None
    assert asked == []
    key = find_key(provider, {})
    assert key is not None
    assert (key.reveal(), asked) == ("from-the-ring", ["lhe-tui:OPENAI_API_KEY"])


def test_a_broken_or_absent_keyring_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_password(service: str, name: str) -> str | None:
        raise RuntimeError("locked")

    ring = types.ModuleType("keyring")
    ring.get_password = get_password  # type: ignore[attr-defined]  # a stand-in for a foreign package
    for module in (ring, None):
        monkeypatch.setitem(sys.modules, "keyring", module)
        assert find_key(PROVIDERS["openai"], {}) is None


@pytest.mark.parametrize(
    ("typed", "base", "label"),
    [
        ("http://localhost:8101/v1", "http://localhost:8101/v1", "localhost:8101"),
        ("http://localhost:8101/", "http://localhost:8101/v1", "localhost:8101"),
        ("localhost:8101", "http://localhost:8101/v1", "localhost:8101"),
        (" https://gpu.example/api/v3/ ", "https://gpu.example/api/v3", "gpu.example"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1", "h:1"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1", "[::1]:80"),
    ],
)
def test_a_base_url_is_taken_as_people_type_it(typed: str, base: str, label: str) -> None:
    address = parse_address(typed)
    assert (address.base_url, address.label) == (base, label)


def test_a_query_in_the_base_url_reaches_every_endpoint() -> None:
    assert parse_address("https://h/v1?api-version=2").url("models") == "https://h/v1/models?api-version=2"


@pytest.mark.parametrize(
    "typed", ["", "ftp://h/v1", "http://", "http://h:99999999", "http://h h/", "http://[::1", "file:///etc/passwd", "http://a\x1bb"]
)  # fmt: skip
def test_what_is_no_url_is_said(typed: str) -> None:
    with pytest.raises(BadAddressError, match="base URL"):
        parse_address(typed)
    if typed:
        assert "base URL" in refused("m", base_url=typed)


def test_a_password_in_the_base_url_is_refused_and_not_shown() -> None:
    for typed in ("http://user:hunter2@h/v1", "ftp://user:hunter2@h/v1"):
        assert "hunter2" not in refused("m", base_url=typed)


async def test_a_resolved_model_answers() -> None:
    async with MisbehavingServer(answer=lambda messages: messages[-1]["content"][::-1]) as server:
        model = resolved("test-model", base_url=server.url, env={})
        assert (await ask(model)).text == "eparg"
        await model.aclose()
    assert server.requests[0].json["model"] == "test-model"


def test_importing_the_catalogue_imports_no_client() -> None:
    code = "import sys, lhe_tui.models.catalogue; print(*{'httpx', 'orjson', 'pydantic', 'asyncio'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


ELSEWHERE = "https://gateway.example/v1"


@pytest.mark.parametrize(
    ("provider", "variable"),
    [(p.name, variable) for p in PROVIDERS.values() if p.needs_key for variable in p.url_variables],
)
def test_a_key_never_goes_to_another_place_than_its_variable_says(provider: str, variable: str) -> None:
    env = {**KEYS, variable: ELSEWHERE}
    said = refused(f"{provider}/m", env=env)
    assert all(word in said for word in (variable, f"--base-url {ELSEWHERE}", f"unset {variable}"))
    assert what_is_missing(PROVIDERS[provider], env) == said
    assert refused("m", env=env, base_url=PROVIDERS[provider].base_url) == said
    named = resolved(f"{provider}/m", env={**env, "MINE": "sk-mine-0123456789"}, api_key_env="MINE")
    assert named.info.name == f"{provider}/m", "a key that was named goes where the person says"
    assert resolved(f"{provider}/m", env={**KEYS, variable: PROVIDERS[provider].base_url + "/"})
    assert "no" in refused(f"{provider}/m", env={**KEYS, variable: "ftp://x"})


def test_a_variable_that_is_no_url_harms_no_other_server() -> None:
    env = {**KEYS, "OPENAI_BASE_URL": "http://[", "ANTHROPIC_BASE_URL": "ftp://x"}
    assert resolved("m", base_url="http://localhost:1/v1", env=env)
    assert "OPENAI_BASE_URL" in (what_is_missing(PROVIDERS["openai"], env) or "")


async def test_the_key_goes_along_to_where_its_variable_says() -> None:
    async with MisbehavingServer(answer=lambda _: "x") as server:
        env = {"OPENAI_API_KEY": "sk-0123456789", "OPENAI_BASE_URL": server.url + "/"}
        for base_url in (server.url, f"http://localhost:{server.port}/v1"):
            model = resolved("m", base_url=base_url, env=env)
            await ask(model)
            await model.aclose()
    assert [request.headers.get("authorization") for request in server.requests] == [
        "Bearer sk-0123456789",
        None,
    ]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://localhost:11434/v1"),
        ("gpu", "http://gpu:11434/v1"),
        ("gpu:1", "http://gpu:1/v1"),
        (":8123", "http://127.0.0.1:8123/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:8123", "http://127.0.0.1:8123/v1"),
        ("[::1]:8123", "http://[::1]:8123/v1"),
        ("::1", "http://[::1]:11434/v1"),
        ("http://gpu", "http://gpu:80/v1"),
        ("https://gpu/ollama", "https://gpu:443/ollama"),
    ],
)
def test_ollama_is_where_its_variable_says(host: str, url: str) -> None:
    address = provider_address(PROVIDERS["ollama"], {"OLLAMA_HOST": host})
    assert (address.base_url, address.label) == (url, "ollama")
    assert resolved("ollama/m", env={"OLLAMA_HOST": host}).info.local == address.loopback


@pytest.mark.parametrize("host", ["ftp://x", "a b", "http://[::1", "gpu:99999999"])
def test_an_ollama_host_that_is_none_is_said(host: str) -> None:
    assert "OLLAMA_HOST" in refused("ollama/m", env={"OLLAMA_HOST": host})


@pytest.mark.parametrize("typed", ["ti\u200bny", "ti⟨U+200B⟩ny", "ti\\u200bny"])
async def test_a_name_with_invisible_characters_is_shown_by_number_and_found_by_it(typed: str) -> None:
    async with MisbehavingServer(answer=lambda _: "x", models=["ti\u200bny"]) as server:
        [listed] = await list_models(server.url, env={})
        for model in (
            resolved(typed, base_url=server.url, env={}),
            resolved(f"{server.label}/{typed}", env={}),
            resolved(listed.name, env={}),
        ):
            assert model.info.name == listed.name == f"{server.label}/ti⟨U+200B⟩ny"
            await ask(model)
            await model.aclose()
    assert {r.json["model"] for r in server.requests if r.body} == {"ti\u200bny"}


async def test_an_unknown_name_is_quoted_so_that_one_sees_why() -> None:
    no = error(404, {"error": {"message": "not found", "code": "model_not_found"}})
    async with MisbehavingServer(no) as server:
        model = resolved("ti\u200bny", base_url=server.url, env={})
        with pytest.raises(ModelFailure, match=r'no such model "ti⟨U\+200B⟩ny"'):
            await ask(model)
        await model.aclose()
