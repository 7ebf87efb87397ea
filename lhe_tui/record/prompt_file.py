"""A prompt's texts as a file for `--prompt`."""

from __future__ import annotations

import json

from lhe_tui.task.prompts import PromptTemplate


def prompt_toml(template: PromptTemplate) -> str:
    """The prompt's texts as a file for `--prompt`."""
    lines = [f"{part} = {_quoted(getattr(template, part))}" for part in ("user", "state_card", "verify")]
    tables = {"system": template.system, "answer_rule": template.answer_rule}
    tables |= {f"own.{_quoted(variant)}": texts for variant, texts in template.own.items()}
    for table, texts in tables.items():
        lines += ["", f"[{table}]", *(f"{_quoted(name)} = {_quoted(text)}" for name, text in texts.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string: JSON's is one, but for the one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
