"""Runs the real command line in a process of its own, with folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TIMEOUT = 60.0


class CommandLine:
    """`lhe-tui` as a person in `folder` runs it: no key, no settings, no terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        self.env = {
            **kept,
            **{
                f"XDG_{kind}_HOME": str(folder / kind.lower())
                for kind in ("CONFIG", "DATA", "STATE", "CACHE")
            },
            "HOME": str(folder),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def __call__(
        self, *words: str | Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            self.line(*words),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start and return at once."""
        return subprocess.Popen(
            self.line(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *words: str | Path) -> Any:
        """Run to a good end; what it printed, parsed."""
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @staticmethod
    def line(*words: str | Path) -> list[str]:
        """The words that start the process."""
        return [sys.executable, "-m", "lhe_tui", *map(str, words)]
