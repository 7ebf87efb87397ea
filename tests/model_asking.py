"""Short words for tests that ask a model over a real socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lhe_tui.models.base import (
    ChatModel,
    ChatRequest,
    Finished,
    ModelFailure,
    ModelInfo,
    Notice,
    ReasoningDelta,
    Sampling,
    TextDelta,
)
from lhe_tui.models.openai.client import OpenAICompatibleModel
from lhe_tui.models.openai.patience import Patience
from lhe_tui.models.openai.server_address import parse_address
from lhe_tui.models.secret import Secret
from lhe_tui.task.messages import Message
from tests.misbehaving_server import MisbehavingServer

QUESTION = (Message("system", "Add up.", "system", 0), Message("user", "grape", "user", 1))
NOTHING_SET = Sampling()
QUICK = Patience(first_text=5.0, between=5.0, after_finish=0.05, after_done=0.05)


@dataclass
class Heard:
    """Everything that one request brought."""

    text: str = ""
    reasoning: str = ""
    notices: list[str] = field(default_factory=list)
    end: Finished | None = None


def model_at(server: MisbehavingServer, *, key: str | None = None, **how: Any) -> OpenAICompatibleModel:
    """A client of `server`."""
    return model_at_url(server.url, key=key, **how)


def model_at_url(url: str, *, key: str | None = None, **how: Any) -> OpenAICompatibleModel:
    """A client of the server at a base URL."""
    how.setdefault("patience", QUICK)
    address = parse_address(url)
    info = ModelInfo(f"{address.label}/test-model")
    secret = None if key is None else Secret(key)
    return OpenAICompatibleModel(info, address, "test-model", key=secret, **how)


async def ask(model: ChatModel, sampling: Sampling = NOTHING_SET) -> Heard:
    """Ask the one question and collect the reply."""
    heard = Heard()
    async for chunk in model.stream(ChatRequest(QUESTION, sampling)):
        assert heard.end is None, "nothing comes after Finished"
        match chunk:
            case TextDelta(text):
                heard.text += text
            case ReasoningDelta(text):
                heard.reasoning += text
            case Notice(text):
                heard.notices.append(text)
            case Finished():
                heard.end = chunk
    assert heard.end is not None, "a stream without an end is a failure"
    return heard


async def ask_once(server: MisbehavingServer, sampling: Sampling = NOTHING_SET, **how: Any) -> Heard:
    """Ask by a client of its own."""
    model = model_at(server, **how)
    try:
        return await ask(model, sampling)
    finally:
        await model.aclose()


async def failure_of(server: MisbehavingServer, sampling: Sampling = NOTHING_SET, **how: Any) -> ModelFailure:
    """The failure that asking brings."""
    try:
        heard = await ask_once(server, sampling, **how)
    except ModelFailure as failure:
        return failure
    raise AssertionError(f"an answer came: {heard}")
