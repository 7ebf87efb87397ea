"""The providers that are known by name, and how a model's name becomes a model.

Light on purpose: `--help` and the setup screen import it, so the client and httpx come in only when a model is made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lhe_tui.models.base import ChatModel, ModelInfo
from lhe_tui.models.base import ModelNotAvailable as ModelNotAvailable
from lhe_tui.models.openai.server_style import ServerStyle

if TYPE_CHECKING:
    from lhe_tui.models.openai.server_address import ServerAddress
    from lhe_tui.models.secret import Secret

KEYRING_SERVICE = "lhe-tui"

_USUAL = ServerStyle()
_EFFORT = ServerStyle(thinking="effort")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: where it is, which variables may hold its key, how it wants to be asked."""

    name: str
    title: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    local: bool = False
    style: ServerStyle = _USUAL

    @property
    def needs_key(self) -> bool:
        """Whether it answers nobody without a key."""
        return bool(self.key_variables)


PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            ("OPENAI_API_KEY",),
            style=ServerStyle(thinking="effort", limit_name="max_completion_tokens"),
        ),
        Provider(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            ("OPENROUTER_API_KEY",),
            style=ServerStyle(thinking="reasoning"),
        ),
        Provider(
            "anthropic",
            "Anthropic",
            "https://api.anthropic.com/v1",
            ("ANTHROPIC_API_KEY",),
            style=ServerStyle(thinking="thinking", thinking_budget=True),
        ),
        Provider(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            style=_EFFORT,
        ),
        Provider(
            "deepseek",
            "DeepSeek",
            "https://api.deepseek.com/v1",
            ("DEEPSEEK_API_KEY",),
            style=ServerStyle(thinking="thinking"),
        ),
        Provider(
            "groq",
            "Groq",
            "https://api.groq.com/openai/v1",
            ("GROQ_API_KEY",),
            style=ServerStyle(thinking="effort", effort_on=("default", "medium"), effort_off=("none", "low")),
        ),
        Provider(
            "mistral",
            "Mistral",
            "https://api.mistral.ai/v1",
            ("MISTRAL_API_KEY",),
            style=ServerStyle(
                thinking="effort", effort_on=("high",), effort_off=("none",), usage_option=False
            ),
        ),
        Provider(
            "together",
            "Together",
            "https://api.together.xyz/v1",
            ("TOGETHER_API_KEY",),
            style=ServerStyle(thinking="reasoning"),
        ),
        Provider("vllm", "vLLM", "http://localhost:8000/v1", local=True),
        Provider("sglang", "SGLang", "http://localhost:30000/v1", local=True),
        Provider("llamacpp", "llama.cpp", "http://localhost:8080/v1", local=True),
        Provider("ollama", "Ollama", "http://localhost:11434/v1", local=True, style=_EFFORT),
        Provider("lmstudio", "LM Studio", "http://localhost:1234/v1", local=True, style=_EFFORT),
        Provider("transformers", "transformers serve", "http://localhost:8000/v1", local=True),
    )
}

_SIMULATED = "sim"
_HOST_AND_PORT = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")


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
    name = name.strip()
    if not name or not name.isprintable() or len(name) > 300:
        raise ModelNotAvailable('a model\'s name is "provider/model", such as sim/large or openai/gpt-4.1')
    if base_url:
        return _server_model(name, base_url, api_key_env, env, allow_insecure_key, use_keyring)
    prefix, slash, model = name.partition("/")
    if prefix == _SIMULATED:
        return _simulated(name)
    if slash and model and _HOST_AND_PORT.fullmatch(prefix):
        return _server_model(model, f"http://{prefix}/v1", api_key_env, env, allow_insecure_key, use_keyring)
    provider = PROVIDERS.get(prefix)
    if provider is None:
        raise ModelNotAvailable(_unknown_provider(name, prefix if slash else name))
    if not model:
        raise ModelNotAvailable(f'which model of {provider.title}? Give it as "{provider.name}/model"')
    key = find_key(provider, env, api_key_env=api_key_env, use_keyring=use_keyring)
    if key is None and provider.needs_key:
        raise ModelNotAvailable(f"{provider.title} needs a key: {what_is_missing(provider, env)}")
    return _client(
        f"{provider.name}/{model}", provider_address(provider), model, key, provider, allow_insecure_key
    )


def what_is_missing(provider: Provider, env: Mapping[str, str] | None = None) -> str | None:
    """What a person has to do before this provider can be used ("set OPENROUTER_API_KEY"), None if nothing."""
    env = os.environ if env is None else env
    if not provider.needs_key or any(env.get(variable, "").strip() for variable in provider.key_variables):
        return None
    return f"set {provider.key_variables[0]}"


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
    for variable in provider.key_variables:
        if env.get(variable, "").strip():
            return _checked_key(env[variable], variable)
    if not use_keyring:
        return None
    for variable in provider.key_variables:
        if stored := _from_keyring(variable):
            return _checked_key(stored, f"{variable} of the keyring")
    return None


def provider_address(provider: Provider) -> ServerAddress:
    """Where the provider is, under its own name."""
    from lhe_tui.models.openai.server_address import parse_address

    return parse_address(provider.base_url, label=provider.name)


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
    """The key for a server given by its URL: a variable that was named, or the one of the provider whose host it is."""
    if api_key_env:
        return _named_key(api_key_env, env)
    if provider is None or not address.encrypted:
        return None
    return find_key(provider, env, use_keyring=use_keyring)


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
    return _client(f"{address.label}/{model}", address, model, key, provider, allow_insecure_key)


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

    known = [_SIMULATED, *PROVIDERS]
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
