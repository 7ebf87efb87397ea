"""What a failed connection means, in one place: every exception of httpx as a `ModelFailure` with one sentence.

Their own texts may quote what the server sent, and a server may send the key back: they pass through `clean_text`.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

import httpx

from lhe_tui.models.base import FailureKind, ModelFailure
from lhe_tui.models.openai.network import Route, trust_setting
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.models.openai.server_errors import clean_text
from lhe_tui.models.secret import Secret

CONNECT_SECONDS = 10.0
TRANSPORT_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError)

_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_QUOTED = re.compile(r"bytearray\(b(['\"])(.*)\1\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TransportErrors:
    """Translates the errors of the connections to one server."""

    address: ServerAddress
    route: Route
    key: Secret | None

    def silent(self, seconds: float) -> ModelFailure:
        """Not a byte came for that long."""
        return ModelFailure("silent", f"{self.address.label} sent nothing for {seconds:g} s", retryable=True)

    def translate(self, error: Exception, *, answering: bool, reached: bool) -> ModelFailure:
        """What an error means; `answering`: the reply had begun; `reached`: this server has answered before.

        What speaks no HTTP and what has no name will not do so at the next try either, unless it did before.
        """
        match error:
            case httpx.ConnectTimeout():
                text = f"no connection to {self.address.label} within {CONNECT_SECONDS:g} s"
                return ModelFailure("unreachable", text, retryable=True)
            case httpx.ProxyError():
                return self._proxy_refuses(error)
            case httpx.ConnectError():
                return self._no_connection(error, reached=reached)
            case httpx.RemoteProtocolError() if "disconnected" not in str(error) and "closed" not in str(
                error
            ):
                return self._no_http(str(error), retryable=reached or answering)
            case httpx.RemoteProtocolError() | httpx.NetworkError() | OSError():
                when = "in the middle of its reply" if answering else "without answering"
                text = f"{self.address.label} closed the connection {when}"
                return ModelFailure("cut", text, retryable=True)
            case httpx.TimeoutException():
                text = f"{self.address.label} was silent for too long"
                return ModelFailure("silent", text, retryable=True)
        text = f"the request to {self.address.label} cannot be sent ({type(error).__name__})"
        return ModelFailure("rejected", text, retryable=False)

    def _no_http(self, reason: str, *, retryable: bool) -> ModelFailure:
        """The server sent what is no HTTP; what came is quoted."""
        server = self.address.label
        quoted = _QUOTED.search(reason)
        came = clean_text(quoted[2], key=self.key, limit=80) if quoted else ""
        if "status line" in reason or "request line" in reason:
            shown = f'"{came}"' if came else "bytes that are no text"
            text = f"{server} does not speak HTTP: it sent {shown}"
        elif "header line" in reason:
            text = f'{server} sent a header that HTTP does not allow: "{came}"'
        elif "buffer too long" in reason:
            text = f"{server} sent headers longer than 100 KB"
        else:
            said = f'"{came}"' if came else clean_text(reason, key=self.key, limit=80)
            text = f"{server} sent what is not valid HTTP: {said}"
        return ModelFailure("server", text, retryable=retryable)

    def _proxy_refuses(self, error: Exception) -> ModelFailure:
        reason = clean_text(str(error), key=self.key, limit=120)
        text = f"the proxy that {self.route.proxy_setting} names refused the way to {self.address.label}: {reason}"
        return ModelFailure("unreachable", text, retryable=not reason.startswith("4"))

    def _no_connection(self, error: Exception, *, reached: bool) -> ModelFailure:
        kind: FailureKind = "unreachable"
        server, reason = self.address.label, clean_text(str(error), key=self.key, limit=120)
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            trusted = trust_setting()
            whom = f" ({trusted} says whom to trust)" if trusted else ""
            text = f"the TLS certificate of {server} cannot be trusted{whom}: {reason}"
            return ModelFailure(kind, text, retryable=False)
        if "SSL" in reason or "TLS" in reason:
            text = f"no TLS connection to {server} (is it an http:// server?): {reason}"
            return ModelFailure(kind, text, retryable=False)
        if self.route.proxy is not None:
            text = f"no connection to the proxy that {self.route.proxy_setting} names, on the way to {server}: {reason}"
            return ModelFailure(kind, text, retryable=True)
        if _unknown_name(error):
            text = f"no machine is found by the name {self.address.host}: check the base URL and the network"
            return ModelFailure(kind, text, retryable=reached)
        hint = " (is it running?)" if self.address.loopback else ""
        return ModelFailure(kind, f"no connection to {server}{hint}: {reason}", retryable=True)


def _unknown_name(error: BaseException) -> bool:
    """Whether the name service itself says that there is no such name."""
    cause: BaseException | None = error
    for _ in range(8):
        if isinstance(cause, socket.gaierror):
            return cause.errno in _NO_SUCH_NAME
        cause = None if cause is None else cause.__cause__ or cause.__context__
    return False
