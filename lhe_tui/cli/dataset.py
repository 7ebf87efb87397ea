"""`lhe-tui dataset make`: a task written down in the published generator's form."""

from __future__ import annotations

import argparse
from pathlib import Path

from lhe_tui.cli.exits import DONE
from lhe_tui.cli.options import add_task_options, config_from
from lhe_tui.cli.out_file import check_out, write_out
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
    from lhe_tui.launch.task_files import load_task
    from lhe_tui.record.datasets import dataset_document
    from lhe_tui.record.json_text import to_json

    out: Path = options.out
    check_out(out, force=options.force)
    task = load_task(config_from(options))
    write_out(out, to_json(dataset_document(task)) + "\n", force=options.force)
    spec = task.spec
    message(f"{spec.samples} samples × {spec.turns} turns × {spec.turn_complexity} keys written to {out}")
    return DONE
