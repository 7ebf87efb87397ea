"""`--out FILE` of the commands that write a file: never over one that exists, unless told to; never a part of one.

`-` is stdout.
"""

from __future__ import annotations

from pathlib import Path

from lhe_tui.cli.exits import RunFailed, UsageError
from lhe_tui.cli.output import result_json

STDOUT = Path("-")


def check_out(out: Path, *, force: bool, source: Path | None = None) -> None:
    """Refuse a place that cannot be written, before any work is done. Raises UsageError.

    `source` is the file that is read, which is never written over, by whatever name or link.
    """
    if out == STDOUT:
        return
    if source is not None and source.exists() and out.exists() and out.samefile(source):
        raise UsageError(f"--out {out} is the file that is read, {source}: name another")
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder: name a file in it")
    if not force and (out.exists() or out.is_symlink()):
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force")
    if out.exists() and not out.is_file():
        raise UsageError(f"--out {out} is no file that could be replaced: name another")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")


def write_out(out: Path, data: str | bytes, *, force: bool) -> None:
    """Write the file, whole or not at all. Raises CommandError."""
    from lhe_tui.record.whole_file import write_whole

    if out == STDOUT:
        result_json(data if isinstance(data, str) else data.decode("utf-8"))
        return
    check_out(out, force=force)
    try:
        write_whole(out, data, replace=force)
    except FileExistsError:
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force") from None
    except OSError as error:
        raise RunFailed(f"{out} cannot be written: {error.strerror or error}") from None
