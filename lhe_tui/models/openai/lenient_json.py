"""JSON from servers that are careless: bad UTF-8, half surrogate pairs, too deep, not JSON at all."""

from __future__ import annotations

import json
from typing import Any

import orjson


class NotJson:
    """The one value that is returned for what is no JSON (None is a JSON value)."""


NOT_JSON = NotJson()


def parse_json(data: bytes) -> Any:
    """The value, or `NOT_JSON`; strings may hold lone surrogates (see `mend_surrogates`)."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    if not data.lstrip()[:1] or data.lstrip()[:1] not in b'{["':
        return NOT_JSON
    try:
        return json.loads(data.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return NOT_JSON


def mend_surrogates(text: str) -> str:
    """`text` with surrogate pairs joined and lone halves replaced, so that it can be encoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def holds_surrogates(text: str) -> bool:
    """Whether `text` cannot be encoded as it is."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
