"""The models of a run: how they are opened, and how many requests they take at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lhe_tui.engine.events import KEY_VARIABLE, SPEED, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel, ModelInfo
from lhe_tui.models.catalogue import has_no_server, resolve_model
from lhe_tui.task.controls import Change, Controls

CLOUD_CONCURRENCY = 8


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

    @classmethod
    def of(cls, header: RunStarted, *, paced: bool = True) -> ModelOpener:
        """Opens the models that a session ran on, as its header says; simulated ones at once unless `paced`."""
        speed = recorded_speed(header) if paced else None
        return cls(header.base_url, header.extra.get(KEY_VARIABLE), speed=speed)

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
    return requests_at_once([open_model(name).info for name in names], samples)


def requests_at_once(infos: Sequence[ModelInfo], samples: int) -> int:
    """The same, by what is known of the models."""
    if any(info.local and not info.simulated for info in infos):
        return 1
    return samples if all(info.simulated for info in infos) else min(CLOUD_CONCURRENCY, samples)


def all_samples_failed(state: RunState) -> bool:
    """Whether every sample stands still for want of a reply."""
    return all(sample.failed for sample in state.samples)
