"""The road to a server as the environment lays it: proxies, exemptions, certificates; each fault is one sentence.

httpx would read the same variables by itself, but fails with bare Python errors and refuses whole lists for one bad
entry; so they are read here, once, and handed to it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from urllib.parse import urlsplit

from lhe_tui.errors import FAILED
from lhe_tui.models.base import ModelNotAvailable
from lhe_tui.models.openai.server_address import ServerAddress
from lhe_tui.text.visible import visible

_HOST_NAME = re.compile(r"[\w.-]+")
_EXEMPTION = re.compile(
    r"(?:(?P<scheme>all|https?)://)?"
    r"(?:\[(?P<bracketed>[0-9a-f:.]+)\]|(?P<name>[^:\[\]]+)|(?P<ipv6>[0-9a-f:.]+(?:/\d{1,3})?))"
    r"(?::(?P<port>\d{1,5}))?"
)
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_KEY_LOG = "SSLKEYLOGFILE"


class NetworkSettingError(ModelNotAvailable):
    """A variable of the environment that keeps a server from being reached; the sentence names it and the remedy."""

    exit_code = FAILED


@dataclass(frozen=True, slots=True)
class Route:
    """How one server is reached."""

    tls: ssl.SSLContext | None
    """Whom to trust; None where nothing on the way is encrypted."""
    proxy: Callable[[], str] | None = None
    """Gives the proxy's URL; a function, since the URL may hold a password and locals are printed in tracebacks."""
    proxy_setting: str = ""
    """The variable that names the proxy."""


def route_to(address: ServerAddress) -> Route:
    """The road to a server under this process's environment. Raises NetworkSettingError."""
    setting = None if address.loopback else _proxy_setting("https" if address.encrypted else "http")
    if setting is not None:
        scheme = "https" if address.encrypted else "http"
        if any(_exempts(entry, scheme, address.host, address.port) for entry in _no_proxy_entries()):
            setting = None
    if setting is None:
        return Route(_tls() if address.encrypted else None)
    name, url = setting
    url = _checked_proxy(name, url)
    encrypted = address.encrypted or url.startswith("https:")
    return Route(_tls() if encrypted else None, lambda: url, name)


def network_problems() -> list[str]:
    """Every setting of the environment that would keep some server from being reached, each as one sentence."""
    problems: list[str] = []
    seen: set[str] = set()
    for scheme in ("http", "https"):
        setting = _proxy_setting(scheme)
        if setting is None or setting[0] in seen:
            continue
        seen.add(setting[0])
        try:
            _checked_proxy(*setting)
        except NetworkSettingError as error:
            problems.append(error.sentence)
    try:
        _tls()
    except NetworkSettingError as error:
        problems.append(error.sentence)
    return problems


def ignored_exemptions() -> list[str]:
    """The entries of NO_PROXY that cannot be understood, and are left out."""
    return [entry for entry in _no_proxy_entries() if _exempts(entry, "https", "host.invalid", 443) is None]


def proxy_words() -> str:
    """Which variables name a proxy, for a person; empty where none does."""
    settings = (_proxy_setting(scheme) for scheme in ("http", "https"))
    return ", ".join(dict.fromkeys(setting[0] for setting in settings if setting is not None))


def trust_setting() -> str:
    """The variable that says whose certificates are trusted; empty where none does."""
    return next((name for name in _CERTIFICATES if os.environ.get(name)), "")


def _proxy_setting(scheme: str) -> tuple[str, str] | None:
    """(Variable, value) of the proxy for a scheme; the variable is a description where the system itself sets it."""
    from urllib.request import getproxies

    proxies = getproxies()
    for kind in (scheme, "all"):
        if value := proxies.get(kind, "").strip():
            variable = f"{kind}_proxy"
            named = (name for name in (variable, variable.upper()) if os.environ.get(name))
            return next(named, "the system's proxy setting"), value
    return None


def _checked_proxy(name: str, value: str) -> str:
    """The proxy's URL. Raises NetworkSettingError, which shows nothing of it but its scheme: it may hold a password."""
    url = value if "://" in value else f"http://{value}"
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme not in _PROXY_SCHEMES:
        kinds = ", ".join(f"{kind}://" for kind in _PROXY_SCHEMES[:3])
        shown = visible(scheme, limit=20)
        raise NetworkSettingError(
            f"{name} names a proxy of the kind {shown}://, which is not supported: write {kinds}, or unset {name}"
        )
    url = f"{scheme}://{rest}"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname and _is_host(parts.hostname)) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise NetworkSettingError(
            f"{name} is not a proxy's address: write it as http://host:port, or unset {name}"
        )
    if scheme.startswith("socks") and find_spec("socksio") is None:
        raise NetworkSettingError(
            f"{name} names a SOCKS proxy, and support for it is not installed: "
            f"pip install 'lhe-tui[socks]', or unset {name}"
        )
    return url


def _is_host(name: str) -> bool:
    return _HOST_NAME.fullmatch(name) is not None or _ip_network(name) is not None


def _no_proxy_entries() -> Iterator[str]:
    from urllib.request import getproxies

    return (entry for text in getproxies().get("no", "").split(",") if (entry := text.strip().lower()))


def _exempts(entry: str, scheme: str, host: str, port: int) -> bool | None:
    """Whether an entry of NO_PROXY covers a server; None where the entry cannot be understood.

    Entries are names (which cover what is below them), addresses or networks, with a port or without, or `*`.
    """
    if entry == "*":
        return True
    parts = _EXEMPTION.fullmatch(entry)
    if parts is None or int(parts["port"] or 0) > 65535:
        return None
    name: str = parts["bracketed"] or parts["name"] or parts["ipv6"]
    network = _ip_network(name)
    name = name.lstrip("*").lstrip(".")
    if network is None and not _HOST_NAME.fullmatch(name):
        return None
    if parts["scheme"] not in (None, "all", scheme) or (parts["port"] and int(parts["port"]) != port):
        return False
    if network is None:
        return host == name or host.endswith(f".{name}")
    address = _ip_network(host)
    return address is not None and address.network_address in network


def _ip_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _tls() -> ssl.SSLContext:
    return _tls_context(*(os.environ.get(name, "") for name in (*_CERTIFICATES, _KEY_LOG)))


@lru_cache(maxsize=2)
def _tls_context(file: str, folder: str, key_log: str) -> ssl.SSLContext:
    """Made once for all connections: reading the certificates takes longer than a small run."""
    if folder and not file and not os.path.isdir(folder):
        raise NetworkSettingError(_unusable("SSL_CERT_DIR", folder, "is not a folder"))
    try:
        if file or folder:
            return ssl.create_default_context(cafile=file or None, capath=None if file else folder)
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    except OSError as error:
        # Only the key log is opened by Python itself, which then names the file.
        if key_log and error.filename is not None:
            words = f"cannot be written ({error.strerror})"
            raise NetworkSettingError(_unusable(_KEY_LOG, key_log, words)) from None
        if file and not isinstance(error, ssl.SSLError):
            words = f"cannot be read ({error.strerror})"
            raise NetworkSettingError(_unusable("SSL_CERT_FILE", file, words)) from None
        if file:
            raise NetworkSettingError(_unusable("SSL_CERT_FILE", file, "holds no certificate")) from None
        reason = visible(str(error), limit=120)
        raise NetworkSettingError(f"no TLS connection can be set up here: {reason}") from None


def _unusable(variable: str, path: str, what: str) -> str:
    return f'{variable} names "{visible(path, limit=200)}", which {what}: correct it, or unset {variable}'
