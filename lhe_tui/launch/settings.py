"""The user's settings: one TOML file, read once, never written by a run.

theme = "ansi-dark"              # a Textual theme
model = "sim/medium"             # what `run` and the setup form start with

[keys]                           # action id = keys, comma-separated
"run.pause" = "space,p"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lhe_tui.errors import LheError


class ConfigError(LheError, ValueError):
    """Settings that cannot be used; the message names the file, the setting and what it takes."""


@dataclass(frozen=True)
class Config:
    """The settings, with what holds where the file says nothing."""

    theme: str | None = None
    """A Textual theme's name; None: the app's own choice."""
    model: str | None = None
    """The model to start with; None: sim/large."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Action id → keys, comma-separated, that take the place of the built-in ones."""


def load_config(path: Path | None = None) -> Config:
    """The settings of a file (the user's own where none is named); a file that is not there sets nothing."""
    if path is None:
        from lhe_tui.launch.paths import config_file

        path = config_file()
    from lhe_tui.record.text_file import FileError, FileMissing, read_text

    try:
        text = read_text(path)
    except FileMissing:
        return Config()
    except FileError as error:
        raise ConfigError(f"the settings in {path} cannot be read: {error}") from None
    import tomllib

    try:
        return read_config(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ConfigError) as error:
        raise ConfigError(f"the settings in {path} cannot be used: {error}") from None


def read_config(settings: Mapping[str, Any]) -> Config:
    """Settings from a parsed file. Raises ConfigError."""
    known = ("theme", "model", "keys")
    for name in settings:
        if name not in known:
            raise ConfigError(f"no setting is named {name!r}: there are {', '.join(known)}")
    for name in ("theme", "model"):
        if not isinstance(settings.get(name, ""), str):
            raise ConfigError(f"{name} takes a text, not {settings[name]!r}")
    keys = settings.get("keys", {})
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise ConfigError('keys takes a table of texts such as "run.pause" = "space,p"')
    return Config(settings.get("theme"), settings.get("model"), dict(keys))
