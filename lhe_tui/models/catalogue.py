"""How a model's name becomes a model, with the key that goes along.

Light on purpose: `--help` and the setup screen import it, so the client and httpx come in only when a model is made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from unicodedata import category

from lhe_tui.models.base import ChatModel, ModelInfo
from lhe_tui.models.base import ModelNotAvailable as ModelNotAvailable
from lhe_tui.models.local.weights import LOCAL, runs_here
from lhe_tui.models.providers import PROVIDERS as PROVIDERS
from lhe_tui.models.providers import Provider as Provider
from lhe_tui.models.providers import provider_address as provider_address
from lhe_tui.models.providers import told_address, told_urls
from lhe_tui.text.visible import from_code_points, visible

if TYPE_CHECKING:
    from lhe_tui.models.openai.server_address import ServerAddress
    from lhe_tui.models.secret import Secret

KEYRING_SERVICE = "lhe-tui"

_SIMULATED = "sim"
_A_NAME = '"provider/model", such as sim/large or openai/gpt-4.1'
HOST_AND_PORT = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")
"""A server of one's own, as it may stand before a model's name."""


def resolve_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
    env: Mapping[str, str] | None = None,
    allow_insecure_key: bool = False,
    use_keyring: bool = True,
) -> ChatModel:
    """The model for `provider/model`, `host:port/model`, or with `base_url` for the server's own model name.

    Raises `ModelNotAvailable`, also where the environment lets no connection be made. Nothing is connected to yet.
    """
    env = os.environ if env is None else env
    name = from_code_points(name.strip())
    if not name or len(name) > 300:
        raise ModelNotAvailable(f"a model's name is {_A_NAME}")
    if any(category(character) in ("Cc", "Cs") for character in name):
        said = f'"{visible(name, limit=80)}" holds a control character'
        raise ModelNotAvailable(f"{said}: a model's name is {_A_NAME}")
    if base_url:
        return _server_model(name, base_url, api_key_env, env, allow_insecure_key, use_keyring)
    prefix, slash, model = name.partition("/")
    if prefix == _SIMULATED:
        return _simulated(name)
    if runs_here(name):
        from lhe_tui.models.local.model import local_model

        return local_model(name, env)
    if slash and model and HOST_AND_PORT.fullmatch(prefix):
        return _server_model(model, f"http://{prefix}/v1", api_key_env, env, allow_insecure_key, use_keyring)
    provider = PROVIDERS.get(prefix)
    if provider is None:
        raise ModelNotAvailable(_unknown_provider(name, prefix if slash else name))
    if not model:
        raise ModelNotAvailable(f'which model of {provider.title}? Give it as "{provider.name}/model"')
    key = find_key(provider, env, api_key_env=api_key_env, use_keyring=use_keyring)
    if key is None and provider.needs_key:
        raise ModelNotAvailable(f"{provider.title} needs a key: {what_is_missing(provider, env)}")
    address = provider_address(provider, env)
    return _client(f"{provider.name}/{visible(model)}", address, model, key, provider, allow_insecure_key)


def has_no_server(name: str) -> str | None:
    """Why no server is asked for a model of that name, for a person; None where one is."""
    if name.partition("/")[0] == _SIMULATED:
        return "is simulated and has no server"
    return "runs on this machine without a server" if runs_here(name) else None


def what_is_missing(provider: Provider, env: Mapping[str, str] | None = None) -> str | None:
    """What a person has to do before this provider can be used ("set OPENROUTER_API_KEY"), None if nothing."""
    env = os.environ if env is None else env
    if not provider.needs_key:
        return None
    if not any(env.get(variable, "").strip() for variable in provider.key_variables):
        return f"set {provider.key_variables[0]}"
    return _points_elsewhere(provider, env)


def _points_elsewhere(provider: Provider, env: Mapping[str, str]) -> str | None:
    """What to say where a variable tells that the provider's key belongs to another machine; None where none does."""
    for variable, url in told_urls(provider, env):
        from lhe_tui.models.openai.server_address import parse_address

        try:
            address = told_address(variable, url)
        except ModelNotAvailable as error:
            return error.sentence
        if address.host != parse_address(provider.base_url).host:
            return (
                f"{variable} says that the key of {provider.title} belongs to {address.label}: "
                f"give --base-url {address.base_url} to go there, or unset {variable}"
            )
    return None


def find_key(
    provider: Provider,
    env: Mapping[str, str] | None = None,
    *,
    api_key_env: str | None = None,
    use_keyring: bool = True,
) -> Secret | None:
    """The provider's key from the environment, else from the OS keyring; raises `ModelNotAvailable` if unusable."""
    env = os.environ if env is None else env
    if api_key_env:
        return _named_key(api_key_env, env)
    key = _own_key(provider, env, use_keyring=use_keyring)
    if key is not None and (elsewhere := _points_elsewhere(provider, env)) is not None:
        raise ModelNotAvailable(elsewhere)
    return key


