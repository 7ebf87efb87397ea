"""Completion scripts for shells, made from the parsers themselves."""

from __future__ import annotations

import argparse
from typing import Literal

Shell = Literal["bash", "zsh", "fish"]


def completion_script(shell: Shell) -> str:
    """The script that a shell sources to complete lhe-tui's commands, options and files."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _options() -> dict[str, list[argparse.Action]]:
    from lhe_tui.cli.commands import COMMANDS, command_parser

    return {name: [a for a in command_parser(name)._actions if a.option_strings] for name in COMMANDS}


def _bash() -> str:
    cases = "\n".join(
        f"        {name}) words='{' '.join(o for action in actions for o in action.option_strings)}' ;;"
        for name, actions in _options().items()
    )
    return f"""# bash completion of lhe-tui: source this file
_lhe_tui() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" words=""
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{" ".join(_options())} --help --version" -- "$current"))
        return
    fi
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
    case "$current" in
        -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
    esac
}}
complete -o filenames -F _lhe_tui lhe-tui"""


def _zsh() -> str:
    return "#compdef lhe-tui\nautoload -U +X bashcompinit && bashcompinit\n" + _bash()


def _fish() -> str:
    from lhe_tui.cli.commands import load_command

    lines = ["# fish completion of lhe-tui: save as ~/.config/fish/completions/lhe-tui.fish"]
    for name, actions in _options().items():
        summary = _quoted(load_command(name).HELP)
        lines.append(f"complete -c lhe-tui -n __fish_use_subcommand -a {name} -d {summary}")
        for action in actions:
            spelled = [f"-l {o[2:]}" if o.startswith("--") else f"-s {o[1:]}" for o in action.option_strings]
            takes = " -r" if action.nargs != 0 else ""
            seen = f'"__fish_seen_subcommand_from {name}"'
            lines.append(
                f"complete -c lhe-tui -n {seen} {' '.join(spelled)}{takes} -d {_quoted(action.help or '')}"
            )
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
