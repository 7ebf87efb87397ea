"""What an environment or a server does is the same by every road that leads to a server."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from lhe_tui.cli.command_line import run_command_line
from lhe_tui.engine.resampling import resample
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_requester import RetryPolicy
from lhe_tui.launch.models import ModelOpener
from lhe_tui.models.base import ModelFailure
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.record.read import read_session
from lhe_tui.tui.picker.model_sources import ModelSources
from tests.misbehaving_server import MisbehavingServer
from tests.models.openai.test_network import NETWORK_VARIABLES
from tests.server_behaviours import ANSWERING, ASKED_TOKENS, FAILING, MODEL, REFUSING, OneWay, answering

TURNS = 3
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of its own, no key, and no wait between tries."""
    monkeypatch.chdir(tmp_path)
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    for name in NETWORK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(RetryPolicy, "wait", lambda self, failures, wish: 0.0)


def run(server: MisbehavingServer, *more: str) -> int:
    words = ["run", "--model", MODEL, "--base-url", server.url, "--turns", str(TURNS), "--samples", "2"]
    return run_command_line([*words, "--out", "run.jsonl", *more])


def experiment(server: MisbehavingServer, *more: str) -> int:
    words = ["experiment", "scaling", "--models", MODEL, "--base-url", server.url, "--turns", str(TURNS)]
    return run_command_line([*words, "--samples", "2", "--out", "grid", "--yes", *more])


def ladder(server: MisbehavingServer, *more: str) -> int:
    words = ["ladder", "--model", MODEL, "--base-url", server.url, "--max-k", "1", "--samples", "2"]
    return run_command_line([*words, "--out", "ladder", "--yes", *more])


ROADS: dict[str, Callable[..., int]] = {"run": run, "experiment": experiment, "ladder": ladder}


def state_of(path: Path = Path("run.jsonl")) -> RunState:
    return read_session(path).state


def outcomes() -> Counter[str]:
    """The outcomes of all turns of all sessions that a road has left."""
    found: Counter[str] = Counter()
    for path in Path().rglob("*.jsonl"):
        found.update({outcome: n for outcome, n in state_of(path).outcomes.items() if n})
    return found


async def resampled(server: MisbehavingServer, n: int = 3) -> Counter[str]:
    """A turn of the run asked again."""
    opener = ModelOpener(server.url)
    found = Counter[str]()
    async for result in resample(state_of(), 1, 2, n, opener, policy=RetryPolicy(attempts=2)):
        found = Counter(reply.outcome for reply in result.replies)
    await opener.aclose()
    return found


# ---- servers


@pytest.mark.parametrize("behaviour", ANSWERING)
@pytest.mark.parametrize("road", ROADS)
def test_a_right_answer_is_right_whatever_the_server_does(road: str, behaviour: str, capsys: Capsys) -> None:
    with answering(ANSWERING[behaviour]).in_thread() as server:
        assert ROADS[road](server, "--max-tokens", str(ASKED_TOKENS)) == 0, capsys.readouterr().err
        assert set(outcomes()) == {"correct"}
        if road == "run":
            assert asyncio.run(resampled(server)) == {"correct": 3}


@pytest.mark.parametrize("behaviour", REFUSING)
@pytest.mark.parametrize("road", ROADS)
def test_a_content_filter_is_an_outcome_and_no_end(road: str, behaviour: str, capsys: Capsys) -> None:
    with OneWay(lambda _: REFUSING[behaviour]).in_thread() as server:
        assert ROADS[road](server) == 0, capsys.readouterr().err
        assert set(outcomes()) == {"refused"}
        if road == "run":
            assert asyncio.run(resampled(server)) == {"refused": 3}


@pytest.mark.parametrize("behaviour", FAILING)
@pytest.mark.parametrize("road", ROADS)
def test_what_cannot_be_mended_is_said_in_one_sentence(road: str, behaviour: str, capsys: Capsys) -> None:
    reply, words = FAILING[behaviour]
    with OneWay(lambda _: reply).in_thread() as server:
        assert ROADS[road](server) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "retries" not in said, "none was made"
    assert "a fault of lhe-tui itself" not in said


def test_what_a_server_told_of_its_replies_is_recorded() -> None:
    with answering(ANSWERING["tells cached tokens"]).in_thread() as server:
        assert run(server) == 0
    events = [sample.turns[0].event for sample in state_of().samples]
    assert [(event.prompt_tokens, event.cached_tokens) for event in events] == [(30, 20)] * 2


