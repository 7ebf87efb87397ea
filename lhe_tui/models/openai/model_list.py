"""A server's `/models`, read with the suspicion that every foreign document deserves."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any
from unicodedata import category

from lhe_tui.models.base import ModelFailure, ModelInfo
from lhe_tui.models.openai.lenient_json import NOT_JSON, parse_json
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.models.openai.server_errors import classify, read_error_bytes
from lhe_tui.models.secret import Secret
from lhe_tui.text.visible import visible

if TYPE_CHECKING:
    from lhe_tui.models.openai.http_connection import HttpConnection

MOST_MODELS = 5000
MOST_BYTES = 8 * 2**20
LONGEST_NAME = 200

_CONTEXT_NAMES = (
    "context_length",
    "max_model_len",
    "context_window",
    "max_context_length",
    "max_context_window",
    "inputTokenLimit",
    "n_ctx",
)
_SECONDS_OF_SILENCE = 10.0


async def fetch_models(
    connection: HttpConnection,
    address: ServerAddress,
    *,
    name_prefix: str,
    key: Secret | None = None,
    local: bool = False,
    seconds: float = _SECONDS_OF_SILENCE,
) -> list[ModelInfo]:
    """The models that a server lists, named `prefix` + its name, sorted; raises `ModelFailure`."""
    reply = await connection.get(address.url("models"), seconds)
    try:
        # One byte more than is allowed tells a list that is too long from one that just fits.
        body = await reply.read_at_most(MOST_BYTES + 1, seconds)
    finally:
        await reply.aclose()
    if reply.status != 200:
        now = time.time()
        error = read_error_bytes(body[: 2**16], now=now)
        raise classify(
            error, server=address.label, status=reply.status, headers=reply.headers, key=key, now=now
        )
    if len(body) > MOST_BYTES:
        text = f"the model list of {address.label} is longer than {MOST_BYTES // 2**20} MB"
        raise ModelFailure("server", text, retryable=False)
    return read_model_list(body, server=address.label, name_prefix=name_prefix, local=local)


def read_model_list(
    body: bytes, *, server: str, name_prefix: str = "", local: bool = False
) -> list[ModelInfo]:
    """The models in a `/models` document; entries that make no sense are left out."""
    document = parse_json(body)
    entries = document
    if isinstance(document, dict):
        entries = document.get("data", document.get("models"))
    if document is NOT_JSON or not isinstance(entries, list):
        text = f"{server} answered /models with something that is no list of models"
        raise ModelFailure("server", text, retryable=False)
    found: dict[str, ModelInfo] = {}
    for entry in entries:
        info = _model_info(entry, name_prefix, local=local) if isinstance(entry, dict) else None
        if info is not None:
            found.setdefault(info.name, info)
        if len(found) >= MOST_MODELS:
            break
    return sorted(found.values(), key=lambda info: info.name)


def _model_info(entry: dict[str, Any], name_prefix: str, *, local: bool) -> ModelInfo | None:
    name = entry.get("id", entry.get("name"))
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        return None
    if any(category(character) in ("Cc", "Cs") for character in name):
        return None
    prompt, completion = _prices(entry.get("pricing"))
    owner = entry.get("owned_by")
    return ModelInfo(
        # What would vanish in a name is shown by its number, and understood so when the name is typed.
        name=name_prefix + visible(name.removeprefix("models/")),
        local=local,
        context_length=_context(entry),
        price_prompt=prompt,
        price_completion=completion,
        extra={"owned_by": owner[:100]} if isinstance(owner, str) and owner.isprintable() else {},
    )


def _context(entry: dict[str, Any]) -> int | None:
    meta = entry.get("meta")
    for place in (entry, meta if isinstance(meta, dict) else {}):
        for name in _CONTEXT_NAMES:
            value = place.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9:
                return value
    return None


def _prices(pricing: object) -> tuple[float | None, float | None]:
    """US dollars per million tokens: OpenRouter tells them per token as strings, Together per million as numbers."""
    if not isinstance(pricing, dict):
        return None, None
    if "prompt" in pricing:
        prompt, completion = _price(pricing.get("prompt")), _price(pricing.get("completion"))
        return _per_million(prompt), _per_million(completion)
    return _price(pricing.get("input")), _price(pricing.get("output"))


def _per_million(price: float | None) -> float | None:
    return None if price is None else round(price * 1e6, 6)


def _price(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        price = float(value)
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) and 0 <= price < 1e6 else None
