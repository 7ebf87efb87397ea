"""Token counts as a server tells them, with what cannot be a count left out."""

from __future__ import annotations

import math
from typing import Any

from lhe_tui.models.base import Usage

_MOST_TOKENS = 10**9


def read_usage(usage: dict[str, Any]) -> Usage:
    """Usage from the OpenAI shape, with the names that others give to a count; a count that is no count is None."""
    details = usage.get("completion_tokens_details")
    reasoning = (
        details.get("reasoning_tokens") if isinstance(details, dict) else usage.get("reasoning_tokens")
    )
    prompt_details = usage.get("prompt_tokens_details")
    cached = (
        prompt_details.get("cached_tokens") if isinstance(prompt_details, dict) else None,
        usage.get("cache_read_input_tokens"),
        usage.get("prompt_cache_hit_tokens"),
    )
    return Usage(
        prompt=_count(usage.get("prompt_tokens")),
        completion=_count(usage.get("completion_tokens")),
        reasoning=_count(reasoning),
        cost=_dollars(usage.get("cost")),
        cached=next((count for value in cached if (count := _count(value)) is not None), None),
    )


def _count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None


def _dollars(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < 1e6 else None