def _own_key(provider: Provider, env: Mapping[str, str], *, use_keyring: bool) -> Secret | None:
    for variable in provider.key_variables:
        if env.get(variable, "").strip():
            return _checked_key(env[variable], variable)
    for variable in provider.key_variables if use_keyring else ():
        if stored := _from_keyring(variable):
            return _checked_key(stored, f"{variable} of the keyring")
    return None


def server_address(base_url: str) -> tuple[ServerAddress, Provider | None]:
    """A typed base URL, with the provider whose server it is; raises `ModelNotAvailable` for what is no URL."""
    from lhe_tui.models.openai.server_address import BadAddressError, parse_address

    try:
        address = parse_address(base_url)
    except BadAddressError as error:
        raise ModelNotAvailable(str(error)) from None
    for provider in PROVIDERS.values():
        if not provider.local and parse_address(provider.base_url).label == address.label:
            return (parse_address(base_url, label=provider.name) if address.encrypted else address), provider
    return address, None


def server_key(
    address: ServerAddress,
    provider: Provider | None,
    env: Mapping[str, str],
    api_key_env: str | None,
    *,
    use_keyring: bool,
) -> Secret | None:
    """The key for a server given by its URL: of a variable that was named, or of the provider whose host it is."""
    if api_key_env:
        return _named_key(api_key_env, env)
    for told in PROVIDERS.values():
        # Where a variable says that a provider's key belongs here, it does.
        if told.needs_key and any(_is_at(address, *told_url) for told_url in told_urls(told, env)):
            return _own_key(told, env, use_keyring=use_keyring)
    if provider is None or not address.encrypted:
        return None
    return find_key(provider, env, use_keyring=use_keyring)


def _is_at(address: ServerAddress, variable: str, url: str) -> bool:
    """Whether a variable names this very server."""
    try:
        told = told_address(variable, url)
    except ModelNotAvailable:
        return False
    return (told.host, told.port, told.encrypted) == (address.host, address.port, address.encrypted)


def _server_model(
    name: str,
    base_url: str,
    api_key_env: str | None,
    env: Mapping[str, str],
    allow_insecure_key: bool,
    use_keyring: bool,
) -> ChatModel:
    address, provider = server_address(base_url)
    key = server_key(address, provider, env, api_key_env, use_keyring=use_keyring)
    model = name.removeprefix(f"{address.label}/") or name
    return _client(f"{address.label}/{visible(model)}", address, model, key, provider, allow_insecure_key)


def _client(
    full_name: str,
    address: ServerAddress,
    model: str,
    key: Secret | None,
    provider: Provider | None,
    allow_insecure_key: bool,
) -> ChatModel:
    from lhe_tui.models.openai.client import InsecureKeyError, OpenAICompatibleModel
    from lhe_tui.models.openai.network import route_to
    from lhe_tui.models.openai.patience import LOCAL_PATIENCE, Patience

    # What the environment forbids is said before any file is made.
    route_to(address)
    cloud = provider is not None and not provider.local
    try:
        return OpenAICompatibleModel(
            ModelInfo(full_name, local=address.loopback),
            address,
            model,
            key=key,
            style=provider.style if provider else None,
            patience=Patience() if cloud else LOCAL_PATIENCE,
            allow_insecure_key=allow_insecure_key,
        )
    except InsecureKeyError as error:
        raise ModelNotAvailable(str(error)) from None


def _simulated(name: str) -> ChatModel:
    from lhe_tui.models.simulated.model import simulated_model

    try:
        return simulated_model(name)
    except (KeyError, ValueError) as error:
        raise ModelNotAvailable(
            str(error.args[0]) if error.args else f"no simulated model is named {name}"
        ) from None


def _unknown_provider(name: str, prefix: str) -> str:
    from difflib import get_close_matches

    known = [_SIMULATED, LOCAL, *PROVIDERS]
    guess = get_close_matches(prefix.lower(), known, n=1)
    shown = f"{prefix[:60]}"
    hint = f"did you mean {guess[0]}? Known" if guess else "known"
    return f'unknown provider "{shown}": {hint} are {", ".join(known)}; for any other server give --base-url'


def _named_key(variable: str, env: Mapping[str, str]) -> Secret:
    value = env.get(variable, "")
    if not value.strip():
        raise ModelNotAvailable(f"the environment variable {variable[:60]}, named as the key's, is not set")
    return _checked_key(value, variable)


def _checked_key(text: str, source: str) -> Secret:
    from lhe_tui.models.secret import Secret

    text = text.strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ModelNotAvailable(
            f"the key in {source} holds a space, a line break or a letter that no key has"
        )
    return Secret(text)


def _from_keyring(variable: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        stored: str | None = keyring.get_password(KEYRING_SERVICE, variable)
    except Exception:  # noqa: BLE001  (backends raise what they like: a locked or absent keyring is no key)
        return None
    return stored
