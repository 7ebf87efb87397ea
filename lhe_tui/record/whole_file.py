"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, data: str | bytes, *, replace: bool) -> None:
    """Write a file, a text as UTF-8, so that nobody ever sees a part of it.

    Raises OSError, FileExistsError without `replace`.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        if replace:
            os.replace(name, path)
        else:
            _link_new(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _link_new(name: str, path: Path) -> None:
    """Give a finished file its name, unless another took it meanwhile."""
    try:
        os.link(name, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the look at the name and the renaming are two steps there.
        if path.exists() or path.is_symlink():
            raise FileExistsError(path) from None
        os.rename(name, path)
        return
    os.unlink(name)
