"""`lhe-tui merge`: the shards of a run, each made by a process of its own, as one session."""

from __future__ import annotations

import argparse
from pathlib import Path

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import command, message, result
from lhe_tui.cli.parsing import file_path, session_file

NAME = "merge"
HELP = "make one session of the shards of a run"
DESCRIPTION = (
    "Make one session of sessions that each ran some of the samples of one run: the same as if the run had been "
    "made in one piece. The shards stay as they are."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The shards and where the whole goes."""
    parser.add_argument("file", nargs="+", type=session_file, metavar="FILE", help="a session")
    parser.add_argument("--out", type=file_path, required=True, metavar="FILE", help="the session's file")


def run(options: argparse.Namespace) -> int:
    """Write the session, whole or not at all. Raises LheError."""
    from lhe_tui.cli.session_place import read_recording
    from lhe_tui.launch.runs import check_place
    from lhe_tui.record.shards import missing_samples, write_merged

    if len(options.file) < 2:
        raise UsageError("merge takes two shards or more")
    shards = []
    for path in options.file:
        shard = read_recording(path)
        for words in shard.warnings:
            message(f"note: {path}: {words}")
        shards.append(shard)
    out: Path = options.out
    check_place(out)
    header = write_merged(shards, out)
    missing = missing_samples(header)
    if missing:
        message(f"note: {missing} of the run's samples are in none of the shards")
    result(f"Session {out}")
    result(f"  report   {command('report', out)}")
    return DONE
