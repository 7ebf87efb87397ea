"""How a provider wants to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThinkingStyle = Literal["effort", "reasoning", "template", "thinking"]
LimitName = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, slots=True)
class ServerStyle:
    """How a provider wants to be asked: its way to switch thinking, its name for the token limit."""

    thinking: ThinkingStyle = "template"
    effort_on: tuple[str, ...] = ("medium",)
    """Values of `reasoning_effort` to try in turn when thinking is on."""
    effort_off: tuple[str, ...] = ("none", "minimal", "low")
    limit_name: LimitName = "max_tokens"
    usage_option: bool = True
    """Whether to ask for usage by `stream_options`."""
    thinking_budget: bool = False
    """Whether `thinking: enabled` needs a budget (Anthropic)."""
    extra: tuple[tuple[str, str | int | bool], ...] = ()
    """Fields that every request carries."""
