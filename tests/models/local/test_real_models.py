"""The real runtime with real weights; skipped where the extra `local` is not installed.

LHE_REAL_MODELS=1 makes what is missing a failure: so CI cannot pass without having run it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing
from itertools import pairwise

import pytest

from lhe_tui.models.base import ChatRequest, Finished, ModelFailure, Sampling, TextDelta, Usage
from lhe_tui.models.local.model import LocalModel, local_model
from lhe_tui.models.local.weights import KNOWN
from lhe_tui.task.messages import Message

GEMMA = "local/gemma-3-270m"
VALUES = {"rose": 4, "pine": 9, "moss": 2}
TASK = "Each word has a number. " + ", ".join(f"{word}: {value}" for word, value in VALUES.items())


def installed(name: str) -> None:
    if (command := KNOWN[name].missing) is not None:
        if os.environ.get("LHE_REAL_MODELS"):
            pytest.fail(f"{name} is not installed: {command}")
        pytest.skip(f"{name} is not installed")


def conversation(turns: int) -> list[Message]:
    """True turns, and the keys of the next."""
    messages = [Message("system", TASK, "system", 0)]
    words = list(VALUES) * (turns + 1)
    for turn, word in enumerate(words[:turns], 1):
        messages.append(Message("user", word, "user", turn))
        messages.append(Message("assistant", f"<answer>{VALUES[word]}</answer>", "own", turn))
    return [*messages, Message("user", words[turns], "user", turns + 1)]


async def reply(model: LocalModel, messages: list[Message]) -> tuple[str, Usage, int]:
    """(text, usage, number of pieces) at temperature 0."""
    request = ChatRequest(messages, Sampling(temperature=0, max_tokens=14))
    chunks = [chunk async for chunk in model.stream(request)]
    pieces = [chunk.text for chunk in chunks if isinstance(chunk, TextDelta)]
    assert isinstance(chunks[-1], Finished)
    return "".join(pieces), chunks[-1].usage, len(pieces)


@pytest.mark.parametrize("name", KNOWN)
async def test_every_known_model_streams_and_counts_its_tokens(name: str) -> None:
    installed(name)
    model = local_model(name)
    try:
        text, usage, pieces = await reply(model, conversation(6))
        assert text
        assert pieces > 3
        assert usage.prompt is not None
        assert usage.prompt > 30
        assert usage.completion is not None
        assert 0 < usage.completion <= 14
    finally:
        await model.aclose()


async def test_a_base_model_follows_a_form_that_its_past_shows_and_ends_by_itself() -> None:
    installed(GEMMA)
    model = local_model(GEMMA)
    try:
        text, _, _ = await reply(model, conversation(9))
        assert text.strip() == "<answer>4</answer>"
    finally:
        await model.aclose()


async def test_the_past_of_two_conversations_is_read_once_only() -> None:
    installed(GEMMA)
    model = local_model(GEMMA)
    try:
        shuffled = Message("system", TASK[::-1], "system", 0)
        cached: list[list[int]] = [[], []]
        for turns in range(3, 7):
            for number, first in enumerate((conversation(1)[0], shuffled)):
                _, usage, _ = await reply(model, [first, *conversation(turns)[1:]])
                assert usage.prompt is not None
                cached[number].append(usage.prompt - (usage.cached or 0))
        for uncached in cached:
            assert max(uncached[1:]) < 25 < uncached[0]
    finally:
        await model.aclose()


async def test_the_same_seed_brings_the_same_reply_and_another_one_another() -> None:
    installed(GEMMA)
    replies = []
    for seed in (1, 1, 2):
        model = local_model(GEMMA)
        try:
            request = ChatRequest(conversation(0), Sampling(temperature=1.5, max_tokens=30, seed=seed))
            chunks = [chunk async for chunk in model.stream(request)]
            replies.append("".join(c.text for c in chunks if isinstance(c, TextDelta)))
        finally:
            await model.aclose()
    assert [one == other for one, other in pairwise(replies)] == [True, False]


async def test_a_process_that_is_killed_is_a_failure_and_the_model_is_loaded_again() -> None:
    installed(GEMMA)
    model = local_model(GEMMA)

    async def reply_that_is_shot() -> None:
        request = ChatRequest(conversation(0), Sampling(max_tokens=500))
        async with aclosing(model.stream(request)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, TextDelta):
                    assert model._process is not None
                    assert model._process._child is not None
                    os.kill(model._process._child.pid, signal.SIGKILL)

    try:
        with pytest.raises(ModelFailure, match="SIGKILL, as happens where memory runs out") as caught:
            await reply_that_is_shot()
        assert caught.value.retryable
        assert (await reply(model, conversation(9)))[0].strip() == "<answer>4</answer>"
    finally:
        await model.aclose()


async def test_a_cancelled_reply_stops_at_once() -> None:
    installed(GEMMA)
    model = local_model(GEMMA)
    try:
        await reply(model, conversation(0))

        async def long_reply() -> None:
            async for _ in model.stream(ChatRequest(conversation(0), Sampling(max_tokens=4000))):
                started.set()

        started = asyncio.Event()
        task = asyncio.create_task(long_reply())
        await started.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # 4,000 tokens take minutes: the next reply would wait for them.
        assert (await reply(model, conversation(9)))[0].strip() == "<answer>4</answer>"
    finally:
        await model.aclose()


async def test_a_prompt_that_does_not_fit_is_a_failure_of_the_context() -> None:
    installed(GEMMA)
    model = local_model(GEMMA, {"LHE_LOCAL_CONTEXT": "256"})
    try:
        with pytest.raises(ModelFailure) as caught:
            await reply(model, conversation(60))
        assert caught.value.kind == "context"
    finally:
        await model.aclose()
