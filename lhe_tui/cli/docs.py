"""`lhe-tui docs`: the documents that ship with the package."""

from __future__ import annotations

import argparse

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import result
from lhe_tui.cli.parsing import unknown_sentence
from lhe_tui.docs import page_path, pages

NAME = "docs"
HELP = "print a page of the documentation"
DESCRIPTION = "Print a page of the documentation. Without PAGE, list the pages."


def add_options(parser: argparse.ArgumentParser) -> None:
    """The page."""
    parser.add_argument("page", nargs="?", metavar="PAGE", help="a page's name")


def run(options: argparse.Namespace) -> int:
    """Print the page, or the list of pages."""
    titles = pages()
    if options.page is None:
        width = max(map(len, titles)) + 2
        for name, title in titles.items():
            result(f"{name:<{width}}{title}")
        return DONE
    if options.page not in titles:
        raise UsageError(unknown_sentence("page", options.page, tuple(titles)), hint="See lhe-tui docs.")
    result(page_path(options.page).read_text(encoding="utf-8").rstrip())
    return DONE
