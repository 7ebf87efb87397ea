"""Keeps the README's command and key tables true: `python -m lhe_tui.cli.readme` rewrites them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lhe_tui.cli.command_line import COMMANDS, command_parser, load_command

MARKERS = ("commands", "keys")
"""What stands between `<!-- NAME -->` and `<!-- /NAME -->` is generated."""


def command_reference() -> str:
    """Every command with its options, read off the parsers."""
    parts: list[str] = []
    for name in COMMANDS:
        actions = [action for action in command_parser(name)._actions if action.dest != "help"]
        words = [_positional(action) for action in actions if not action.option_strings]
        heading = " ".join(["lhe-tui", name, *words])
        parts.append(f"**`{heading}`** · {load_command(name).DESCRIPTION}\n")
        options = [action for action in actions if action.option_strings]
        if options:
            rows = "\n".join(f"| `{_spelled(action)}` | {action.help} |" for action in options)
            parts.append(f"| option | meaning |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def key_reference() -> str:
    """The app's keys, read off its registry of actions."""
    from lhe_tui.tui.actions.registry import key_table

    return key_table()


def rewritten(readme: str) -> str:
    """The README's text with its generated parts made anew."""
    for name, text in zip(MARKERS, (command_reference(), key_reference()), strict=True):
        before, start, rest = readme.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        readme = f"{before}{start}\n{text}\n{end}{after}"
    return readme


def _positional(action: argparse.Action) -> str:
    word = str(action.metavar or action.dest)
    return f"[{word}]" if action.nargs == "?" else word


def _spelled(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    takes = "\\|".join(map(str, action.choices)) if action.choices else action.metavar or action.dest.upper()
    return f"{names} {takes}"


def main(path: Path = Path("README.md")) -> int:
    """Rewrite the README of the working directory; 0 where it is there."""
    before = path.read_text(encoding="utf-8")
    path.write_text(rewritten(before), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
