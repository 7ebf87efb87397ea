"""`lhe-tui import`: another harness's run as a session, its own numbers checked first."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.output import command, result, result_json
from lhe_tui.cli.parsing import file_path

if TYPE_CHECKING:
    from pathlib import Path

    from lhe_tui.record.importing.harness_import import ImportedRun

NAME = "import"
HELP = "open a run of the published harness or of lighteval here"
DESCRIPTION = (
    "Make a session of another's run: the published harness's eval_step_results.json, its experiment_results.json or "
    "the folder that holds them, or an inspect_ai log of lighteval's long-horizon task (pip install "
    "'lhe-tui[inspect]'). The file's own numbers are checked, and what the strict rules say of the same replies is "
    "told beside them."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """PATH and where the session goes."""
    add = parser.add_argument
    add("path", type=file_path, metavar="PATH", help="a file or folder of the harness, or a log")
    add("--out", type=file_path, metavar="FILE", help="the session's file (default: a new one in sessions/)")
    add("--json", action="store_true", help="print one JSON document: the report, and how the numbers agree")


def run(options: argparse.Namespace) -> int:
    """Write the session, whole or not at all. Raises CommandError."""
    from lhe_tui.launch.paths import session_folder
    from lhe_tui.launch.runs import check_place
    from lhe_tui.record.errors import SessionError
    from lhe_tui.record.importing.harness_import import ImportFailure, import_run, save_import
    from lhe_tui.record.session_file import new_session_path

    if str(options.path) != "-" and not options.path.exists():
        raise UsageError(f"there is no file or folder {options.path}")
    try:
        imported = import_run(options.path)
    except ImportFailure as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{options.path} cannot be read: {error.strerror or error}") from None
    out = options.out or new_session_path(session_folder(), imported.recording.header)
    check_place(out)
    try:
        save_import(imported, out)
    except SessionError as error:
        raise RunFailed(str(error)) from None
    if options.json:
        _print_json(imported, out)
    else:
        _print_words(imported, out)
    return DONE


def _print_words(imported: ImportedRun, out: Path) -> None:
    spec, controls = imported.recording.header.task.spec, imported.recording.header.controls
    size = (
        f"{spec.turns} turns × {spec.samples} samples"
        if spec.turns > 1
        else f"1 turn × {spec.samples} samples"
    )
    result(f"{controls.model} · {spec.variant} K={spec.turn_complexity} {controls.mode} · {size}")
    for line in imported.lines():
        result(f"  {line}")
    result(f"Session {out}")
    result(f"  report   {command('report', out)}")
    if imported.recording.header.rules == "reference":
        result(f"           {command('report', out, '--rules', 'strict')}")
    result(f"  inspect  {command('inspect', out)}")


def _print_json(imported: ImportedRun, out: Path) -> None:
    from lhe_tui.record.json_text import to_json
    from lhe_tui.record.report import report

    state, checks = imported.recording.state, [imported.verification]
    checks += [imported.saved] if imported.saved is not None else []
    document = report(state, state.rules)
    document["session"] = str(out)
    document["import"] = {
        "agrees": all(check.agrees for check in checks),
        "turns": imported.verification.turns,
        "differences": [difference for check in checks for difference in check.differences],
        "notes": list(imported.notes),
    }
    result_json(to_json(document))
