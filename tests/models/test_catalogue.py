"""From a model's name to a model, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest

from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable, find_key, resolve_model, what_is_missing
from lhe_tui.models.openai.client import OpenAICompatibleModel
from lhe_tui.models.openai.server_address import BadAddressError, parse_address
from tests.misbehaving_server import MisbehavingServer
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
