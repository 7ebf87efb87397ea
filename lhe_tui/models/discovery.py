"""Which models there are: local servers found running, and the lists that servers give."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lhe_tui.models.base import ModelFailure, ModelInfo
from lhe_tui.models.catalogue import (
    PROVIDERS,
    ModelNotAvailable,
    Provider,
    find_key,
    provider_address,
    server_address,
    server_key,
    what_is_missing,
)
from lhe_tui.models.openai.server_address import ServerAddress, insecure_key_words
from lhe_tui.models.secret import Secret

_LIST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server found running on this machine; `provider` is a guess from its port and what it says of itself."""

    provider: str
    base_url: str
    models: tuple[ModelInfo, ...]


async def find_local_servers(
    timeout: float = 0.4, *, base_urls: Sequence[str] | None = None
) -> list[LocalServer]:
    """The servers that answer on the known local ports within `timeout` seconds; never fails, asks all at once."""
    places = _local_places() if base_urls is None else dict.fromkeys(base_urls, None)
    found = await asyncio.gather(*(_look_at(url, provider, timeout) for url, provider in places.items()))
    return [server for server in found if server is not None]


def _local_places() -> dict[str, Provider | None]:
    """The URLs of the local providers; with the provider where a variable tells its place."""
    places: dict[str, Provider | None] = {}
    for provider in PROVIDERS.values():
        if provider.local:
            try:
                url = provider_address(provider).base_url
            except ModelNotAvailable:
                continue
            places[url] = provider if url != provider.base_url else places.get(url)
    return places


async def list_models(
    provider_or_url: str,
    *,
    env: Mapping[str, str] | None = None,
    api_key_env: str | None = None,
    allow_insecure_key: bool = False,
    use_keyring: bool = True,
) -> list[ModelInfo]:
    """The models of a provider or of a server by its URL; raises `ModelNotAvailable` or `ModelFailure`."""
    env = os.environ if env is None else env
    provider = PROVIDERS.get(provider_or_url)
    if provider is None and not _looks_like_url(provider_or_url):
        known = ", ".join(PROVIDERS)
        raise ModelNotAvailable(
            f'unknown provider "{provider_or_url[:60]}": known are {known}; or give a base URL'
        )
    if provider is not None:
        address = provider_address(provider, env)
        key = await asyncio.to_thread(
            find_key, provider, env, api_key_env=api_key_env, use_keyring=use_keyring
        )
        if key is None and provider.needs_key and provider.name != "openrouter":
            raise ModelNotAvailable(f"{provider.title} needs a key: {what_is_missing(provider, env)}")
    else:
        address, known_as = server_address(provider_or_url)
        key = await asyncio.to_thread(
            server_key, address, known_as, env, api_key_env, use_keyring=use_keyring
        )
    if key is not None and not (address.encrypted or address.loopback or allow_insecure_key):
        raise ModelNotAvailable(insecure_key_words(address))
    return await _fetch(address, key, name_prefix=f"{address.label}/", seconds=_LIST_SECONDS)


async def _look_at(base_url: str, known: Provider | None, timeout: float) -> LocalServer | None:
    try:
        address, _ = server_address(base_url)
        models = await _fetch(address, None, name_prefix="", seconds=timeout)
    except (ModelFailure, ModelNotAvailable):
        return None
    provider = known or _guess(address, models)
    # A provider's name leads back to its own place only.
    there = provider is not None and provider_address(provider).base_url == address.base_url
    prefix = provider.name if provider is not None and there else address.label
    named = tuple(_renamed(model, f"{prefix}/{model.name}") for model in models)
    return LocalServer(provider.name if provider else "", address.base_url, named)


async def _fetch(
    address: ServerAddress, key: Secret | None, *, name_prefix: str, seconds: float
) -> list[ModelInfo]:
    """The list within `seconds` in all: a list is short, so here the whole time is bounded, not the silence."""
    from lhe_tui.models.openai.http_connection import HttpConnection
    from lhe_tui.models.openai.model_list import fetch_models

    connection = HttpConnection(address, key)
    try:
        async with asyncio.timeout(seconds):
            return await fetch_models(
                connection,
                address,
                name_prefix=name_prefix,
                key=key,
                local=address.loopback,
                seconds=seconds,
            )
    except TimeoutError:
        pass
    finally:
        await connection.aclose()
    raise ModelFailure(
        "silent", f"{address.label} did not list its models within {seconds:g} s", retryable=True
    )


def _guess(address: ServerAddress, models: Sequence[ModelInfo]) -> Provider | None:
    """By what `owned_by` says, else by the port."""
    owners = {model.extra.get("owned_by", "").lower() for model in models}
    for provider in PROVIDERS.values():
        if provider.local and provider.name in owners:
            return provider
    on_port = [p for p in PROVIDERS.values() if p.local and p.base_url == address.base_url]
    if len(on_port) > 1:
        # vLLM and transformers share a port, and vLLM says who it is.
        return next((p for p in on_port if p.name == "transformers"), on_port[0])
    return on_port[0] if on_port else None


def _renamed(model: ModelInfo, name: str) -> ModelInfo:
    from dataclasses import replace

    return replace(model, name=name)


def _looks_like_url(text: str) -> bool:
    return "://" in text or "/" in text or ":" in text or "." in text or text == "localhost"
