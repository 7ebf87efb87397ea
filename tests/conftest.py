"""What all tests share: folders of their own, and no keys of this machine's user."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from lhe_tui.__main__ import GARBAGE_THRESHOLDS

# Set on some machines, it has every process that a test starts compile the whole package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """Collect garbage as the app does, and never what was imported: a fifth of the time of a test of screens."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


@pytest.fixture(autouse=True)
def _folders_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
