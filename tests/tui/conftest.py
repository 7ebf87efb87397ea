"""Screens without animations, and with every folder of this machine's user out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

KEYS = (
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "DEEPSEEK_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "TOGETHER_API_KEY",
)


@pytest.fixture(autouse=True)
def _a_place_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    for variable in (*KEYS, "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    # Screens look alike with and without the extra `local`; what it changes has tests of its own.
    monkeypatch.setattr("lhe_tui.models.local.weights.runtime_installed", lambda: False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture(autouse=True)
def stories(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stories of these tests, none at first."""
    monkeypatch.setattr("lhe_tui.assets.shipped.story_folder", lambda: tmp_path / "stories")
    return tmp_path / "stories"
