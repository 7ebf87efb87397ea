"""The command line: finds the command, runs it, and turns whatever happens into one sentence and an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from lhe_tui.cli.commands import COMMANDS, command_parser, load_command
from lhe_tui.cli.exits import DONE, FAILED, INTERRUPTED, UsageError
from lhe_tui.cli.output import abandon_stdout, finish_results, message, prepare_streams, result, settle_stdout
from lhe_tui.cli.parsing import CommandParser, unknown_sentence
from lhe_tui.errors import LheError

DESCRIPTION = (
    "A debugger for long-horizon execution in language models. Without a command it opens the app; "
    "no key and no network are needed for the simulated models."
)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code. Nothing but SystemExit of --help leaves as an exception."""
    prepare_streams()
    try:
        return _run_to_the_end(arguments)
    finally:
        settle_stdout()


def _run_to_the_end(arguments: Sequence[str]) -> int:
    try:
        try:
            code = _run(arguments)
        except SystemExit:
            # --help and the like have printed, and leave.
            finish_results()
            raise
        finish_results()
    except LheError as error:
        message(f"lhe-tui: {error.sentence}" + (f"\n{error.hint}" if error.hint else ""))
        return error.exit_code
    except KeyboardInterrupt:
        message("lhe-tui: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has had enough (`| head`): leave without Python's own word on it at exit.
        abandon_stdout()
        return DONE
    except Exception as error:  # noqa: BLE001  the last resort: no traceback ever reaches the person
        from lhe_tui.launch.crash import crash_sentence

        message(f"lhe-tui: {crash_sentence(error)}")
        return FAILED
    return code


def top_parser() -> CommandParser:
    """The parser of what stands before a command."""
    width = max(map(len, COMMANDS)) + 2
    lines = "\n".join(f"  {name:<{width}}{load_command(name).HELP}" for name in COMMANDS)
    epilog = f"commands:\n{lines}\n\nlhe-tui COMMAND --help tells a command's options."
    parser = CommandParser("lhe-tui", DESCRIPTION, epilog)
    parser.usage = "lhe-tui [COMMAND] [options]"
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(
        "--print-completion", choices=("bash", "zsh", "fish"), help="print a shell's completion script"
    )
    return parser


def _load_plugins(options: argparse.Namespace) -> None:
    """Tasks and policies of other packages, and the task that `--task MODULE:NAME` stands for. Raises PluginError."""
    from lhe_tui.launch.plugins import load_plugins, task_named

    load_plugins(message)
    if getattr(options, "task", None):
        options.task = task_named(options.task)


def _run(arguments: Sequence[str]) -> int:
    if arguments and not arguments[0].startswith("-"):
        name = arguments[0]
        if name not in COMMANDS:
            raise UsageError(unknown_sentence("command", name, COMMANDS), hint="See lhe-tui --help.")
        options = command_parser(name).parse_all(arguments[1:])
        _load_plugins(options)
        code: int = load_command(name).run(options)
        return code
    if not arguments:
        # Straight away: what the other commands are called need not be known for this.
        from lhe_tui.cli.open_app import open_app

        return open_app()
    options = top_parser().parse_all(arguments)
    if options.version:
        from lhe_tui.version import __version__

        result(f"lhe-tui {__version__}")
        return DONE
    if options.print_completion:
        from lhe_tui.cli.completion import completion_script

        result(completion_script(options.print_completion))
        return DONE
    from lhe_tui.cli.open_app import open_app

    return open_app()
