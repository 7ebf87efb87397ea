"""The last resort: a crash is written down without locals or keys, and told in one sentence."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from lhe_tui.models.secret import redact_used_keys
from lhe_tui.text.visible import safe_error, visible, visible_path

_SHORTEST_KEY = 6


def crash_sentence(error: BaseException, folder: Path | None = None) -> str:
    """Write the crash down; the sentence says what happened and where it is written."""
    return f"a fault of lhe-tui itself ended this command: {crash_words(error, folder)}"


def crash_words(error: BaseException, folder: Path | None = None) -> str:
    """Write the fault down; what it was, and where it is written."""
    summary = without_keys(safe_error(error, limit=200))
    try:
        return f"{summary}; the details are in {visible_path(_write(error, folder))}"
    except OSError:
        return summary


def _write(error: BaseException, folder: Path | None) -> Path:
    from lhe_tui.launch.paths import crash_folder
    from lhe_tui.version import __version__

    folder = crash_folder() if folder is None else folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = folder / f"crash-{stamp}-{os.getpid()}.txt"
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    text = visible(without_keys("".join(lines)), multiline=True)
    # A report may quote a conversation: it is for its owner alone, as sessions are.
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(f"lhe-tui {__version__}\n{text}")
    return path


def without_keys(text: str, env: Mapping[str, str] | None = None) -> str:
    """The text with every key that was used struck out, and the value of every variable that looks like a key's."""
    text = redact_used_keys(text)
    env = os.environ if env is None else env
    for name, value in env.items():
        if ("KEY" in name or "TOKEN" in name or "SECRET" in name) and len(value) >= _SHORTEST_KEY:
            text = text.replace(value, f"<{name}>")
    return text
