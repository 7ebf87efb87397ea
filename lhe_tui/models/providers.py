"""The providers that are known by name, and where each of them is. Light: `--help` and the setup screen import it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lhe_tui.models.base import ModelNotAvailable
from lhe_tui.models.openai.server_style import ServerStyle

if TYPE_CHECKING:
    from lhe_tui.models.openai.server_address import ServerAddress

_OLLAMA_HOST = re.compile(r"(?:(https?)://)?(\[[^\]]*\]|[^:/]*|[0-9A-Fa-f:]*)(?::(\d*))?(/(?!/).*)?")
_USUAL = ServerStyle()
_EFFORT = ServerStyle(thinking="effort")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: where it is, which variables may hold its key, how it wants to be asked."""

    name: str
    title: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    """Variables by which other programs are told where this provider is, and so where its key belongs."""
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
            ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
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
            ("ANTHROPIC_BASE_URL",),
            style=ServerStyle(thinking="thinking", thinking_budget=True),
        ),
        Provider(
            "gemini",
            "Google Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            ("GOOGLE_GEMINI_BASE_URL",),
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
            ("GROQ_BASE_URL",),
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
            ("TOGETHER_BASE_URL",),
            style=ServerStyle(thinking="reasoning"),
        ),
        Provider("vllm", "vLLM", "http://localhost:8000/v1", local=True),
        Provider("sglang", "SGLang", "http://localhost:30000/v1", local=True),
        Provider("llamacpp", "llama.cpp", "http://localhost:8080/v1", local=True),
        Provider(
            "ollama",
            "Ollama",
            "http://localhost:11434/v1",
            url_variables=("OLLAMA_HOST",),
            local=True,
            style=_EFFORT,
        ),
        Provider("lmstudio", "LM Studio", "http://localhost:1234/v1", local=True, style=_EFFORT),
        Provider("transformers", "transformers serve", "http://localhost:8000/v1", local=True),
    )
}


def provider_address(provider: Provider, env: Mapping[str, str] | None = None) -> ServerAddress:
    """Where the provider is, under its own name; a local one may be told elsewhere by a variable."""
    from lhe_tui.models.openai.server_address import parse_address

    env = os.environ if env is None else env
    for variable, url in told_urls(provider, env) if provider.local else ():
        address = told_address(variable, _ollama_url(url))
        return replace(address, label=provider.name)
    return parse_address(provider.base_url, label=provider.name)


def _ollama_url(text: str) -> str:
    """A URL from what Ollama takes: host, host:port, :port or a URL; all interfaces mean this machine."""
    parts = _OLLAMA_HOST.fullmatch(text)
    if parts is None:
        return text
    scheme, host, port, path = parts.groups("")
    if host in ("", "0.0.0.0", "[::]", "::"):
        host = "127.0.0.1"
    elif ":" in host and not host.startswith("["):
        host = f"[{host}]"
    port = port or {"http": "80", "https": "443"}.get(scheme, "11434")
    return f"{scheme or 'http'}://{host}:{port}{path}"


def told_urls(provider: Provider, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """(Variable, URL) of every variable that tells where a provider is."""
    return [(name, url) for name in provider.url_variables if (url := env.get(name, "").strip())]


def told_address(variable: str, url: str) -> ServerAddress:
    """The address that a variable tells. Raises ModelNotAvailable."""
    from lhe_tui.models.openai.server_address import BadAddressError, parse_address

    try:
        return parse_address(url)
    except BadAddressError as error:
        raise ModelNotAvailable(
            f"{variable} cannot be used: {error}; correct it, or unset {variable}"
        ) from None
