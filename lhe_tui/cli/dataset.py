"""`lhe-tui dataset make`: a task written down in the published generator's form."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.options import add_task_options, task_from
from lhe_tui.cli.output import message
from lhe_tui.cli.parsing import file_path

NAME = "dataset"
HELP = "write a task to a file"
DESCRIPTION = "Write a task, its dictionary and its plans as the published generator's JSON."


def add_options(parser: argparse.ArgumentParser) -> None:
    """`make`, the task's options and where it goes."""
    parser.add_argument("action", choices=("make",), metavar="make", help="draw a task and write it")
    add_task_options(parser, dataset=False)
    add = parser.add_argument_group("file").add_argument
    add("--out", type=file_path, required=True, metavar="FILE", help="the file to write")
    add("--force", action="store_true", help="write over a file that exists")


def run(options: argparse.Namespace) -> int:
    """Write the file, whole or not at all. Raises CommandError."""
    from lhe_tui.record.datasets import dataset_document
    from lhe_tui.record.json_text import to_json

    out: Path = options.out
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder: name a file in it")
    if out.exists() and not options.force:
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force")
    task = task_from(options)
    text = to_json(dataset_document(task))
    try:
        write_whole(out, text + "\n", replace=options.force)
    except FileExistsError:
        raise UsageError(f"--out {out} exists: name another file, or write over it with --force") from None
    except OSError as error:
        words = f"{out} cannot be written: {error.strerror or error}"
        raise (UsageError if not out.parent.is_dir() else RunFailed)(words) from None
    spec = task.spec
    message(f"{spec.samples} samples × {spec.turns} turns × {spec.turn_complexity} keys written to {out}")
    return DONE


def write_whole(path: Path, text: str, *, replace: bool) -> None:
    """Write a file so that nobody ever sees a part of it. Raises OSError, FileExistsError without `replace`."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        if replace:
            os.replace(name, path)
        else:
            os.link(name, path)
            os.unlink(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
