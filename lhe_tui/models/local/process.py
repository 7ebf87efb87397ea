"""One child process with one loaded model: started when first asked, shared by all who ask for the same model."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lhe_tui.models.base import ModelFailure
from lhe_tui.models.local import runtime
from lhe_tui.models.local.conversation_slots import ConversationSlots
from lhe_tui.models.local.gguf_file import GGUFError, GGUFFacts, read_facts
from lhe_tui.models.local.weights import KNOWN, PLAIN_STOPS, PLAIN_TEMPLATE
from lhe_tui.models.openai.server_address import ServerAddress, parse_address
from lhe_tui.models.secret import Secret

SLOTS = 16
"""Conversations whose prompt stays in memory from turn to turn."""
CONTEXT = 16_384
"""Tokens of context, shared by all slots, where the model was trained on as many."""
MOST_TOKENS = 512
"""Tokens of a reply where nobody sets a limit: a base model may never end by itself."""
MOST_THREADS = 8
_NICE = 1
_DEATH_SECONDS = 0.5
_ROOM = 200 * 2**20
"""Bytes that the runtime needs beside the weights."""


@dataclass(frozen=True, slots=True)
class Source:
    """A model and how it is run. Two sources that are equal share a process."""

    name: str
    path: Path | None
    """The file; None for a known model, which says itself where it is."""
    threads: int
    context: int


class RuntimeProcess:
    """A child process that serves one model. `start` may be called from any thread and starts again what has ended."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.key = Secret(secrets.token_hex(24))
        self.turns = asyncio.Lock()
        """Held by the one request under way."""
        self.address: ServerAddress | None = None
        self.facts: GGUFFacts | None = None
        self.slots = ConversationSlots(SLOTS)
        self.users = 0
        self._starting = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._stopped = False

    @property
    def context_length(self) -> int:
        """Tokens of context that the model is run with."""
        trained = self.facts.context_length if self.facts is not None else None
        return min(self.source.context, trained or self.source.context)

    @property
    def running(self) -> bool:
        """Whether the child is alive and has its model loaded."""
        return self.address is not None and self._child is not None and self._child.poll() is None

    def start(self) -> ServerAddress:
        """Load the model, unless it is; blocks for as long as that takes. Raises ModelFailure."""
        with self._starting:
            if self.running and self.address is not None:
                return self.address
            self.address = None
            self.slots.forget()
            path, self.facts = self._file()
            child = self._spawn()
            line = self._exchange(child, self._settings(path, self.facts))
            if not line:
                raise self._failure(f"{self.source.name} could not be loaded", child, retryable=False)
            self.address = parse_address(json.loads(line)["address"], label=self.source.name)
            return self.address

    def failure(self) -> ModelFailure | None:
        """Why the child has ended while it was asked; None where it lives. Blocks for a moment."""
        child = self._child
        if child is None:
            return None
        try:
            # Its connections close before it is gone.
            child.wait(_DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return self._failure(f"{self.source.name} stopped in the middle", child, retryable=True)

    def stop(self) -> None:
        """End the child at once; safe to call twice."""
        self._stopped = True
        child, self._child = self._child, None
        self.address = None
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _file(self) -> tuple[Path, GGUFFacts]:
        try:
            path = self.source.path or KNOWN[self.source.name].locate()
            facts = read_facts(path)
        except GGUFError as error:
            raise ModelFailure("unreachable", error.sentence, retryable=False) from None
        except (OSError, ValueError, ImportError) as error:
            text = f"the weights of {self.source.name} cannot be read: {error}"
            raise ModelFailure("unreachable", text, retryable=False) from None
        free = free_memory()
        if free is not None and facts.size + _ROOM > free:
            text = (
                f"{self.source.name} needs about {gigabytes(facts.size + _ROOM)} of memory "
                f"and {gigabytes(free)} are free: close other programs, or take a smaller model"
            )
            raise ModelFailure("unreachable", text, retryable=False)
        return path, facts

    def _settings(self, path: Path, facts: GGUFFacts) -> dict[str, object]:
        known = KNOWN.get(self.source.name)
        base = known.base if known is not None else not facts.has_chat_template
        return {
            "path": str(path),
            "alias": self.source.name,
            "key": self.key.reveal(),
            "context": self.context_length,
            "slots": SLOTS,
            "threads": self.source.threads,
            "most_tokens": MOST_TOKENS,
            "nice": _NICE,
            "template": PLAIN_TEMPLATE if base else None,
            "stop": PLAIN_STOPS if base else (),
        }

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._log is not None:
            self._log.close()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        # -P: no module of this folder may stand in for one that the runtime imports.
        self._child = subprocess.Popen(
            [sys.executable, "-P", runtime.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Threads that spin while they wait for each other take minutes where another program wants the cores.
            env={"OMP_WAIT_POLICY": "passive", **os.environ},
            # A Ctrl-C in the terminal is the parent's to answer.
            start_new_session=True,
        )
        if self._stopped:
            # Closed while it was being started.
            self._child.kill()
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], settings: dict[str, object]) -> bytes:
        """Send the settings; the child's one line, empty where it ended first."""
        assert child.stdin is not None  # both are pipes
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(settings).encode() + b"\n")
            child.stdin.flush()
            return child.stdout.readline()
        except (OSError, ValueError):
            return b""

    def _failure(self, what: str, child: subprocess.Popen[bytes], *, retryable: bool) -> ModelFailure:
        """In words why the child ended, with what the runtime said last."""
        if self._stopped:
            return ModelFailure("unreachable", f"{self.source.name} was closed", retryable=False)
        try:
            code = child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        if code < 0:
            why = f"its process was ended by {signal_name(-code)}"
            if code == -signal.SIGKILL:
                why += ", as happens where memory runs out"
        else:
            why = f"its process ended with exit code {code}{self._last_words()}"
        again = "; it is loaded again" if retryable else ""
        return ModelFailure(
            "cut" if retryable else "unreachable", f"{what}: {why}{again}", retryable=retryable
        )

    def _last_words(self) -> str:
        """The runtime's first error line, without its time stamp and path."""
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read(2**16).decode(errors="replace").splitlines()
        errors = [line.partition(" E ")[2].strip() for line in lines if " E " in line]
        said = errors[0] if errors else (lines[-1].strip() if lines else "")
        return f" ({said[:160]})" if said else ""


def signal_name(number: int) -> str:
    """`SIGSEGV`, or the number where it has no name here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def free_memory() -> int | None:
    """Bytes that a new process can have, where the system tells it."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    told = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(told) * 1024 if told is not None else None


def gigabytes(size: int) -> str:
    """A size for people: `0.4 GB`."""
    return f"{size / 1e9:.1f} GB"


def cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


_SHARED: dict[Source, RuntimeProcess] = {}
_SHARING = threading.Lock()


def share(source: Source) -> RuntimeProcess:
    """The process of a source, a new one where nobody has it; give it back with `release`."""
    with _SHARING:
        process = _SHARED.setdefault(source, RuntimeProcess(source))
        process.users += 1
        return process


def release(process: RuntimeProcess) -> None:
    """Give a process back; the last one ends it."""
    with _SHARING:
        process.users -= 1
        if process.users > 0:
            return
        _SHARED.pop(process.source, None)
    process.stop()
