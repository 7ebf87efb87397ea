"""The body of a request, and what is learnt about the parameters that one model refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from lhe_tui.models.base import Sampling
from lhe_tui.models.openai.lenient_json import mend_surrogates
from lhe_tui.models.openai.server_errors import ServerError
from lhe_tui.models.openai.server_style import LimitName, ServerStyle
from lhe_tui.task.messages import Message

_THINKING_NAMES = ("reasoning_effort", "reasoning", "chat_template_kwargs", "thinking")
_ANTHROPIC_BUDGET = 4096


class Dialect:
    """The parameters that one model takes: starts from the provider's style, learns from each refusal."""

    def __init__(self, style: ServerStyle) -> None:
        self._style = style
        self._dropped: set[str] = set()
        self._limit_names: list[LimitName] = [style.limit_name, _other_limit(style.limit_name)]
        self._efforts = {True: list(style.effort_on), False: list(style.effort_off)}
        self._streams = True

    def parameters(self, sampling: Sampling) -> dict[str, Any]:
        """All fields but model and messages: only what the user set, in a fixed order."""
        fields: dict[str, Any] = {"stream": self._streams}
        if self._streams and self._style.usage_option:
            fields["stream_options"] = {"include_usage": True}
        if sampling.max_tokens is not None and self._limit_names:
            fields[self._limit_names[0]] = sampling.max_tokens
        for name in ("temperature", "top_p", "seed"):
            value = getattr(sampling, name)
            if value is not None:
                fields[name] = value
        if sampling.thinking is not None:
            fields.update(self._thinking_fields(sampling.thinking, sampling))
        return {name: value for name, value in fields.items() if name not in self._dropped}

    def adapt(self, error: ServerError, sent: dict[str, Any], sampling: Sampling) -> str | None:
        """Learn from a 400 or 422; returns what was changed, "" if it already was, None if no parameter is named."""
        name = named_parameter(error, sent)
        if name is None:
            return None
        current = self.parameters(sampling)
        if current.get(name, _ABSENT) != sent[name]:
            return ""
        if name in self._limit_names:
            return self._next_limit(name)
        if name == "reasoning_effort":
            return self._next_effort(bool(sampling.thinking))
        if name == "stream":
            if not self._streams:
                return None
            self._streams = False
            return "the server does not stream to this key: replies come whole"
        self._dropped.add(name)
        return _DROPPED.get(name, f"the server does not take {name}: asking without it")

    def _next_limit(self, name: str) -> str:
        self._limit_names.pop(0)
        if self._limit_names:
            return f"the server does not take {name}: asking with {self._limit_names[0]}"
        return f"the server does not take {name}: asking without a token limit"

    def _next_effort(self, thinking: bool) -> str:
        efforts = self._efforts[thinking]
        refused = efforts.pop(0)
        if efforts:
            return f'the server does not take reasoning_effort "{refused}": asking with "{efforts[0]}"'
        self._dropped.add("reasoning_effort")
        return _DROPPED["reasoning_effort"]

    def _thinking_fields(self, on: bool, sampling: Sampling) -> dict[str, Any]:
        match self._style.thinking:
            case "effort":
                efforts = self._efforts[on]
                return {"reasoning_effort": efforts[0]} if efforts else {}
            case "reasoning":
                return {"reasoning": {"enabled": on}}
            case "thinking":
                switch: dict[str, Any] = {"type": "enabled" if on else "disabled"}
                if on and self._style.thinking_budget:
                    limit = sampling.max_tokens
                    switch["budget_tokens"] = _ANTHROPIC_BUDGET if limit is None else max(1024, limit // 2)
                return {"thinking": switch}
            case "template":
                # Chat templates differ in the name; each ignores the other's.
                return {"chat_template_kwargs": {"enable_thinking": on, "thinking": on}}


_ABSENT = object()
_NO_SWITCH = "the server has no switch for thinking: its default holds"
_DROPPED = {
    "temperature": "the server does not take this temperature: asking without one",
    "stream_options": "the server does not tell token counts while streaming",
    **dict.fromkeys(_THINKING_NAMES, _NO_SWITCH),
}


def named_parameter(error: ServerError, sent: dict[str, Any]) -> str | None:
    """The parameter in `sent` that a refusal names, by `error.param` or in its words."""
    for part in re.split(r"[^A-Za-z_]+", error.param):
        if part in sent:
            return part
    message = error.message[:4000]
    places = [
        (found.start(), name) for name in sent if (found := re.search(rf"(?<!\w){name}(?!\w)", message))
    ]
    places = [place for place in places if place[1] != "stream" or f"'{place[1]}'" in message]
    if places:
        return min(places)[1]
    if re.search(r"\b(?:thinking|reasoning)\b", message, re.IGNORECASE):
        return next((name for name in _THINKING_NAMES if name in sent), None)
    return None


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


def _other_limit(name: LimitName) -> LimitName:
    return "max_completion_tokens" if name == "max_tokens" else "max_tokens"
