"""What is waited between the tries of a request: the larger of two wishes, and never in step."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lhe_tui.engine.turn_requester import RetryPolicy, TurnRequester
from lhe_tui.models.base import ModelInfo
from lhe_tui.models.openai.client import OpenAICompatibleModel
from lhe_tui.models.openai.server_address import parse_address
from lhe_tui.task.controls import Controls
from lhe_tui.task.messages import Message
from tests.misbehaving_server import MisbehavingServer, error

POLICY = RetryPolicy(attempts=5, first_wait=1.0, longest=4.0, jitter=0.5)


@pytest.mark.parametrize(
    ("failures", "wish", "least"),
    [(1, None, 1), (3, None, 4), (9, None, 4), (1, 30.0, 30), (3, 0.2, 4), (1, 1e9, 600)],
)
def test_the_longer_of_the_own_wait_and_the_servers_wish_is_waited(
    failures: int, wish: float | None, least: float
) -> None:
    waits = [POLICY.wait(failures, wish) for _ in range(64)]
    assert all(least <= wait <= 1.5 * least for wait in waits)
    assert len(set(waits)) > 60


async def waits_under(headers: Mapping[str, str]) -> list[float]:
    """The waits before a reply comes from a server that refuses three times."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def hold() -> None:
        return None

    refusals = [error(429, {"error": {"message": "slow down"}}, dict(headers))] * 3
    async with MisbehavingServer(*refusals, answer=lambda messages: "<answer>1</answer>") as server:
        model = OpenAICompatibleModel(ModelInfo("test"), parse_address(server.url), "test-model")
        requester = TurnRequester(lambda event: None, lambda: 0.0, sleep, hold, POLICY)
        try:
            await requester.ask(model, [Message("user", "?", "user", 1)], Controls(), 1, 1, "")
        finally:
            await model.aclose()
    return waited


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "0"},
        {"Retry-After": "1600000000"},
        {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"x-ratelimit-reset-requests": "0s"},
        {"retry-after-ms": "1"},
    ],
    ids=str,
)
async def test_a_servers_wish_for_no_wait_leaves_the_backoff_as_it_is(headers: dict[str, str]) -> None:
    waits = await waits_under(headers)
    assert [wait >= least for wait, least in zip(waits, (1, 2, 4), strict=True)] == [True] * 3
