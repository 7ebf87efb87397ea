"""What starting a run takes, for the command line and the app: header, models, how many requests at once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lhe_tui.engine.events import KEY_VARIABLE, SPEED, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.models.catalogue import (
    PROVIDERS,
    ModelNotAvailable,
    has_no_server,
    provider_address,
    resolve_model,
)
from lhe_tui.models.openai.server_address import recordable
from lhe_tui.task.controls import Change, Controls
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import Task

if TYPE_CHECKING:
    from lhe_tui.models.openai.server_address import ServerAddress

CLOUD_CONCURRENCY = 8
WATCHABLE_SPEED = 15.0
"""Tokens per second at which simulated models answer where a person watches."""


def new_header(
    task: Task,
    controls: Controls,
    template: PromptTemplate,
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
    speed: float | None = None,
) -> RunStarted:
    """The header of a new run, with a fresh identifier and the time in UTC; `speed` is that of simulated models."""
    extra = {KEY_VARIABLE: api_key_env} if api_key_env else {}
    if speed is not None and controls.model.startswith("sim/"):
        extra[SPEED] = f"{speed:g}"
    return RunStarted(
        session=secrets.token_hex(6),
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        task=task,
        controls=controls,
        template=template,
        injection_seed=task.spec.seed,
        draw_seed=task.spec.seed,
        base_url=recordable(base_url) if base_url else None,
        extra=extra,
    )


@dataclass
class ModelOpener:
    """Opens the models of one run by name, each once. Raises ModelNotAvailable."""

    base_url: str | None = None
    api_key_env: str | None = None
    env: Mapping[str, str] | None = None
    speed: float | None = None
    """Tokens per second of simulated models; None: instant."""
    allow_insecure_key: bool = False
    """Whether a key may travel unencrypted to another machine."""

    def __post_init__(self) -> None:
        self._opened: dict[str, ChatModel] = {}

    def __call__(self, name: str) -> ChatModel:
        """The model of that name."""
        if name not in self._opened:
            self._opened[name] = self._open(name)
        return self._opened[name]

    async def aclose(self) -> None:
        """Close every model that was opened; for who opens models without a run, which closes its own."""
        opened, self._opened = list(self._opened.values()), {}
        for model in opened:
            await model.aclose()

    def _open(self, name: str) -> ChatModel:
        env = os.environ if self.env is None else self.env
        if name.partition("/")[0] == "sim":
            model = resolve_model(name, env=env)
            if self.speed is None:
                return model
            from lhe_tui.models.simulated.model import simulated_model

            return simulated_model(name, pace=self.speed)
        return resolve_model(
            name,
            base_url=None if has_no_server(name) else self.base_url,
            api_key_env=self.api_key_env,
            env=env,
            allow_insecure_key=self.allow_insecure_key,
        )


def recorded_speed(header: RunStarted) -> float | None:
    """The pace that a session's simulated models were run at; None: at once, or nothing that makes sense."""
    try:
        speed = float(header.extra.get(SPEED, ""))
    except ValueError:
        return None
    return speed if 0 < speed < float("inf") else None


def models_named(controls: Controls, script: Iterable[tuple[int, Change]]) -> list[str]:
    """Every model that a run starts with or is handed over to, each once."""
    names = [controls.model]
    names += [str(value) for _, change in script for name, value in change if name == "model"]
    return list(dict.fromkeys(names))


def default_concurrency(names: Iterable[str], open_model: Callable[[str], ChatModel], samples: int) -> int:
    """Requests at once: one against this machine's servers, all samples where simulated, 8 otherwise."""
    infos = [open_model(name).info for name in names]
    if any(info.local and not info.simulated for info in infos):
        return 1
    return samples if all(info.simulated for info in infos) else min(CLOUD_CONCURRENCY, samples)


def local_address(name: str, base_url: str | None) -> ServerAddress | None:
    """Where on this machine the model's server should listen; None for a remote one and where there is none."""
    from lhe_tui.models.openai.server_address import BadAddressError, parse_address

    if has_no_server(name):
        return None
    prefix = name.partition("/")[0]
    provider = PROVIDERS.get(prefix)
    try:
        if provider is not None and not base_url:
            address = provider_address(provider)
        else:
            address = parse_address(base_url or f"http://{prefix}/v1")
    except BadAddressError as error:
        raise ModelNotAvailable(str(error)) from None
    return address if address.loopback else None


async def nothing_listens(address: ServerAddress, seconds: float = 3.0) -> bool:
    """Whether a connection to a local server is refused; one that is merely slow is given the benefit."""
    import asyncio
    from urllib.parse import urlsplit

    parts = urlsplit(address.base_url)
    port = parts.port or (443 if address.encrypted else 80)
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except TimeoutError:
        return False
    except OSError:
        return True
    writer.close()
    return False


def all_samples_failed(state: RunState) -> bool:
    """Whether every sample stands still for want of a reply."""
    return all(sample.failed for sample in state.samples)
