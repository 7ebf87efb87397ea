"""The very first request of a run that is being set up: its messages, and their tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.content import Content

from lhe_tui.engine.estimate import RunEstimate, estimate_run, estimate_tokens
from lhe_tui.launch.task_files import load_task, load_template
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message
from lhe_tui.task.spec import TaskSpec
from lhe_tui.text.content import content

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig


@dataclass(frozen=True)
class FirstRequest:
    """The messages exactly as they would be sent, with estimates for them and for the whole run."""

    messages: tuple[Message, ...]
    tokens: tuple[int, ...]
    """Of each message."""
    spec: TaskSpec
    """Of the whole run."""
    run: RunEstimate


def first_request(config: RunConfig) -> FirstRequest:
    """Draw the task far enough for what is asked first. Raises LheError."""
    template, controls, spec = load_template(config.prompt), config.controls, config.task
    if isinstance(spec, TaskSpec):
        # The dictionary and the first keys come out the same however many turns and samples follow.
        few = replace(spec, samples=1, turns=config.given + 1)
        task = load_task(config.model_copy(update={"task": few}))
    else:
        task = load_task(config)
        spec = task.spec
    system = template.system_message(task, controls.mode)
    history = SampleHistory(task, 1, task.spec.seed)
    for truth in task.truths(1)[: config.given]:
        history.add(f"<answer>{truth}</answer>", truth, truth)
    messages = tuple(history.messages(controls, template, system))
    tokens = tuple(estimate_tokens(message.content) for message in messages)
    return FirstRequest(messages, tokens, spec, estimate_run(spec, controls, tokens[0], tokens[-1]))


def request_text(request: FirstRequest) -> Content:
    """The messages for a screen, each under its role."""
    parts: list[Content] = []
    for message, tokens in zip(request.messages, request.tokens, strict=True):
        parts.append(Content.assemble((message.role, "bold $primary"), (f"   ≈ {tokens:,} tokens", "$dim")))
        parts.append(content(message.content, multiline=True))
        parts.append(Content(""))
    return Content("\n").join(parts[:-1])
