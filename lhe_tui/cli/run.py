"""`lhe-tui run`: a run without the app; draws the curves when done and leaves a session."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.options import add_control_options, add_model_options, add_task_options
from lhe_tui.cli.output import command, message, result, result_json
from lhe_tui.cli.parsing import at_least_one, file_path, positive_number, session_file

if TYPE_CHECKING:
    from lhe_tui.cli.headless import Ending
    from lhe_tui.launch.runs import StartedRun

NAME = "run"
HELP = "run a model on a task and draw the curves"
DESCRIPTION = (
    "Run a model on a task without the app: progress on stderr, curves and figures on stdout, and a session "
    "that replays, resumes and is taken apart later."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What describes a run, and how it is run."""
    add_task_options(parser)
    add_model_options(parser)
    add_control_options(parser)
    add = parser.add_argument_group("run").add_argument
    add(
        "--concurrency",
        type=at_least_one,
        metavar="N",
        help="requests at once (default: 1 on this machine, all simulated samples, else 8)",
    )
    add(
        "--speed",
        type=positive_number,
        metavar="X",
        help="tokens per second of simulated models (default: at once; 15 with --watch)",
    )
    add("--out", type=file_path, metavar="FILE", help="the session's file (default: a new one in sessions/)")
    add(
        "--shard",
        metavar="I/N",
        help="run part I of N of the samples; lhe-tui merge makes one session of the parts",
    )
    add("--resume", type=session_file, metavar="FILE", help="go on with a session that was stopped or killed")
    add("--json", action="store_true", help="print the report as one JSON document")
    add("--watch", action="store_true", help="the same in the app")


def run(options: argparse.Namespace) -> int:
    """Run to the end. Raises CommandError."""
    import asyncio

    if options.watch and options.json:
        raise UsageError("--watch shows the run in the app: leave --json out")
    from lhe_tui.cli.start import start

    if options.watch:
        from lhe_tui.cli.open_app import need_terminal, watch_run

        need_terminal("leave --watch out to run without one")
        return watch_run(asyncio.run(start(options)))
    from lhe_tui.cli.headless import run_headless

    async def whole() -> tuple[StartedRun, Ending]:
        started = await start(options)
        if started.torn:
            message(f"the last line of {started.path} was cut short and is dropped")
        return started, await run_headless(started)

    return _finish(*asyncio.run(whole()), as_json=options.json)


def _finish(started: StartedRun, ending: Ending, *, as_json: bool) -> int:
    from lhe_tui.launch.models import all_samples_failed

    state = started.state
    resume = f"Go on with: {command('run', '--resume', started.path)}"
    if ending.signal_exit is not None:
        done, total = state.finished_turns, state.spec.turns * state.spec.samples
        message(f"lhe-tui: stopped after {done:,} of {total:,} turns; the session is whole.\n{resume}")
        return ending.signal_exit
    if ending.fault:
        raise RunFailed(ending.fault, hint=resume if started.path.exists() else "")
    if all_samples_failed(state):
        reason = next((notice.text for notice in reversed(state.notices)), "no reply")
        raise RunFailed(f"every sample failed: {reason}", hint=resume)
    _print_results(started, as_json=as_json)
    failed = sum(sample.failed for sample in state.samples)
    if failed:
        message(
            f"{failed} of {len(state.samples)} samples stopped short for want of a reply and left the "
            f"denominators from there on.\n{resume.replace('Go on', 'Ask again')}"
        )
    return DONE


def _print_results(started: StartedRun, *, as_json: bool) -> None:
    from lhe_tui.record.json_text import to_json
    from lhe_tui.record.report import report

    state = started.state
    document = report(state, state.header.rules)
    if as_json:
        result_json(to_json({**document, "session": str(started.path)}))
        return
    from lhe_tui.cli.summary import print_summary

    print_summary(state, document)
    result()
    result(f"Session {started.path}")
    result(f"  replay   {command('replay', started.path)}")
    result(f"  inspect  {command('inspect', started.path)}")
