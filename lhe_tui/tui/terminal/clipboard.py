"""Text to the clipboard: by a tool, by tmux, and through the terminal (OSC 52), which never says whether it worked."""

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


def clipboard_tools(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> list[list[str]]:
    """The commands that may take a text here, the best first: tmux, which swallows OSC 52, then the desktop's own."""
    env = os.environ if env is None else env
    candidates = [["tmux", "load-buffer", "-w", "-"], ["tmux", "load-buffer", "-"]] if env.get("TMUX") else []
    if platform == "darwin":
        candidates.append(["pbcopy"])
    elif platform == "win32":
        candidates.append(["clip"])
    else:
        if env.get("WAYLAND_DISPLAY"):
            candidates.append(["wl-copy"])
        if env.get("DISPLAY"):
            candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
        if env.get("WSL_DISTRO_NAME"):
            candidates.append(["clip.exe"])
        if env.get("TERMUX_VERSION"):
            candidates.append(["termux-clipboard-set"])
    return [command for command in candidates if which(command[0])]


async def copy_text(app: App[Any], text: str) -> str:
    """Copy by every road there is; returns one sentence that says "copied" only where something took it."""
    # A lone surrogate has no bytes of its own.
    data = text.encode("utf-8", "replace")
    size = f"{len(text):,} character{'s' if len(text) != 1 else ''}"
    takers, problem = await _feed_tools(clipboard_tools(), data)
    in_tmux = "tmux" in takers
    sent = len(data) <= TERMINAL_MOST and not in_tmux
    if sent:
        app.copy_to_clipboard(data.decode("utf-8"))
    if takers:
        also = ", also sent to the terminal (OSC 52)" if sent else ""
        return f"copied {size}: {' and '.join(takers)} took it{also}"
    if sent:
        return f"sent {size} to the terminal (OSC 52), which never says whether it took them; {problem}"
    return f"not copied: {problem}, and {size} are too long for the terminal's own way (OSC 52)"


async def _feed_tools(tools: list[list[str]], data: bytes) -> tuple[list[str], str]:
    """Who took the text (tmux, and one tool of the desktop), and what went wrong where nobody did."""
    takers: list[str] = []
    problems: list[str] = []
    for command in tools:
        name = command[0]
        if name in takers or (name != "tmux" and any(taker != "tmux" for taker in takers)):
            continue
        problem = await _feed(command, data)
        if problem:
            problems.append(problem)
        else:
            takers.append(name)
    return takers, problems[-1] if problems else "no clipboard tool found"


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
