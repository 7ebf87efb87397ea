"""The commands that there are, and their parsers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lhe_tui.cli.parsing import CommandParser

COMMANDS: tuple[str, ...] = (
    "demo",
    "run",
    "replay",
    "inspect",
    "report",
    "compare",
    "experiment",
    "ladder",
    "title",
    "tag",
    "note",
    "merge",
    "import",
    "export",
    "dataset",
    "prompt",
    "models",
    "schema",
    "docs",
    "web",
    "paths",
    "doctor",
)
"""Each is a module of this package with NAME, HELP, DESCRIPTION, add_options and run; EXAMPLES where there are any."""
_MODULES = {"import": "import_run"}
"""Commands whose name cannot be a module's."""


def load_command(name: str) -> Any:
    """A command's module."""
    return import_module(f"lhe_tui.cli.{_MODULES.get(name, name)}")


def command_parser(name: str) -> CommandParser:
    """The parser of one command."""
    module = load_command(name)
    parser = CommandParser(f"lhe-tui {name}", module.DESCRIPTION)
    module.add_options(parser)
    if examples := getattr(module, "EXAMPLES", ()):
        parser.epilog = "examples:\n" + "\n".join(f"  {line}" for line in examples)
    return parser
