"""`lhe-tui doctor`: what this machine offers, and what stands in the way."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from pathlib import Path

from lhe_tui.cli.exits import DONE, FAILED
from lhe_tui.cli.output import colour_wanted, result
from lhe_tui.errors import LheError
from lhe_tui.text.visible import visible

NAME = "doctor"
HELP = "check terminal, folders, keys and servers"
DESCRIPTION = (
    "Check what the app and the runs need. Keys are named, never shown. Exit code 1: something is broken."
)

_SMALLEST, _NICE = (60, 20), (120, 40)
_PACKAGES = ("textual", "httpx", "pydantic", "plotext", "orjson", "platformdirs", "keyring")

Finding = tuple[str, str, str]
"""(`ok`, `note` or `broken`; what was looked at; what was found)."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> int:
    """Print what was found."""
    findings = [
        *version_findings(),
        *terminal_findings(),
        *folder_findings(),
        *network_findings(),
        *key_findings(),
        *local_model_findings(),
        *server_findings(),
    ]
    for verdict, subject, words in findings:
        result(f"{verdict:<7}{subject:<16}{words}")
    return FAILED if any(verdict == "broken" for verdict, _, _ in findings) else DONE


def version_findings() -> list[Finding]:
    """lhe-tui, Python and what they stand on."""
    from importlib.metadata import PackageNotFoundError, version

    from lhe_tui.version import __version__

    found = [
        ("ok", "lhe-tui", __version__),
        ("ok", "python", f"{platform.python_version()} on {sys.platform}"),
    ]
    for package in _PACKAGES:
        try:
            found.append(("ok", package, version(package)))
        except PackageNotFoundError:
            optional = package == "keyring"
            words = "not installed; keys come from the environment only" if optional else "not installed"
            found.append(("note" if optional else "broken", package, words))
    return found


def terminal_findings() -> list[Finding]:
    """Size, colour and letters."""
    found: list[Finding] = []
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        found.append(("note", "terminal", "none here: the app will not open, `lhe-tui run` will"))
    else:
        width, height = shutil.get_terminal_size()
        small = width < _SMALLEST[0] or height < _SMALLEST[1]
        words = f"{width}×{height}; the app needs {_SMALLEST[0]}×{_SMALLEST[1]} and shines at {_NICE[0]}×{_NICE[1]}"
        found.append(("note" if small else "ok", "terminal", words))
    colours = os.environ.get("COLORTERM") or os.environ.get("TERM") or "unknown"
    why = "off (NO_COLOR)" if os.environ.get("NO_COLOR") else f"{colours}"
    found.append(
        ("ok", "colour", why if colour_wanted(sys.stdout) or "NO_COLOR" in why else f"off here ({why})")
    )
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    if encoding == "utf8":
        found.append(("ok", "letters", "unicode: ✓ ✗ ■ □, braille curves: ⠉⠒⠤⣀"))
    else:
        words = f"{encoding}: curves and marks are drawn in ASCII; a UTF-8 locale, such as LC_ALL=C.UTF-8, draws finer"
        found.append(("note", "letters", words))
    return found


def folder_findings() -> list[Finding]:
    """Settings, sessions and crash logs."""
    from lhe_tui.launch.paths import config_file, crash_folder, session_folder
    from lhe_tui.launch.settings import ConfigError, load_config

    found: list[Finding] = []
    try:
        load_config()
        there = "" if config_file().exists() else " (not there: nothing is set)"
        found.append(("ok", "settings", f"{config_file()}{there}"))
    except ConfigError as error:
        found.append(("broken", "settings", str(error)))
    for subject, folder in (("sessions", session_folder().absolute()), ("crash logs", crash_folder())):
        writable = _can_hold_files(folder)
        found.append(
            (
                "ok" if writable else "broken",
                subject,
                f"{folder}" if writable else f"{folder} cannot be written to",
            )
        )
    return found


def _can_hold_files(folder: Path) -> bool:
    """Whether files can be made in it, or in the nearest folder above that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def network_findings() -> list[Finding]:
    """Proxies and certificates, as the environment sets them; values are never shown, they may hold passwords."""
    from lhe_tui.models.openai.network import ignored_exemptions, network_problems, proxy_words, trust_setting

    found: list[Finding] = [("broken", "network", problem) for problem in network_problems()]
    found += [
        (
            "note",
            "network",
            f'the entry "{visible(entry, limit=60)}" of NO_PROXY is not understood and is left out',
        )
        for entry in ignored_exemptions()
    ]
    if found:
        return found
    proxy, trusted = proxy_words(), trust_setting()
    words = [f"a proxy by {proxy}" if proxy else "no proxy"]
    words += [f"certificates by {trusted}"] if trusted else []
    return [("ok", "network", ", ".join(words))]


def key_findings() -> list[Finding]:
    """Which cloud providers have a key; by name only."""
    from lhe_tui.cli.models import cloud_groups

    return [
        ("note", group.provider, group.missing) if group.missing else ("ok", group.provider, "key found")
        for group in cloud_groups()
    ]


def local_model_findings() -> list[Finding]:
    """Whether the real models that lhe-tui runs itself can be loaded: each is, and asked for one token."""
    import asyncio

    from lhe_tui.models.local.weights import KNOWN

    found: list[Finding] = []
    for model in KNOWN.values():
        if model.missing is not None:
            found.append(("note", "local model", f"{model.name} is not installed: {model.missing}"))
            continue
        try:
            seconds = asyncio.run(_seconds_to_a_token(model.name))
            found.append(("ok", "local model", f"{model.name} runs: loaded and asked in {seconds:.1f} s"))
        except LheError as error:
            found.append(("broken", "local model", visible(error.sentence, limit=300)))
    return found


async def _seconds_to_a_token(name: str) -> float:
    """How long a local model takes from nothing to its first token. Raises ModelFailure, ModelNotAvailable."""
    from time import monotonic

    from lhe_tui.models.base import ChatRequest, Sampling
    from lhe_tui.models.catalogue import resolve_model
    from lhe_tui.task.messages import Message

    started = monotonic()
    model = resolve_model(name)
    try:
        request = ChatRequest([Message("user", "1 + 1", "user", 1)], Sampling(max_tokens=1))
        async for _ in model.stream(request):
            pass
    finally:
        await model.aclose()
    return monotonic() - started


def server_findings() -> list[Finding]:
    """The servers that answer on this machine."""
    from lhe_tui.cli.models import local_groups
    from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable, provider_address

    found: list[Finding] = []
    for provider in PROVIDERS.values():
        try:
            provider_address(provider)
        except ModelNotAvailable as error:
            found.append(("broken", provider.name, str(error)))
    groups = local_groups()
    if not groups:
        return [*found, ("note", "local servers", "none found running")]
    return found + [
        ("ok", "local server", f"{group.base_url} ({group.provider}), {len(group.models)} models")
        for group in groups
    ]
