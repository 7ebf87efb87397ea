"""The app and the HTML report in a real headless browser.

Needs Chromium and playwright; skipped where they are absent, unless LHE_BROWSER is set.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.cli.web_server import LocalServer
from tests.end_to_end.command_line import TIMEOUT, CommandLine

SESSION = Path(__file__).parents[2] / "sessions" / "self-conditioning-and-cure.jsonl"
PICTURES = os.environ.get("LHE_BROWSER_PICTURES")
"""A folder that keeps the screenshots."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if not os.environ.get("LHE_BROWSER"):
        pytest.importorskip("playwright")
        if chromium is None:
            pytest.skip("no chromium")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(TIMEOUT * 1000)
    opened.complaints = []
    opened.on("console", lambda said: said.type == "error" and opened.complaints.append(said.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("requestfailed", lambda request: opened.complaints.append(request.url))
    yield opened
    opened.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = CommandLine(tmp_path).start("web", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    while True:
        assert process.poll() is None, process.communicate()
        try:
            urllib.request.urlopen(address, timeout=TIMEOUT).close()
            break
        except OSError:
            continue
    yield address
    process.terminate()
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def keep(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def test_the_app_opens_in_a_browser_runs_and_obeys_its_keys(page: Any, served: str, tmp_path: Path) -> None:
    page.goto(served)
    page.wait_for_function("document.body.classList.contains('-first-byte')")
    keep(page, "setup")
    page.locator("textarea.xterm-helper-textarea").focus()
    page.keyboard.press("F5")
    sessions = tmp_path / "data" / "lhe-tui" / "sessions"
    while not list(sessions.glob("*.jsonl")):
        page.evaluate("() => new Promise(requestAnimationFrame)")
    page.keyboard.press("Space")
    [session] = sessions.glob("*.jsonl")
    while b'"paused"' not in session.read_bytes():
        page.evaluate("() => new Promise(requestAnimationFrame)")
    keep(page, "run")
    assert page.complaints == []


def test_the_report_of_a_session_loads_whole_and_without_a_complaint(page: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = CommandLine(tmp_path)("export", SESSION, "--to", "html", "--out", report)
    assert done.returncode == 0, done.stderr
    page.goto(report.as_uri())
    assert page.locator("svg").count() >= 1
    assert "simulated" in page.inner_text("body")
    width, shown = page.evaluate("[document.body.scrollWidth, window.innerWidth]")
    assert width <= shown
    keep(page, "report")
    assert page.complaints == []


@pytest.mark.parametrize(
    ("listening", "host", "origin", "answered"),
    [
        ("127.0.0.1", "127.0.0.1:8000", None, True),
        ("127.0.0.1", "localhost:8000", "http://localhost:8000", True),
        ("127.0.0.1", "127.0.0.1:8000", "https://elsewhere.example", False),
        ("127.0.0.1", "elsewhere.example:8000", "http://elsewhere.example:8000", False),
        ("0.0.0.0", "desk.example:8000", "http://desk.example:8000", True),
        ("0.0.0.0", "desk.example:8000", "http://elsewhere.example", False),
    ],
)
def test_only_its_own_pages_reach_the_app(
    listening: str, host: str, origin: str | None, answered: bool
) -> None:
    assert LocalServer("true", listening, 8000).welcome(host, origin) is answered
