"""What all tests share: folders of their own, and no keys of this machine's user."""

from __future__ import annotations

import gc
import importlib.util
import os
from pathlib import Path

import pytest

from lhe_tui.__main__ import GARBAGE_THRESHOLDS

# Set on some machines, it has every process that a test starts compile the whole package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

if importlib.util.find_spec("hypothesis") is not None and "LHE_RANDOM" not in os.environ:
    from hypothesis import settings

    # The same examples each time, so that a change is judged by itself; LHE_RANDOM=1 looks for new ones.
    settings.register_profile("steady", derandomize=True)
    settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Collect garbage as the app does, and never what was imported: a fifth of the time of a test of screens."""
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


@pytest.fixture(autouse=True)
def _folders_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
