"""The only way out to the terminal: results on stdout, messages on stderr, foreign text made visible."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EBADF
from typing import TextIO

from lhe_tui.cli.exits import RunFailed
from lhe_tui.text.ascii_glyphs import ERRORS, register
from lhe_tui.text.visible import visible


def prepare_streams() -> None:
    """Make the three streams usable, whatever they were closed to or can encode.

    A stream that is closed gets its number back, so that no file of ours takes it: stdin reads nothing, stdout fails at
    the first flush, stderr swallows. What an encoding lacks is drawn by ASCII glyphs.
    """
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")  # noqa: SIM115  as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")  # noqa: SIM115
    register()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ERRORS)


def result(text: str = "") -> None:
    """A piece of the result, on stdout. Raises RunFailed where stdout takes nothing more."""
    with _writing():
        print(visible(text, multiline=True))


def result_drawing(drawing: str) -> None:
    """A chart of `charts.draw`, which holds nothing foreign but colour codes of our own, on stdout."""
    with _writing():
        print(drawing)


def result_json(document: str) -> None:
    """One JSON document, on stdout, as UTF-8 whatever the terminal's encoding."""
    data = document.rstrip("\n").encode("utf-8", "replace") + b"\n"
    buffer = getattr(sys.stdout, "buffer", None)
    with _writing():
        sys.stdout.flush()
        if buffer is None:
            sys.stdout.write(data.decode("utf-8"))
        else:
            buffer.write(data)
            buffer.flush()


def finish_results() -> None:
    """Everything printed so far has left this process. Raises RunFailed where it cannot."""
    with _writing():
        sys.stdout.flush()


def settle_stdout() -> None:
    """At the end of a command that failed: what stdout holds back goes out, or is dropped without a word."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        abandon_stdout()


def abandon_stdout() -> None:
    """Nobody reads stdout any more: Python's own flush at exit must find no fault with it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon_stdout()
        reason = "stdout is closed" if error.errno == EBADF else error.strerror or error
        raise RunFailed(f"the result cannot be written: {reason}") from None


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
