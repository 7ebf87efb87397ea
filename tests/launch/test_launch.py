"""What a new run starts with."""

from __future__ import annotations

import pytest

from lhe_tui.launch.models import ModelOpener, default_concurrency, models_named
from lhe_tui.launch.options import read_options
from lhe_tui.launch.runs import header_of
from lhe_tui.launch.servers import local_address
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.task.controls import Controls


@pytest.mark.parametrize(
    ("names", "base_url", "requests"),
    [
        (["sim/large"], None, 40),
        (["sim/large", "sim/small"], None, 40),
        (["ollama/qwen3"], None, 1),
        (["m"], "http://127.0.0.1:9999/v1", 1),
        (["m"], "http://models.example/v1", 8),
        (["openai/gpt-4.1"], None, 8),
        (["sim/large", "ollama/qwen3"], None, 1),
        (["sim/large", "openai/gpt-4.1"], None, 8),
    ],
)
def test_requests_at_once_depend_on_where_the_models_run(
    names: list[str], base_url: str | None, requests: int
) -> None:
    opener = ModelOpener(base_url, env={"OPENAI_API_KEY": "sk-test"})
    assert default_concurrency(names, opener, 40) == requests


def test_never_more_requests_at_once_than_samples() -> None:
    opener = ModelOpener(env={"OPENAI_API_KEY": "sk-test"})
    assert default_concurrency(["openai/gpt-4.1"], opener, 3) == 3


def test_every_model_of_a_run_is_named_once() -> None:
    script = [(5, (("model", "sim/small"),)), (9, (("inject", "0.5"), ("model", "sim/large")))]
    assert models_named(Controls("sim/large"), script) == ["sim/large", "sim/small"]


def test_only_servers_of_this_machine_are_looked_for() -> None:
    assert local_address("sim/large", None) is None
    assert local_address("openai/gpt-4.1", None) is None
    found = local_address("ollama/qwen3", None)
    assert found is not None
    assert found.base_url == "http://localhost:11434/v1"
    found = local_address("127.0.0.1:5000/m", None)
    assert found is not None
    assert found.base_url == "http://127.0.0.1:5000/v1"


def test_a_simulated_model_is_simulated_also_beside_a_server() -> None:
    assert ModelOpener("http://127.0.0.1:9999/v1")("sim/small").info.simulated
    with pytest.raises(ModelNotAvailable):
        ModelOpener()("sim/nobody")


def test_a_header_names_the_keys_variable_and_never_the_key() -> None:
    config = read_options({"turns": 2, "seed": 5, "api_key_env": "MY_KEY"})
    header = header_of(config)
    assert header.extra == {"api_key_env": "MY_KEY"}
    assert (header.injection_seed, header.draw_seed) == (5, 5)
    assert header.created.endswith("Z")
    assert len(header.session) == 12
    assert header.session != header_of(config).session


def test_a_key_in_a_base_url_is_in_no_header() -> None:
    from lhe_tui.models.openai.server_address import recordable

    url = "https://me:canary@example.invalid/v1?key=canary&api-version=2026-01-01#canary"
    assert recordable(url) == "https://example.invalid/v1?api-version=2026-01-01"
    assert recordable("http://127.0.0.1:8000/v1") == "http://127.0.0.1:8000/v1"
