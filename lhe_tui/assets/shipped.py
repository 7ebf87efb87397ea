"""What ships with the package: the word list, the built-in prompt, and recorded sessions."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lhe_tui.task.prompts import PromptTemplate, read_template
from lhe_tui.task.variants.registry import VARIANTS
from lhe_tui.task.variants.variant import AnyVariant


@cache
def built_in_words() -> tuple[str, ...]:
    """The package's own five-letter words, in a fixed order that seeds depend on."""
    return tuple((files("lhe_tui.assets") / "words.txt").read_text(encoding="utf-8").split())


@cache
def built_in_template() -> PromptTemplate:
    """The package's own prompt."""
    return read_template(_parts("built-in"))


def story_folder() -> Path | None:
    """The recorded sessions that ship: in the package, or in the checkout that it runs from."""
    package = Path(__file__).parents[1]
    if (package / "sessions").is_dir():
        return package / "sessions"
    checkout = package.parent
    there = (checkout / "sessions").is_dir() and (checkout / "pyproject.toml").is_file()
    return checkout / "sessions" if there else None


@cache
def named_template(name: str) -> PromptTemplate:
    """One of `NAMED_TEMPLATES`; parts that it leaves out are those of the built-in prompt."""
    return read_template(_parts(name), built_in_template(), name)


NAMED_TEMPLATES = ("tiny",)
"""Prompts that ship beside the built-in one, for `--prompt NAME`."""


def template_text(name: str) -> str:
    """The file of a prompt that ships, as it stands: `built-in`, or one of NAMED_TEMPLATES."""
    file = files("lhe_tui.assets") / "prompts" / f"{name.replace('-', '_')}.toml"
    text = file.read_text(encoding="utf-8")
    return text + "".join(map(_own_texts, VARIANTS.values())) if name == "built-in" else text


def _own_texts(variant: AnyVariant) -> str:
    """The texts that a variant brings, as a table of the file: JSON's strings are TOML's."""
    lines = [f"{part} = {json.dumps(text, ensure_ascii=False)}\n" for part, text in variant.texts.items()]
    return "".join([f"\n[own.{variant.name}]\n", *lines]) if lines else ""


def _parts(name: str) -> dict[str, Any]:
    return tomllib.loads(template_text(name))
