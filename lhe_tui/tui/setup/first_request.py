"""The very first request of a run that is being set up: its messages, and their tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.content import Content

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.estimate import RunEstimate, estimate_run, estimate_tokens
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message
from lhe_tui.task.spec import generate
from lhe_tui.text.content import content
from lhe_tui.tui.run.start_run import RunSettings


@dataclass(frozen=True)
class FirstRequest:
    """The messages exactly as they would be sent, with estimates for them and for the whole run."""

    messages: tuple[Message, ...]
    tokens: tuple[int, ...]
    """Of each message."""
    run: RunEstimate


def first_request(settings: RunSettings) -> FirstRequest:
    """Draw the task far enough for sample 1, turn 1. Raises TaskError."""
    template = settings.template or built_in_template()
    # The dictionary and the first keys come out the same however many turns and samples follow.
    task = settings.task or generate(replace(settings.spec, samples=1, turns=1), built_in_words())
    controls = settings.controls
    system = template.system_message(task, controls.mode)
    messages = tuple(SampleHistory(task, 1, task.spec.seed).messages(controls, template, system))
    tokens = tuple(estimate_tokens(message.content) for message in messages)
    return FirstRequest(messages, tokens, estimate_run(settings.spec, controls, tokens[0], tokens[-1]))


def request_text(request: FirstRequest) -> Content:
    """The messages for a screen, each under its role."""
    parts: list[Content] = []
    for message, tokens in zip(request.messages, request.tokens, strict=True):
        parts.append(Content.assemble((message.role, "bold $primary"), (f"   ≈ {tokens:,} tokens", "$dim")))
        parts.append(content(message.content, multiline=True))
        parts.append(Content(""))
    return Content("\n").join(parts[:-1])
