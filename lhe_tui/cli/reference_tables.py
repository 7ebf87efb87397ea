"""Keeps the docs' command and key tables true: `python -m lhe_tui.cli.reference_tables` rewrites them."""

from __future__ import annotations

import argparse
import sys

from lhe_tui.cli.commands import COMMANDS, command_parser, load_command
from lhe_tui.docs import page_path

TABLES = ("commands", "keys", "tasks")
"""The pages of the docs that hold a generated table, between `<!-- table -->` and `<!-- /table -->`."""


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


def task_reference() -> str:
    """The task variants and the pruning policies, read off their registries."""
    from lhe_tui.task.pruning.registry import POLICIES
    from lhe_tui.task.variants.registry import VARIANTS

    tasks = "\n".join(f"| `{name}` | {variant.summary()} |" for name, variant in VARIANTS.items())
    policies = "\n".join(f"| `{policy.form}` | {policy.summary()} |" for policy in POLICIES)
    return f"| `--task` | what is asked |\n|---|---|\n{tasks}\n\n| `--prune` | what is shown |\n|---|---|\n{policies}\n"


def rewritten(page: str, table: str) -> str:
    """A page's text with its table made anew."""
    before, start, rest = page.partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- /table -->")
    return f"{before}{start}\n{table}\n{end}{after}"


def reference(name: str) -> str:
    """The table of one of TABLES."""
    return {"commands": command_reference, "keys": key_reference, "tasks": task_reference}[name]()


def _positional(action: argparse.Action) -> str:
    word = str(action.metavar or action.dest)
    return f"[{word}]" if action.nargs == "?" else word


def _spelled(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    takes = "\\|".join(map(str, action.choices)) if action.choices else action.metavar or action.dest.upper()
    return f"{names} {takes}"


def main() -> int:
    """Rewrite the pages; 0 where they are there."""
    for name in TABLES:
        path = page_path(name)
        path.write_text(rewritten(path.read_text(encoding="utf-8"), reference(name)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
