"""The body of a request, as JSON bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from lhe_tui.models.openai.lenient_json import mend_surrogates
from lhe_tui.task.messages import Message


def encode_body(model: str, messages: Sequence[Message], parameters: dict[str, Any]) -> bytes:
    """The JSON bytes; the same for the same arguments."""
    body = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        **parameters,
    }
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        # A lone surrogate, from an edited or imported text.
        body["messages"] = [{"role": m.role, "content": mend_surrogates(m.content)} for m in messages]
        return orjson.dumps(body)
