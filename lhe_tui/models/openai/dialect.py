"""What is learnt about one model from what its server refuses: parameters, values, roles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lhe_tui.models.base import Sampling
from lhe_tui.models.openai.server_errors import ServerError
from lhe_tui.models.openai.server_style import LimitName, ServerStyle
from lhe_tui.task.messages import Message

_THINKING_NAMES = ("reasoning_effort", "reasoning", "chat_template_kwargs", "thinking")
_ANTHROPIC_BUDGET = 4096
_SYSTEM_ROLES = frozenset({"system", "developer"})
_NOT_TAKEN = r"(?:not|n't|un)[ -]?(?:supported|allowed|accepted|permitted|enabled)"
_NO_SYSTEM_ROLE = re.compile(
    rf"\b(?:system|developer)\b[^.\n]{{0,40}}\b(?:role|messages?|prompts?|instructions?)\b[^.\n]{{0,40}}{_NOT_TAKEN}"
    rf"|\brole\b[^.\n]{{0,40}}\b(?:system|developer)\b[^.\n]{{0,40}}{_NOT_TAKEN}"
    r"|(?:not|n't) (?:support|allow|accept)[^.\n]{0,40}\b(?:system|developer)\b"
    r"|(?:invalid|unknown|unsupported|unexpected) role\b[^.\n]{0,20}\b(?:system|developer)\b"
    r"|only user and assistant roles|roles? must alternate",
    re.IGNORECASE,
)
_ROLE_OF_THE_FIRST = re.compile(r"(?:body\.)?messages(?:\[0\]|\.0)?\.role")
_UNSUPPORTED = re.compile(
    r"unsupported|not supported|unknown|unrecognized|unexpected|extra inputs|not permitted|cannot find",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"too (?:large|high|big|long|small|low)|at (?:most|least)|maximum|minimum|exceed|(?:less|greater|larger|more) than"
    r"|range|[<>]=",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?<![\w.-])(\d{1,3}(?:,\d{3})+|\d+)(?![\w-]|\.\d)(\s*\(exclusive\))?")
_CONTEXT = re.compile(r"context length (?:is|of)(?: only)? (\d+)")
_IN_PROMPT = re.compile(r"(\d+) (?:in the messages|input tokens|prompt tokens|tokens from the input)")


class Dialect:
    """The requests that one model takes: starts from the provider's style, learns from each refusal."""

    def __init__(self, style: ServerStyle) -> None:
        self._style = style
        self._dropped: set[str] = set()
        self._limit_names: list[LimitName] = [style.limit_name, _other_limit(style.limit_name)]
        self._most_tokens: int | None = None
        self._efforts = {True: list(style.effort_on), False: list(style.effort_off)}
        self._streams = True
        self._task_in_user = False

    def parameters(self, sampling: Sampling, room: int | None = None) -> dict[str, Any]:
        """All fields but model and messages: only what the user set, in a fixed order; `room` bounds the reply."""
        fields: dict[str, Any] = {"stream": self._streams}
        if self._streams and self._style.usage_option:
            fields["stream_options"] = {"include_usage": True}
        if sampling.max_tokens is not None and self._limit_names:
            bounds = (sampling.max_tokens, self._most_tokens, room)
            fields[self._limit_names[0]] = min(bound for bound in bounds if bound is not None)
        for name in ("temperature", "top_p", "seed"):
            value = getattr(sampling, name)
            if value is not None:
                fields[name] = value
        if sampling.thinking is not None:
            fields.update(self._thinking_fields(sampling.thinking, sampling))
        fields.update(self._style.extra)
        return {name: value for name, value in fields.items() if name not in self._dropped}

    def messages(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages as this model takes them: the task in the first user message where it refuses a system role."""
        return with_task_in_user(messages) if self._task_in_user else messages

    def adapt_role(self, error: ServerError, messages: Sequence[Message]) -> str | None:
        """Learn from a refusal of the system role; returns what was changed, None where it is none."""
        if not any(message.role in _SYSTEM_ROLES for message in self.messages(messages)):
            return None
        named = _ROLE_OF_THE_FIRST.fullmatch(error.param) is not None
        if not (named or _NO_SYSTEM_ROLE.search(error.message[:20_000])):
            return None
        self._task_in_user = True
        role = next(message.role for message in messages if message.role in _SYSTEM_ROLES)
        return (
            f"the model refuses the role {role}: the task stands before the first user message from here on"
        )

    def adapt(self, error: ServerError, sent: dict[str, Any], sampling: Sampling) -> str | None:
        """Learn from a 400 or 422; returns what was changed, "" if it already was, None if nothing can be."""
        name = named_parameter(error, sent)
        if name is None:
            return None
        current = self.parameters(sampling)
        if current.get(name, _ABSENT) != sent[name]:
            return ""
        if name in self._limit_names:
            return self._next_limit(error, name, sent[name])
        if name == "reasoning_effort":
            return self._next_effort(bool(sampling.thinking))
        if name == "stream":
            if not self._streams:
                return None
            self._streams = False
            return "the server does not stream to this key: replies come whole"
        self._dropped.add(name)
        return _DROPPED.get(name, f"the server does not take {name}: asking without it")

    def _next_limit(self, error: ServerError, name: str, asked: int) -> str | None:
        """Another name for the token limit, or the most that the server takes; None where it names none."""
        words = error.all_words
        if _BOUND.search(error.message) or not _UNSUPPORTED.search(words):
            most = limit_named(error.message, asked)
            if most is not None:
                self._most_tokens = most
                return f"the model gives at most {most:,} tokens a reply: asking for {most} at most, and not {asked}"
            if _BOUND.search(error.message):
                return None
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


def limit_named(message: str, asked: int) -> int | None:
    """The token limit that a refusal of `asked` tokens names: its largest number below that; None where it has none."""
    numbers = (
        int(number.replace(",", "")) - bool(exclusive)
        for number, exclusive in _NUMBERS.findall(message[:4000])
    )
    return max((number for number in numbers if 1 < number < asked), default=None)


def room_left(error: ServerError, asked: int | None) -> int | None:
    """The tokens that a refused request leaves for its reply, where only the asked limit does not fit the context."""
    length, prompt = _CONTEXT.search(error.message[:4000]), _IN_PROMPT.search(error.message[:4000])
    if asked is None or length is None or prompt is None:
        return None
    room = int(length[1]) - int(prompt[1])
    return room if 0 < room < asked else None


def with_task_in_user(messages: Sequence[Message]) -> list[Message]:
    """The messages with those of the system moved before the text of the first user message."""
    tasks = [message.content for message in messages if message.role in _SYSTEM_ROLES]
    others = [message for message in messages if message.role not in _SYSTEM_ROLES]
    if not others or others[0].role != "user":
        return [Message("user", "\n\n".join(tasks), "system", 0), *others]
    first = others[0]
    return [first._replace(content="\n\n".join((*tasks, first.content))), *others[1:]]


def _other_limit(name: LimitName) -> LimitName:
    return "max_completion_tokens" if name == "max_tokens" else "max_tokens"
