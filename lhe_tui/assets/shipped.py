"""What ships with the package: the word list and the built-in prompt."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from lhe_tui.task.prompts import PromptTemplate, read_template


@cache
def built_in_words() -> tuple[str, ...]:
    """The package's own five-letter words, in a fixed order that seeds depend on."""
    return tuple((files("lhe_tui.assets") / "words.txt").read_text(encoding="utf-8").split())


@cache
def built_in_template() -> PromptTemplate:
    """The package's own prompt."""
    return read_template(_parts("built_in"))


@cache
def named_template(name: str) -> PromptTemplate:
    """One of `NAMED_TEMPLATES`; parts that it leaves out are those of the built-in prompt."""
    return read_template(_parts(name), built_in_template(), name)


NAMED_TEMPLATES = ("tiny",)
"""Prompts that ship beside the built-in one, for `--prompt NAME`."""


def _parts(name: str) -> dict[str, Any]:
    return tomllib.loads((files("lhe_tui.assets") / "prompts" / f"{name}.toml").read_text(encoding="utf-8"))
