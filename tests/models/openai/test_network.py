"""The environment between here and a server: proxies, exemptions, certificates. Never a crash, always a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhe_tui.models.openai.network import (
    NetworkSettingError,
    Route,
    ignored_exemptions,
    network_problems,
    proxy_words,
    route_to,
)
from lhe_tui.models.openai.server_address import parse_address

NETWORK_VARIABLES = (
    "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE",
)  # fmt: skip
CLOUD = "https://api.example.com/v1"
PASSWORD = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NETWORK_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def route(url: str = CLOUD) -> Route:
    return route_to(parse_address(url))


def problem(url: str = CLOUD) -> str:
    with pytest.raises(NetworkSettingError) as caught:
        route(url)
    assert "\n" not in caught.value.sentence
    return caught.value.sentence


def test_without_variables_the_road_is_straight() -> None:
    assert (route().proxy, route("http://gpu.example:8000").tls) == (None, None)
    assert route().tls is route("https://other.example").tls, "certificates are read once"
    assert (network_problems(), ignored_exemptions(), proxy_words()) == ([], [], "")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("socks5://127.0.0.1:9", ["SOCKS", "lhe-tui[socks]", "unset ALL_PROXY"]),
        ("socks5h://127.0.0.1:9", ["SOCKS", "lhe-tui[socks]"]),
        ("socks://127.0.0.1:9", ["socks://", "socks5://", "unset ALL_PROXY"]),
        ("ftp://a", ["ftp://", "not supported"]),
        (f"http://user:{PASSWORD}@:x", ["http://host:port"]),
        ("http://[::1", ["http://host:port"]),
        ("http://a b:8", ["http://host:port"]),
        ("http://127.0.0.1:999999", ["http://host:port"]),
        ("http://", ["http://host:port"]),
        (f"gopher://me:{PASSWORD}@x\x1b[2J", ["gopher://"]),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, value: str, words: list[str]
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    monkeypatch.setattr("lhe_tui.models.openai.network.find_spec", lambda name: None)
    for said in (problem(), problem("http://gpu.example:8000"), *network_problems()):
        assert all(word in said for word in ["ALL_PROXY", *words])
        assert PASSWORD not in said
    assert len(network_problems()) == 1, "one variable is one problem"
    assert route("http://localhost:8000/v1").proxy is None, "this machine is never behind a proxy"
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert route().proxy is None


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_is_used_and_not_shown(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, f"me:{PASSWORD}@proxy.example:3128")
    road = route()
    assert road.proxy is not None
    assert (road.proxy(), road.proxy_setting) == (f"http://me:{PASSWORD}@proxy.example:3128", variable)
    assert PASSWORD not in repr(road)
    assert proxy_words() == variable


def test_a_proxy_that_is_spoken_to_by_tls_needs_certificates_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "https://proxy.example")
    assert route("http://gpu.example:8000").tls is not None


@pytest.mark.parametrize(
    ("entry", "covered", "not_covered"),
    [
        ("example.com", ["https://example.com", "https://api.example.com"], ["https://myexample.com"]),
        (".example.com", ["https://api.example.com"], ["https://myexample.com"]),
        ("*.example.com", ["https://api.example.com"], ["https://example.org"]),
        ("API.example.com:443", ["https://api.example.com"], ["https://api.example.com:8443"]),
        ("10.0.0.0/8", ["http://10.1.2.3:8000"], ["http://11.1.2.3", "https://a.example"]),
        ("10.1.2.3:8000", ["http://10.1.2.3:8000"], ["http://10.1.2.3:8001"]),
        ("fd00::/8", ["http://[fd00::7]:8000"], ["http://[fe80::7]", "http://10.0.0.1"]),
        ("[fd00::7]:8000", ["http://[fd00::7]:8000"], ["http://[fd00::7]:1"]),
        ("http://gpu.example", ["http://gpu.example"], ["https://gpu.example"]),
        ("*", ["https://a.example", "http://10.0.0.1"], []),
    ],
)
def test_exemptions_are_understood(
    monkeypatch: pytest.MonkeyPatch, entry: str, covered: list[str], not_covered: list[str]
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", f" other.invalid , {entry}")
    assert [route(url).proxy is None for url in covered] == [True] * len(covered)
    assert [route(url).proxy is None for url in not_covered] == [False] * len(not_covered)
    assert ignored_exemptions() == []


@pytest.mark.parametrize(
    "entry",
    ["[::1", "foo:bar", "http://[", "a:b:c", "%zz", "h:99999999", "h:70000", "ftp://x", "*.*", ".", "a b"],
)
def test_an_exemption_that_cannot_be_understood_is_left_out(
    monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", f"{entry},gpu.example")
    assert route().proxy is not None
    assert route("https://gpu.example").proxy is None
    assert ignored_exemptions() == [entry]
    assert network_problems() == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
def test_a_file_that_is_not_there_is_said_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    path = str(tmp_path / "no" / "such")
    monkeypatch.setenv(variable, path)
    said = problem()
    assert network_problems() == [said]
    assert all(word in said for word in (variable, path, f"unset {variable}"))
    assert route("http://localhost:8000").tls is None, "plain http asks for no certificates"


def test_a_file_without_certificates_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    assert "holds no certificate" in problem()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    assert "cannot be read" in problem()
