"""What ships with the package: the word list and the built-in prompt."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from lhe_tui.task.prompts import PromptTemplate, read_template


@cache
def built_in_words() -> tuple[str, ...]:
    """The package's own five-letter words, in a fixed order that seeds depend on."""
    return tuple((files("lhe_tui.assets") / "words.txt").read_text(encoding="utf-8").split())


@cache
def built_in_template() -> PromptTemplate:
    """The package's own prompt."""
    return read_template(
        tomllib.loads((files("lhe_tui.assets") / "prompts" / "built_in.toml").read_text(encoding="utf-8"))
    )
