"""Where a server is: its URL taken apart, its short name, and whether a key may travel there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from lhe_tui.errors import LheError

_EXAMPLE = "give one like http://localhost:8000/v1"


class BadAddressError(LheError, ValueError):
    """A base URL that cannot be used; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's base URL; `label` is what a person sees: the provider's name, or host and port."""

    base_url: str
    label: str
    loopback: bool
    encrypted: bool

    @property
    def host(self) -> str:
        """The host's name or address, in lower case and without brackets."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        """The port, also where the URL leaves it to its scheme."""
        return urlsplit(self.base_url).port or (443 if self.encrypted else 80)

    def url(self, path: str) -> str:
        """The URL of an endpoint such as `chat/completions`; a query in the base URL is kept."""
        parts = urlsplit(self.base_url)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{path}"))


def parse_address(base_url: str, *, label: str | None = None) -> ServerAddress:
    """A base URL as a person types it: without scheme it is http, without a path it gets `/v1`."""
    text = base_url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddressError(f"the base URL {_shown(base_url)} is no URL; {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or not host or not text.isprintable() or " " in text:
        raise BadAddressError(f"the base URL {_shown(base_url)} is no http(s) URL; {_EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise BadAddressError("the base URL holds a user name or password; give keys by --api-key-env only")
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    shown_host = f"[{host}]" if ":" in host else host
    where = f"{shown_host}:{port}" if port is not None else shown_host
    return ServerAddress(
        base_url=urlunsplit((parts.scheme, where, path, parts.query, "")),
        label=label or where,
        loopback=is_loopback(host),
        encrypted=parts.scheme == "https",
    )


def recordable(base_url: str) -> str:
    """A base URL as a file may keep it: of its query only `api-version` stays, since some servers take keys there."""
    parts = urlsplit(base_url)
    kept = [pair for pair in parts.query.split("&") if pair.lower().startswith("api-version=")]
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit(parts._replace(netloc=host, query="&".join(kept), fragment=""))


def insecure_key_words(address: ServerAddress) -> str:
    """Why a key is not sent there, and what to do about it."""
    return (
        f"the key would travel unencrypted to {address.label}: use https, a tunnel to localhost, "
        "or --allow-insecure-key where everyone on the way may read it"
    )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _shown(url: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in url[:80])
    # What stands before an @ may be a password.
    return f'"…@{text.rsplit("@", 1)[1]}"' if "@" in text else f'"{text}"'
