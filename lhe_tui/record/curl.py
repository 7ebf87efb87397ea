"""A turn's request as a curl command that asks the same server again; the key stands there by its variable's name.

The request is as it was first built: what a server refused and was then asked without, the session's notices tell.
"""

from __future__ import annotations

import json
import re
import shlex

from lhe_tui.engine.events import KEY_VARIABLE
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.engine.turn_requester import sampling_of
from lhe_tui.errors import LheError
from lhe_tui.models.base import ModelNotAvailable
from lhe_tui.models.catalogue import HOST_AND_PORT, PROVIDERS, has_no_server, provider_address, server_address
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.models.providers import Provider

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ON_ONE_LINE = 100_000
"""Bytes of a body that a command line takes; a longer one is read from the lines below."""


class NoRequest(LheError):
    """A turn whose request no server took; the message says why."""


def curl_line(state: RunState, sample: int, turn: int) -> str:
    """The command that asks a turn's request again, in ASCII. Raises NoRequest."""
    from lhe_tui.models.openai.dialect import Dialect
    from lhe_tui.models.openai.request_body import encode_body
    from lhe_tui.models.openai.server_style import ServerStyle

    header, controls = state.header, state.controls_at(turn)
    record = state.record(sample, turn)
    if record is not None and record.event.edited:
        raise NoRequest(f"turn {turn} of sample {sample} was given and not asked: it had no request")
    address, model, provider = _server(controls.model, header.base_url)
    dialect = Dialect(provider.style if provider is not None else ServerStyle())
    parameters = dialect.parameters(sampling_of(controls, header.sampling_seed))
    body = encode_body(model, build_request(state, sample, turn), parameters)
    # In ASCII, so that it can be printed and pasted whatever the messages hold.
    text = json.dumps(json.loads(body), separators=(",", ":")).replace("\x7f", "\\u007f")
    words = [
        "curl",
        "-sSN",
        shlex.quote(address.url("chat/completions")),
        "-H",
        "'Content-Type: application/json'",
    ]
    if variable := _key_variable(header.extra.get(KEY_VARIABLE), address, provider):
        words += ["-H", f'"Authorization: Bearer ${variable}"']
    if len(text) <= _ON_ONE_LINE:
        return " ".join([*words, "-d", shlex.quote(text)])
    return " ".join([*words, "--data-binary", "@-", f"<<'EOF'\n{text}\nEOF"])


def _server(name: str, base_url: str | None) -> tuple[ServerAddress, str, Provider | None]:
    """(where it is, what it calls the model, whose it is). Raises NoRequest."""
    if why := has_no_server(name):
        raise NoRequest(f"{name} {why}: there is no request to send")
    prefix, _, model = name.partition("/")
    try:
        if base_url is None and prefix in PROVIDERS:
            return provider_address(PROVIDERS[prefix]), model, PROVIDERS[prefix]
        if base_url is None and HOST_AND_PORT.fullmatch(prefix):
            base_url = f"http://{prefix}/v1"
        if base_url is None:
            raise NoRequest(f"the session does not say where {name} is served")
        address, provider = server_address(base_url)
    except ModelNotAvailable as error:
        raise NoRequest(str(error)) from None
    return address, name.removeprefix(f"{address.label}/") or name, provider


def _key_variable(told: str | None, address: ServerAddress, provider: Provider | None) -> str | None:
    if told:
        # A file may hold anything, and a shell would run it.
        return told if _VARIABLE.fullmatch(told) else "API_KEY"
    if provider is None or not provider.needs_key or not address.encrypted:
        return None
    return provider.key_variables[0]
