"""A key goes into one header, and nowhere else."""

from __future__ import annotations

import io
import json
import pickle
import traceback

import pytest
from rich.console import Console
from rich.traceback import Traceback

from lhe_tui.models.base import ModelFailure
from lhe_tui.models.catalogue import ModelNotAvailable, resolve_model
from lhe_tui.models.openai.client import InsecureKeyError, OpenAICompatibleModel
from lhe_tui.models.secret import Secret
from tests.misbehaving_server import (
    CLOSE,
    HANG,
    MisbehavingServer,
    Raw,
    Reply,
    Request,
    delta,
    error,
    event,
    sse,
)
from tests.model_asking import ask, model_at
from tests.models.openai.test_openai_compatible_connections import IMPATIENT

CANARY = "sk-canary-7f3b9d2c1e5a8064"


def echoing(request: Request) -> Reply:
    """A server that shows the key back in its error."""
    return error(400, {"error": {"message": f"bad header {request.headers['authorization']} {CANARY[:14]}"}})


FAILING = [
    error(401, {"detail": f"Incorrect API key provided: {CANARY}"}),
    error(401, {"error": {"message": f"wrong: {CANARY[3:-2]}***"}}),
    error(500, json.dumps({"request": {"authorization": CANARY}})),
    error(302, "", {"Location": f"http://elsewhere/{CANARY}"}),
    echoing,
    Reply(CLOSE, head=False),
    Reply(HANG, head=False),
    Reply(delta("x"), HANG),
    Reply(delta("x"), CLOSE),
    Reply(event({"error": {"message": f"no {CANARY}"}})),
    Reply(f"data: {CANARY} is no json\n\n".encode()),
    Reply(f"<p>{CANARY}".encode()),
    Reply(f'{{"key": "{CANARY}"}}'.encode()),
    Reply(Raw(b"garbage\r\n\r\n"), CLOSE, head=False),
    Reply(delta("x", finish=f"error {CANARY}")),
]


@pytest.mark.parametrize("reply", FAILING)
async def test_the_key_is_in_no_failure_and_in_no_traceback_with_locals(reply: Reply) -> None:
    async with MisbehavingServer(reply) as server:
        model = model_at(server, key=CANARY, patience=IMPATIENT)
        with pytest.raises(ModelFailure) as caught:
            await ask(model)
        await model.aclose()
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    failure = caught.value
    shown = [
        failure.message,
        repr(failure),
        "".join(traceback.format_exception(failure)),
        with_locals(failure),
    ]
    for text in shown:
        assert CANARY[3:12] not in text
    assert failure.__context__ is None


def with_locals(error: BaseException) -> str:
    """What a crash screen that shows locals would show of our own frames."""
    trace = error.__traceback__
    while trace and "lhe_tui" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    out = io.StringIO()
    shown = Traceback.from_exception(type(error), error, trace, show_locals=True, locals_max_string=100_000)
    Console(file=out, width=500).print(shown)
    return out.getvalue()


async def test_the_key_is_not_in_the_model_its_info_its_notices_or_a_pickle() -> None:
    async with MisbehavingServer(error(422, f"unknown stream_options {CANARY}"), Reply(*sse("x"))) as server:
        model = model_at(server, key=CANARY)
        heard = await ask(model)
        await model.aclose()
    assert heard.notices
    assert CANARY not in f"{heard.notices} {model!r} {model.info!r} {vars(model)!r}"
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(Secret(CANARY))


def test_a_secret_shows_nothing_and_redacts_pieces_of_itself() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {secret:}" + str([secret])
    assert secret.redact(f"a {CANARY} b {CANARY[5:14]} c") == "a [key] b [key] c"
    assert (Secret("").redact("abc"), Secret("ab").redact("xabx")) == ("abc", "x[key]x")


async def test_no_key_means_no_header() -> None:
    async with MisbehavingServer(Reply(*sse("x"))) as server:
        model = model_at(server)
        await ask(model)
        await model.aclose()
    assert "authorization" not in server.requests[0].headers


def test_a_key_does_not_travel_unencrypted_to_another_machine_unless_forced() -> None:
    env = {"THE_KEY": CANARY}
    with pytest.raises(ModelNotAvailable, match="unencrypted") as caught:
        resolve_model("m", base_url="http://gpu.example:8000/v1", api_key_env="THE_KEY", env=env)
    assert not isinstance(caught.value.__cause__, InsecureKeyError)
    forced = resolve_model(
        "m", base_url="http://gpu.example:8000/v1", api_key_env="THE_KEY", env=env, allow_insecure_key=True
    )
    assert isinstance(forced, OpenAICompatibleModel)
    for url in (
        "http://localhost:8000",
        "http://127.0.0.1:1/v1",
        "http://[::1]:8000/v1",
        "https://gpu.example/v1",
    ):
        assert resolve_model("m", base_url=url, api_key_env="THE_KEY", env=env)
