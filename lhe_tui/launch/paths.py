"""Where things lie on this machine: settings, sessions, crash logs."""

from __future__ import annotations

from pathlib import Path

APP_NAME = "lhe-tui"
SESSION_FOLDER_NAME = "sessions"


def config_file() -> Path:
    """The user's settings; need not exist."""
    from platformdirs import user_config_path

    return user_config_path(APP_NAME) / "config.toml"


def data_folder() -> Path:
    """What lhe-tui keeps for itself; need not exist."""
    from platformdirs import user_data_path

    return user_data_path(APP_NAME)


def crash_folder() -> Path:
    """Where a crash is written down."""
    from platformdirs import user_log_path

    return user_log_path(APP_NAME)


def session_folder(working_directory: Path | None = None) -> Path:
    """Where a new session goes: `sessions/` of the working directory when it exists, else of the data folder."""
    here = Path(SESSION_FOLDER_NAME) if working_directory is None else working_directory / SESSION_FOLDER_NAME
    return here if here.is_dir() else data_folder() / SESSION_FOLDER_NAME


def session_folders(working_directory: Path | None = None) -> list[Path]:
    """Every folder whose sessions the app lists, the one for new sessions first."""
    first = session_folder(working_directory)
    other = data_folder() / SESSION_FOLDER_NAME
    return [first] if first == other else [first, other]
