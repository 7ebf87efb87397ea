"""Where the model list asks: this machine's servers, the providers' own lists, the keyring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lhe_tui.models.base import ModelInfo
from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable, find_key

if TYPE_CHECKING:
    from lhe_tui.models.discovery import LocalServer


def providers_with_a_key() -> frozenset[str]:
    """The providers whose key is in the environment or in the keyring. May block: for a thread."""
    names: set[str] = set()
    for provider in PROVIDERS.values():
        if provider.local:
            continue
        try:
            if find_key(provider) is not None:
                names.add(provider.name)
        except ModelNotAvailable:
            # A key that is not usable is reported when the provider is chosen.
            continue
    return frozenset(names)


@dataclass
class ModelSources:
    """What the model list asks; tests put others in their place."""

    find_servers: Callable[[], Awaitable[Iterable[LocalServer]]]
    list_models: Callable[[str, str | None], Awaitable[list[ModelInfo]]]
    with_a_key: Callable[[], frozenset[str]] = frozenset
    """Called in a thread."""

    @classmethod
    def real(cls) -> ModelSources:
        """This machine's local servers, the providers' own lists and the keyring."""

        async def find_servers() -> Iterable[LocalServer]:
            from lhe_tui.models.discovery import find_local_servers

            return await find_local_servers()

        async def list_models(provider_or_url: str, api_key_env: str | None) -> list[ModelInfo]:
            from lhe_tui.models.discovery import list_models as ask

            return await ask(provider_or_url, api_key_env=api_key_env)

        return cls(find_servers, list_models, providers_with_a_key)
