"""`--out FILE` of the commands that write a file: never over one that exists, unless told to; never a part of one."""

from __future__ import annotations

from pathlib import Path

from lhe_tui.cli.exits import RunFailed, UsageError


def check_out(out: Path, *, force: bool) -> None:
    """Refuse a place that cannot be written, before any work is done. Raises UsageError."""
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder: name a file in it")
    if not force and (out.exists() or out.is_symlink()):
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force")
    if out.exists() and not out.is_file():
        raise UsageError(f"--out {out} is no file that could be replaced: name another")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")


def write_out(out: Path, text: str, *, force: bool) -> None:
    """Write the file, whole or not at all. Raises CommandError."""
    from lhe_tui.record.whole_file import write_whole

    check_out(out, force=force)
    try:
        write_whole(out, text, replace=force)
    except FileExistsError:
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force") from None
    except OSError as error:
        raise RunFailed(f"{out} cannot be written: {error.strerror or error}") from None
