"""Text to the clipboard by two roads: through the terminal (OSC 52), which never says whether it worked, and a tool."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from shutil import which
from typing import Any

from textual.app import App

from lhe_tui.text.visible import visible

TERMINAL_MOST = 100_000
"""Bytes that terminals are known to take by OSC 52; longer texts are left to a tool."""
PATIENCE = 3.0
"""Seconds that a tool has to take the text."""


def native_tool(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> list[str] | None:
    """The command that this desktop's clipboard is filled by; None where there is none."""
    env = os.environ if env is None else env
    if platform == "darwin":
        candidates = [["pbcopy"]]
    elif platform == "win32":
        candidates = [["clip"]]
    else:
        candidates = [["wl-copy"]] if env.get("WAYLAND_DISPLAY") else []
        if env.get("DISPLAY"):
            candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
        if env.get("WSL_DISTRO_NAME"):
            candidates.append(["clip.exe"])
        if env.get("TERMUX_VERSION"):
            candidates.append(["termux-clipboard-set"])
    return next((command for command in candidates if which(command[0])), None)


async def copy_text(app: App[Any], text: str) -> str:
    """Copy by both roads; returns one sentence that says which of them took it."""
    # A lone surrogate has no bytes of its own.
    data = text.encode("utf-8", "replace")
    size = f"{len(text):,} characters"
    tool = native_tool()
    problem = await _feed(tool, data) if tool else "no clipboard tool found"
    sent = len(data) <= TERMINAL_MOST
    if sent:
        app.copy_to_clipboard(data.decode("utf-8"))
    by_terminal = (
        "also sent to the terminal (OSC 52)" if sent else "too long for the terminal's own way (OSC 52)"
    )
    if tool and not problem:
        return f"copied {size}: {tool[0]} took it, {by_terminal}"
    if sent:
        return f"sent {size} to the terminal (OSC 52), which never says whether it took them; {problem}"
    return f"not copied: {problem}, and {size} are {by_terminal}"


async def _feed(command: list[str], data: bytes) -> str:
    """Give the bytes to a tool; returns what went wrong, or nothing."""
    name = command[0]
    try:
        # It may live on to serve the selection: nothing of it is waited for but the end of its first process.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return f"{name} could not be started: {visible(error.strerror or str(error), limit=200)}"
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(data)
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"{name} did not answer"
    except OSError as error:
        return f"{name} broke off: {visible(error.strerror or str(error), limit=200)}"
    return "" if process.returncode == 0 else f"{name} failed with code {process.returncode}"
