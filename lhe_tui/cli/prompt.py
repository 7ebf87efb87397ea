"""`lhe-tui prompt show`: the prompt texts that ship, to start a prompt of one's own from."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import result
from lhe_tui.cli.parsing import unknown_sentence

NAME = "prompt"
HELP = "print the prompt texts"
DESCRIPTION = (
    "Print a prompt that ships, as the TOML file that --prompt FILE reads: save it, change it, and give it back. "
    "Parts that a file leaves out are those of the built-in prompt."
)
EXAMPLES = ("lhe-tui prompt show > mine.toml", "lhe-tui run --prompt mine.toml")


def add_options(parser: argparse.ArgumentParser) -> None:
    """`show`, and which prompt."""
    parser.add_argument("action", choices=("show",), metavar="show", help="print it")
    parser.add_argument(
        "name", nargs="?", default="built-in", metavar="NAME", help="built-in (the default) or tiny"
    )


def run(options: argparse.Namespace) -> int:
    """Print the prompt. Raises UsageError."""
    from lhe_tui.assets.shipped import NAMED_TEMPLATES, template_text

    names = ("built-in", *NAMED_TEMPLATES)
    if options.name not in names:
        raise UsageError(unknown_sentence("prompt", options.name, names))
    result(template_text(options.name).rstrip())
    return DONE