def test_a_word_for_the_end_is_recorded() -> None:
    with answering(ANSWERING["ends with a word of its own"]).in_thread() as server:
        assert run(server) == 0
    assert {(r.event.finish, r.event.finish_word) for s in state_of().samples for r in s.turns} == {
        ("stop", "tool_calls")
    }


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("refuses the role system", "refuses the role system"), ("names the most tokens", "at most 512 tokens")],
)
def test_what_was_changed_for_a_server_is_said_once_and_recorded(
    behaviour: str, words: str, capsys: Capsys
) -> None:
    with answering(ANSWERING[behaviour]).in_thread() as server:
        assert run(server, "--max-tokens", str(ASKED_TOKENS)) == 0
    assert [words in notice.text for notice in state_of().notices] == [True]
    assert capsys.readouterr().err.count(words) == 1


# ---- environments

BROKEN = {
    "ALL_PROXY": ["socks5://127.0.0.1:9", "socks://127.0.0.1:9", "http://:x", "http://127.0.0.1:999999"],
    "HTTPS_PROXY": ["ftp://a"],
    "SSL_CERT_FILE": ["/nonexistent/c.pem", "/dev/null"],
    "SSL_CERT_DIR": ["/nonexistent"],
    "SSLKEYLOGFILE": ["/nonexistent/keys.log"],
}
SETTINGS = [(name, value) for name, values in BROKEN.items() for value in values]
CLOUD = "openai/gpt-5"


def the_picker() -> str:
    sources = ModelSources.real()
    try:
        asyncio.run(sources.list_models("openai", None))
    except (ModelFailure, ModelNotAvailable) as error:
        return str(error)
    raise AssertionError("a list came")


def an_opener() -> str:
    """Forks, arms and resamples open their model so."""
    with pytest.raises(ModelNotAvailable) as caught:
        ModelOpener()(CLOUD)
    return str(caught.value)


COMMANDS = {
    "run": ("run", "--model", CLOUD, "--turns", "2", "--samples", "1", "--out", "x.jsonl"),
    "experiment": ("experiment", "scaling", "--models", CLOUD, "--samples", "1", "--turns", "2", "--yes"),
    "ladder": ("ladder", "--model", CLOUD, "--max-k", "1", "--samples", "1", "--yes"),
    "models": ("models", "openai"),
}


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@pytest.mark.parametrize("road", [*COMMANDS, "doctor", "picker", "opener"])
def test_a_broken_environment_is_said_by_its_variable(
    road: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    monkeypatch.setenv(name, value)
    if road == "picker":
        said = the_picker()
    elif road == "opener":
        said = an_opener()
    elif road == "doctor":
        assert run_command_line(["doctor"]) == 1
        [said] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("broken")]
    else:
        assert run_command_line(COMMANDS[road]) in (1, 2)
        said = capsys.readouterr().err
        assert not list(Path().rglob("*.jsonl")), "no session is left of it"
    assert name in said
    assert f"unset {name}" in said
    assert "a fault of lhe-tui itself" not in said


@pytest.mark.parametrize(("name", "value"), [*SETTINGS, ("NO_PROXY", "[::1,foo:bar,%zz")])
@pytest.mark.parametrize("road", ROADS)
def test_a_server_of_this_machine_is_reached_in_every_environment(
    road: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv(name, value)
    with answering(ANSWERING["is well-behaved"]).in_thread() as server:
        assert ROADS[road](server) == 0, capsys.readouterr().err
    assert set(outcomes()) == {"correct"}


def test_an_odd_exemption_is_left_out_and_said_by_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv("NO_PROXY", "foo:bar,localhost")
    assert run_command_line(["doctor"]) == 0
    assert 'the entry "foo:bar" of NO_PROXY is not understood and is left out' in capsys.readouterr().out


def test_models_of_a_provider_that_cannot_be_reached_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert run_command_line(["models", "openai", "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "the proxy that HTTPS_PROXY names" in captured.err


def test_a_model_with_an_invisible_name_is_run_and_asked_again(capsys: Capsys) -> None:
    server = answering(ANSWERING["is well-behaved"])
    server.models = ("ti\u200bny",)
    with server.in_thread():
        words = [
            "run",
            "--base-url",
            server.url,
            "--turns",
            "2",
            "--samples",
            "1",
            "--out",
            "run.jsonl",
            "--json",
        ]
        assert run_command_line(words) == 0, capsys.readouterr().err
        assert json.loads(capsys.readouterr().out)["model"] == "ti⟨U+200B⟩ny"
        assert asyncio.run(resampled(server)) == {"correct": 3}
    assert {request.json["model"] for request in server.requests if request.body} == {"ti\u200bny"}
