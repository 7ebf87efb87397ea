"""The only way out to the terminal: results on stdout, messages on stderr, foreign text made visible."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from typing import TextIO

from lhe_tui.text_safety import visible


def prepare_streams() -> None:
    """A letter that the terminal's encoding lacks is replaced, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def result(text: str = "") -> None:
    """A piece of the result, on stdout."""
    print(visible(text, multiline=True))


def result_drawing(drawing: str) -> None:
    """A chart of `charts.draw`, which holds nothing foreign but colour codes of our own, on stdout."""
    print(drawing)


def result_json(document: str) -> None:
    """One JSON document, on stdout, as UTF-8 whatever the terminal's encoding."""
    sys.stdout.flush()
    data = document.rstrip("\n").encode("utf-8", "surrogatepass") + b"\n"
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode("utf-8", "replace"))
        return
    buffer.write(data)
    buffer.flush()


def message(text: str) -> None:
    """A message to the person, on stderr; a stderr that is gone takes nothing more."""
    try:
        print(visible(text, multiline=True), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        # The terminal is closed (a hang-up): there is nobody left to tell.
        return


def colour_wanted(stream: TextIO, env: Mapping[str, str] | None = None) -> bool:
    """Whether colour codes may go to a stream: a terminal, and no NO_COLOR."""
    env = os.environ if env is None else env
    return stream.isatty() and not env.get("NO_COLOR") and env.get("TERM", "") != "dumb"


def command(*words: str | os.PathLike[str]) -> str:
    """A command line that can be pasted into a shell."""
    return shlex.join(["lhe-tui", *(os.fspath(word) for word in words)])
